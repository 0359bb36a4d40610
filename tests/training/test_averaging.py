import torch

from animate_cli.model.motion_model import MotionModel
from animate_cli.training.averaging import AveragedModel
from tests.tiny import tiny_model


def shifted(model: MotionModel, amount: float) -> MotionModel:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(amount)
    return model


def test_no_decay_follows_the_model() -> None:
    model = tiny_model()
    averaged = AveragedModel(model, 0.0)
    averaged.update(shifted(model, 0.5), 1)
    state = averaged.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_average_moves_by_what_decay_leaves() -> None:
    model = tiny_model()
    before = model.generator.final.weight.detach().clone()
    averaged = AveragedModel(model, 0.75)
    averaged.update(shifted(model, 1.0), 10_000)
    assert torch.allclose(averaged.model.generator.final.weight, before + 0.25, atol=1e-6)


def test_early_steps_average_over_fewer() -> None:
    model = tiny_model()
    before = model.generator.final.weight.detach().clone()
    averaged = AveragedModel(model, 0.999)
    averaged.update(shifted(model, 1.0), 0)
    assert torch.allclose(averaged.model.generator.final.weight, before + 0.9, atol=1e-5)


def test_statistics_are_averaged_and_counters_copied() -> None:
    model = tiny_model()
    norm = model.generator.first.norm
    assert isinstance(norm, torch.nn.BatchNorm2d)
    averaged = AveragedModel(model, 0.5)
    assert norm.running_mean is not None
    assert norm.num_batches_tracked is not None
    before = norm.running_mean.clone()
    norm.running_mean += 1
    norm.num_batches_tracked += 7
    averaged.update(model, 10_000)
    state = averaged.model.state_dict()
    assert torch.allclose(state["generator.first.norm.running_mean"], before + 0.5)
    assert state["generator.first.norm.num_batches_tracked"] == 7


def test_the_average_is_for_use_not_for_training() -> None:
    averaged = AveragedModel(tiny_model().train(), 0.9).model
    assert not averaged.training
    assert not any(parameter.requires_grad for parameter in averaged.parameters())
