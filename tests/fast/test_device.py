"""Work that is recorded and replayed, and copies on their way: on a CPU by a stand-in, on a GPU if there is one."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from animate_cli.animator import Animator
from animate_cli.arrays import to_pictures
from animate_cli.fast.device import Captured, Download, capture, record_on_cuda, upload
from tests.tiny import pictures, tiny_model

CPU = torch.device("cpu")


class Pair(NamedTuple):
    """Two tensors, and nothing."""

    sum: Tensor
    parts: tuple[Tensor, ...]
    nothing: None = None


class Words(NamedTuple):
    """What the work takes besides a tensor."""

    first: Tensor
    second: Tensor


def add(one: Tensor, other: Words) -> Pair:
    return Pair(one + other.first, (one * 2, other.second))


class StandIn:
    """Records as CUDA does: the result's tensors stay where they are, and a replay writes into them."""

    def __init__(self) -> None:
        self.recordings = 0

    def __call__(self, work: Callable[[], Any]) -> tuple[Any, Callable[[], None]]:
        self.recordings += 1
        result = pytree.tree_map_only(Tensor, torch.clone, work())
        kept = pytree.tree_leaves(result)

        def replay() -> None:
            for place, value in zip(kept, pytree.tree_leaves(work()), strict=True):
                if isinstance(place, Tensor):
                    place.copy_(value)

        return result, replay


def inputs(seed: int, count: int = 2) -> tuple[Tensor, Words]:
    generator = torch.Generator().manual_seed(seed)
    one, two, three = torch.rand(3, count, 4, generator=generator)
    return one, Words(two, three)


def assert_same(found: Pair, wanted: Pair) -> None:
    assert found.nothing is None
    for one, other in zip((found.sum, *found.parts), (wanted.sum, *wanted.parts), strict=True):
        torch.testing.assert_close(one, other)


def test_replayed_work_gives_what_the_work_gives_and_keeps_it() -> None:
    record = StandIn()
    captured = Captured(add, record)
    found = [captured(*inputs(seed)) for seed in range(5)]
    assert record.recordings == 1
    for seed, one in enumerate(found):
        assert_same(one, add(*inputs(seed)))


def test_each_shape_is_recorded_when_it_comes_again() -> None:
    record = StandIn()
    captured = Captured(add, record)
    for seed, count in enumerate([4, 4, 4, 3, 4, 3, 2]):
        assert_same(captured(*inputs(seed, count)), add(*inputs(seed, count)))
    assert record.recordings == 2


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_frames_are_the_same_however_far_ahead_batches_are_begun(
    lag: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = list(to_pictures(pictures(7)))
    plain = Animator(tiny_model(), device="cpu", precision="fp32", batch_size=2)
    wanted = list(plain.animate_frames(frames[0], frames))
    monkeypatch.setattr("animate_cli.animator.capture", lambda work, device: Captured(work, StandIn()))
    ahead = Animator(tiny_model(), device="cpu", precision="fp32", batch_size=2)
    ahead.lag = lag
    found = list(ahead.animate_frames(frames[0], frames))
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert abs(one.astype(int) - other).max() <= 1


def test_a_cpu_computes_at_once() -> None:
    tensor = torch.rand(3)
    assert capture(add, CPU) is add
    assert upload(tensor, CPU) is tensor
    assert Download(tensor).wait() is tensor


def test_work_is_recorded_on_its_own_device(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[torch.device] = []

    def record(work: Callable[[], Any], device: torch.device) -> tuple[Any, Callable[[], None]]:
        asked.append(device)
        return StandIn()(work)

    monkeypatch.setattr("animate_cli.fast.device.record_on_cuda", record)
    captured = capture(add, torch.device("cuda:1"))
    for seed in range(3):
        assert_same(captured(*inputs(seed)), add(*inputs(seed)))
    assert asked == [torch.device("cuda:1")]


@pytest.mark.gpu
def test_a_cuda_graph_gives_what_the_work_gives() -> None:
    captured = Captured(add, record_on_cuda)
    for seed in range(4):
        words = pytree.tree_map_only(Tensor, lambda tensor: tensor.cuda(), inputs(seed))
        assert_same(captured(*words), add(*words))


@pytest.mark.gpu
def test_frames_of_a_gpu_are_those_of_a_cpu() -> None:
    frames = list(to_pictures(pictures(20)))
    ways = [
        Animator(tiny_model(), device=device, precision="fp32", batch_size=4) for device in ("cpu", "cuda")
    ]
    cpu, gpu = (list(way.animate_frames(frames[0], frames)) for way in ways)
    for one, other in zip(cpu, gpu, strict=True):
        assert abs(one.astype(int) - other).max() <= 2
