"""What a GPU gains from: work recorded once and replayed, and copies that nothing waits for.

A recorded graph saves the launch of each of several hundred kernels; pinned memory and a stream of their own let
pictures come and go while the networks compute. Elsewhere the same code computes at once.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

WARM_UP = 2
"""Runs before the recording on a stream of its own, where libraries choose their kernels and take their memory."""

Replay = Callable[[], None]
Work = Callable[..., Any]


class Recorder(Protocol):
    """Records work that reads and writes the same tensors each time."""

    def __call__(self, work: Callable[[], Any]) -> tuple[Any, Replay]:
        """Run some work; return its result, and what computes it anew in place."""


def record_on_cuda(work: Callable[[], Any], device: torch.device | None = None) -> tuple[Any, Replay]:
    """Record work of a device, by default the current one, as a CUDA graph.

    Other threads may use the device meanwhile, such as the one that measures an evaluation's last frames.
    """
    with torch.cuda.device(device):  # a recording hears the streams of the current device alone
        stream = _stream(None)
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            result = work()
    return result, graph.replay


class Captured:
    """Work on tensors that is recorded when a shape of its input comes a second time, and replayed from then on.

    The result of a call is its own: the next call does not change it.
    """

    def __init__(self, work: Work, record: Recorder = record_on_cuda) -> None:
        self._work, self._record = work, record
        self._met: set[tuple[Any, ...]] = set()
        self._recorded: dict[tuple[Any, ...], tuple[list[Tensor], Any, Replay]] = {}

    def __call__(self, *inputs: Any) -> Any:  # noqa: ANN401  (whatever the work takes and gives)
        """Do the work."""
        tensors, structure = pytree.tree_flatten(inputs)
        key = tuple((tensor.shape, tensor.dtype) for tensor in tensors)
        if key not in self._met:
            self._met.add(key)
            return self._work(*inputs)
        if key not in self._recorded:
            kept = [tensor.clone() for tensor in tensors]
            words = pytree.tree_unflatten(kept, structure)
            self._recorded[key] = kept, *self._record(lambda: self._work(*words))
        kept, result, replay = self._recorded[key]
        for place, tensor in zip(kept, tensors, strict=True):
            place.copy_(tensor)
        replay()
        return pytree.tree_map_only(Tensor, torch.clone, result)


def capture(work: Work, device: torch.device) -> Work:
    """Return work that is replayed on CUDA; elsewhere the work itself."""
    return Captured(work, partial(record_on_cuda, device=device)) if device.type == "cuda" else work


def upload(tensor: Tensor, device: torch.device) -> Tensor:
    """Copy a tensor to a device; to CUDA without waiting, through pinned memory."""
    pinned = tensor.pin_memory() if device.type == "cuda" else tensor
    return pinned.to(device, non_blocking=True)


class Download:
    """A tensor on its way to the host, on a stream of its own; `wait` returns it."""

    def __init__(self, tensor: Tensor, stream: "torch.cuda.Stream | None" = None) -> None:
        self._host, self._event = tensor, None
        if stream is None:
            return
        stream.wait_stream(torch.cuda.current_stream(tensor.device))
        with torch.cuda.stream(stream):
            self._host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._host.copy_(tensor, non_blocking=True)
            tensor.record_stream(stream)
            self._event = stream.record_event()

    _event: "torch.cuda.Event | None"

    def wait(self) -> Tensor:
        """Return the tensor, in the host's memory on CUDA, once it is there."""
        if self._event is not None:
            self._event.synchronize()
        return self._host


def side_stream(device: torch.device) -> "torch.cuda.Stream | None":
    """Make a stream for copies; None where nothing is gained."""
    return _stream(device) if device.type == "cuda" else None


def _stream(device: torch.device | None) -> "torch.cuda.Stream":
    made: torch.cuda.Stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    return made
