from dataclasses import replace

import pytest
import torch

from animate_cli.errors import ConfigError
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.half_size import half_size_config, half_size_twin
from tests.tiny import pictures, tiny_config, tiny_model


def test_twin_shares_every_weight_and_statistic() -> None:
    model = tiny_model()
    twin = half_size_twin(model)
    own, shared = model.state_dict(), twin.state_dict()
    assert own.keys() == shared.keys()
    assert all(own[name].data_ptr() == shared[name].data_ptr() for name in own)
    assert all(a is b for a, b in zip(model.parameters(), twin.parameters(), strict=True))


def test_training_the_twin_trains_the_model() -> None:
    model = tiny_model()
    twin = half_size_twin(model).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    twin(pictures(2, 32, 32), pictures(2, 32, 32, seed=1))[0].image.mean().backward()
    optimizer.step()
    after = model.state_dict()
    for name in ("generator.final.weight", "generator.first.norm.running_mean"):
        assert not torch.equal(before[name], after[name])
        assert torch.equal(twin.state_dict()[name], after[name])
    assert after["generator.first.norm.num_batches_tracked"] == 1


def test_loading_into_the_model_reaches_the_twin() -> None:
    model = tiny_model()
    twin = half_size_twin(model)
    model.load_state_dict(tiny_model(seed=1).state_dict())
    assert torch.equal(twin.generator.final.weight, tiny_model(seed=1).generator.final.weight)


@torch.no_grad()
def test_motion_keeps_its_resolution() -> None:
    model, twin = tiny_model(), half_size_twin(tiny_model()).eval()
    small = twin(pictures(1, 32, 32), pictures(1, 32, 32, seed=1))[0]
    whole = model(pictures(1), pictures(1, seed=1))[0]
    assert small.image.shape == (1, 3, 32, 32)
    assert small.motion.deformation.shape == whole.motion.deformation.shape


def test_scales_stop_at_one() -> None:
    config = tiny_config()
    config = replace(config, detector=replace(config.detector, scale=1.0))
    half = half_size_config(config)
    assert (half.size, half.detector.scale, half.motion.scale) == ((32, 32), 1.0, 0.5)


def test_a_size_that_cannot_be_halved_is_told() -> None:
    config = replace(
        tiny_config(), size=(96, 96), motion=replace(tiny_config().motion, scale=1.0, num_blocks=5)
    )
    with pytest.raises(ConfigError, match="48x48"):
        half_size_twin(MotionModel(config))
