"""Two processes train as one with the same global batch: here as threads, in test_distribution as processes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.data.toon_stream import ToonStream
from animate_cli.errors import ConfigError, DeviceError
from animate_cli.training.processes import Processes, mean_of_all, take_share
from animate_cli.training.shared_norm import SharedBatchNorm, share_statistics
from animate_cli.training.step import TrainingStep
from tests.training.runs import FixedPairs, on_toons, on_videos
from tests.training.test_step import adversarial


class Team:
    """What the threads of a run share."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.barrier = threading.Barrier(count, timeout=60)
        self.given: list[Any] = [None] * count


class Member:
    """One of several processes, played by a thread."""

    def __init__(self, team: Team, rank: int) -> None:
        self.team = team
        self.rank = rank
        self.count = team.count

    def mean(self, tensor: Tensor) -> Tensor:
        self.team.given[self.rank] = tensor.detach().clone()
        self.team.barrier.wait()
        mean = torch.stack(self.team.given).mean(0)
        self.team.barrier.wait()
        with torch.no_grad():
            return tensor.copy_(mean)

    def first(self, path: Path) -> Path:
        raise NotImplementedError


def together(count: int, work: Callable[[Processes], Any]) -> list[Any]:
    """Let threads do a piece of work as the processes of one run."""
    team = Team(count)
    with ThreadPoolExecutor(count) as pool:
        tasks = [pool.submit(work, Member(team, rank)) for rank in range(count)]
        return [task.result() for task in tasks]


def make_plain(config: Config, processes: Processes | None = None) -> TrainingStep:
    """Make steps straight down the gradient: Adam's first ones follow its sign, be it only rounding."""
    work = TrainingStep(config, 3, device="cpu", processes=processes)
    for updates in [work.updates] + ([work.discriminator_updates] if work.discriminator else []):
        updates.adam = torch.optim.SGD(updates.adam.param_groups)  # type: ignore[assignment]
    return work


def train(work: TrainingStep, batches: list[PairBatch]) -> dict[str, Tensor]:
    """Take a step on each batch and return weights and losses."""
    for number, batch in enumerate(batches):
        losses = work.run(batch, number)
    assert work.discriminator is None or "discriminator_gan" in losses
    return work.model.state_dict() | {name: torch.tensor(value) for name, value in losses.items()}


def warped_colours(config: Config) -> Config:
    """Add the losses of warped and disguised frames."""
    loss = replace(config.loss, equivariance_value=10.0, equivariance_jacobian=10.0, deformed=1.0)
    return replace(config, loss=replace(loss, occlusion_supervision=1.0))


@pytest.mark.parametrize(
    "config",
    [warped_colours(on_toons(batch_size=4, clip_norm=5.0, half_size_steps=1)), adversarial(batch_size=4)],
    ids=["toons", "adversarial"],
)
def test_two_processes_give_the_weights_of_one(config: Config) -> None:
    members = [Member(team, rank) for team in [Team(2)] for rank in range(2)]
    works = [make_plain(config, member) for member in members]  # in turn: the seed is the whole program's
    pairs: PairSource = FixedPairs(4) if config.data.toons == "none" else ToonStream(config.data, 4)
    batches = [pairs.batch(number, works[0].size_at(number)) for number in range(3)]
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(train, works, [batches] * 2)
    work = make_plain(config)
    start = {name: tensor.clone() for name, tensor in work.model.state_dict().items()}
    for name, tensor in train(work, batches).items():
        assert torch.equal(one[name], two[name]), name
        way = (tensor - start.get(name, 0)).double().abs().max()
        error = (one[name] - tensor).double().abs().max()
        assert error <= 0.1 * way + 2e-6, name  # steps enlarge what rounding begins


def test_accumulation_adds_up_to_the_gradient_of_the_whole_batch() -> None:
    config = on_videos(batch_size=4)
    parts = replace(config, optimizer=replace(config.optimizer, accumulation=2))
    batch = FixedPairs(4).batch(0, (64, 64))
    gradients = []
    for one in (config, parts):
        work = TrainingStep(one, 3, device="cpu")
        for module in work.model.modules():
            if isinstance(module, nn.BatchNorm2d):  # the statistics are each part's own
                module.momentum, module.training = 0.0, False
                module.train = lambda mode=True, module=module: module  # type: ignore[method-assign,misc]
        work.run(batch, 0)
        gradients.append(work.model.generator.final.weight.grad)
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-7)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"batch_size 3 .* multiple of 2"):
        TrainingStep(on_videos(batch_size=3, accumulation=2), 3, device="cpu")


def test_float16_is_refused_on_a_cpu() -> None:
    with pytest.raises(DeviceError, match=r"fp16 is far slower .* use auto, bf16 or fp32"):
        TrainingStep(on_videos(precision="fp16"), 3, device="cpu")


def test_shared_batch_norm_is_batch_norm_of_the_whole() -> None:
    torch.manual_seed(0)
    x, norm = 3 + 2 * torch.randn(4, 5, 6, 7), nn.BatchNorm2d(5)
    nn.init.normal_(norm.weight)
    weight = torch.randn_like(x)
    whole = x.clone().requires_grad_()
    expected = norm(whole)
    torch.autograd.backward((expected * weight).mean())

    def share(processes: Processes) -> tuple[Tensor, Tensor, nn.Module]:
        own = nn.BatchNorm2d(5)
        own.weight.data.copy_(norm.weight)
        shared = share_statistics(nn.Sequential(own), processes)[0]
        part = take_share(x, processes.rank, 2).clone().requires_grad_()
        result = shared(part)
        torch.autograd.backward((result * take_share(weight, processes.rank, 2)).mean())
        assert part.grad is not None
        return result, part.grad / 2, shared

    results, gradients, norms = zip(*together(2, share), strict=True)
    torch.testing.assert_close(torch.cat(results), expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(torch.cat(gradients), whole.grad, rtol=1e-4, atol=1e-7)
    assert isinstance(norms[0], SharedBatchNorm)
    for name, value in norms[0].state_dict().items():
        torch.testing.assert_close(value, norm.state_dict()[name])


def test_gradients_flow_back_through_a_mean_to_all() -> None:
    def work(processes: Processes) -> Tensor:
        x = torch.tensor(float(processes.rank), requires_grad=True)
        mean = mean_of_all(x, processes)
        torch.autograd.backward(mean * (1.0 + processes.rank))
        assert float(mean.detach()) == 0.5
        assert x.grad is not None
        return x.grad

    assert together(2, work) == [1.5, 1.5]
