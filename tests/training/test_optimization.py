import copy
from typing import Any

import pytest
import torch
from torch import nn

from animate_cli.config import OptimizerConfig
from animate_cli.training.losses import LossTerms
from animate_cli.training.optimization import Losses, Updates


def make(**settings: Any) -> tuple[nn.Linear, Updates]:
    torch.manual_seed(0)
    network = nn.Linear(3, 1)
    config = OptimizerConfig(**{"learning_rate": 0.1, "epochs": 10, "milestones": (5, 8), **settings})
    return network, Updates(config, 100, [(network, 0.1)])


def losses(network: nn.Linear, factor: float = 1.0) -> LossTerms:
    output = network(torch.ones(2, 3)).sum()
    return LossTerms({"first": output * factor, "second": output.square()})


def step(updates: Updates, losses: LossTerms, number: int) -> Losses:
    updates.begin(number)
    updates.add(losses)
    return updates.finish()


def weights(network: nn.Linear) -> torch.Tensor:
    return network.weight.detach().clone()


def test_losses_go_down_and_are_returned_by_name() -> None:
    network, updates = make()
    values = [step(updates, losses(network, 0.0), number) for number in range(20)]
    assert values[0].keys() == {"first", "second"}
    assert values[-1]["second"] < values[0]["second"]


@pytest.mark.parametrize(("number", "rate"), [(0, 0.1), (49, 0.1), (50, 0.01), (79, 0.01), (80, 0.001)])
def test_learning_rate_falls_at_milestones_stretched_to_the_run(number: int, rate: float) -> None:
    network, updates = make()
    step(updates, losses(network), number)
    assert updates.adam.param_groups[0]["lr"] == pytest.approx(rate)


def test_learning_rate_warms_up() -> None:
    network, updates = make(warmup_steps=4)
    rates = []
    for number in range(6):
        step(updates, losses(network), number)
        rates.append(updates.adam.param_groups[0]["lr"])
    assert rates == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1, 0.1])


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_changes_nothing(bad: float) -> None:
    network, updates = make()
    step(updates, losses(network), 0)
    before = weights(network)
    with pytest.raises(FloatingPointError, match="first is not a finite number"):
        step(updates, losses(network, bad), 1)
    assert torch.equal(weights(network), before)


def test_a_gradient_that_is_not_finite_changes_nothing() -> None:
    network, updates = make()
    before = weights(network)
    root = (network.weight * 0).sum().sqrt()
    with pytest.raises(FloatingPointError, match="gradient"):
        step(updates, LossTerms({"root": root}), 0)
    assert torch.equal(weights(network), before)


def test_clipping_bounds_the_gradient() -> None:
    network, updates = make(clip_norm=0.5)
    step(updates, losses(network, 1e4), 0)
    gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
    assert float(nn.utils.get_total_norm(gradients)) == pytest.approx(0.5, rel=1e-4)


def test_a_restored_state_goes_on_alike_but_for_the_configs_rate() -> None:
    network, updates = make()
    step(updates, losses(network), 0)
    other, again = make()
    other.load_state_dict(network.state_dict())
    again.restore(copy.deepcopy(updates.state()))
    for one, one_updates in ((network, updates), (other, again)):
        step(one_updates, losses(one), 1)
    assert torch.equal(network.weight, other.weight)
    slower = Updates(OptimizerConfig(), 100, [(other, 0.001)])
    slower.restore(updates.state())
    step(slower, losses(other), 2)
    assert slower.adam.param_groups[0]["lr"] == 0.001


def scaled() -> tuple[nn.Linear, Updates]:
    """Return updates with float16's scaler, on the CPU."""
    network, updates = make(precision="fp16")
    assert updates.scaler.is_enabled()
    return network, updates


def test_float16_steps_as_float32_does() -> None:
    (network, updates), (other, plain) = scaled(), make()
    step(updates, losses(network), 0)
    step(plain, losses(other), 0)
    torch.testing.assert_close(network.weight, other.weight)


def overflow(network: nn.Linear) -> LossTerms:
    """Return a loss that is finite and whose gradient is not."""
    return LossTerms({"root": (network.weight * 0).sum().sqrt()})


def test_float16_leaves_an_overflow_out_and_lowers_its_scale() -> None:
    network, updates = scaled()
    before, scale = weights(network), updates.scaler.get_scale()
    step(updates, overflow(network), 0)
    assert torch.equal(weights(network), before)
    assert updates.scaler.get_scale() == scale / 2


def test_float16_that_never_fits_is_told() -> None:
    network, updates = scaled()
    while updates.scaler.get_scale() >= 1:
        step(updates, overflow(network), 0)
    with pytest.raises(FloatingPointError, match="gradient"):
        step(updates, overflow(network), 0)


def test_float16_s_scale_comes_back_on_resume() -> None:
    network, updates = scaled()
    step(updates, overflow(network), 0)
    _, again = scaled()
    again.restore(copy.deepcopy(updates.state()))
    assert again.scaler.state_dict() == updates.scaler.state_dict()


def test_parts_of_a_batch_add_up() -> None:
    (network, updates), (other, whole) = make(accumulation=2), make()
    updates.begin(0)
    updates.add(losses(network))
    updates.add(losses(network, 3.0))
    values = updates.finish()
    mean = step(whole, losses(other, 2.0), 0)
    assert values == pytest.approx(mean)
    torch.testing.assert_close(network.weight, other.weight)
