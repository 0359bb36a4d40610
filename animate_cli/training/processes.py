"""The processes of a run: one alone, or several that train on shares of every batch and agree on means."""

from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import torch
from torch import Tensor

Value = TypeVar("Value")


class Processes(Protocol):
    """What a process knows of the others: its own number ``rank`` among ``count``, and their means."""

    @property
    def rank(self) -> int:
        """This process's number, from 0."""

    @property
    def count(self) -> int:
        """How many there are."""

    def mean(self, tensor: Tensor) -> Tensor:
        """Average a tensor over all processes, in place; every process has to call."""

    def first(self, path: Path) -> Path:
        """Return the path that process 0 has; every process has to call."""


class Alone:
    """A run of one process."""

    rank = 0
    count = 1

    def mean(self, tensor: Tensor) -> Tensor:
        """Leave the tensor as it is."""
        return tensor

    def first(self, path: Path) -> Path:
        """Return the path."""
        return path


class MeanOfAll(torch.autograd.Function):
    """A mean over processes that gradients flow through: to each the mean of what all send back."""

    @staticmethod
    def forward(ctx: Any, tensor: Tensor, processes: Processes) -> Tensor:  # noqa: ANN401
        """Average over the processes."""
        ctx.processes = processes
        return processes.mean(tensor.clone())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ANN401
        """Average the gradients likewise."""
        return ctx.processes.mean(gradient.clone()), None


def mean_of_all(tensor: Tensor, processes: Processes) -> Tensor:
    """Average a tensor over all processes, with gradients; the tensor itself is left as it is."""
    mean: Tensor = MeanOfAll.apply(tensor, processes)  # type: ignore[no-untyped-call]
    return mean


def take_share(value: Value, share: int, shares: int) -> Value:
    """Take one of ``shares`` equal runs of rows of a tensor, or of a named tuple of tensors and None."""
    if isinstance(value, Tensor):
        return cast(Value, value.chunk(shares)[share])
    if isinstance(value, tuple):
        return cast(Value, type(value)(*(take_share(item, share, shares) for item in value)))
    return value
