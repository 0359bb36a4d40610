"""Count the operations of convolutions and linear layers, 2 per multiply-add."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

Shape = Sequence[int]

COUNTED = frozenset({torch.ops.aten.convolution, torch.ops.aten.addmm, torch.ops.aten.mm})
"""A convolution, and a linear layer with and without bias; batched products are warps and averages."""


def count_operations(work: Callable[[], object]) -> int:
    """Run some work and count the operations that its convolutions and linear layers really did.

    Args:
        work: computes in the calling thread; whatever it does, folded, merged or in batches, counts as done.
    """
    with FlopCounterMode(display=False, custom_mapping=_fused()) as counter:
        work()
    counts: Mapping[Any, int] = counter.get_flop_counts().get("Global", {})
    counted = COUNTED | _fused().keys()
    return sum(count for operation, count in counts.items() if operation in counted)


def _fused() -> dict[Any, Callable[..., int]]:
    """Return oneDNN's fused convolutions that this torch has, each with what counts its operations."""
    counts: dict[str, Callable[..., int]] = {
        "_convolution_pointwise": _count,
        "_convolution_pointwise_": lambda total, *rest, **options: _count(*rest, **options),
        "_convolution_transpose_pointwise": _count_transposed,
    }
    known = {getattr(torch.ops.mkldnn, name, None): count for name, count in counts.items()}
    known[getattr(torch.ops.onednn, "qconv2d_pointwise", None)] = _count_bytes
    return {operation: count for operation, count in known.items() if operation is not None}


def _count(x: Shape, kernel: Shape, *rest: object, out_shape: Shape, **options: object) -> int:
    """Count 2 for each multiply-add: every kernel value meets each place of the result once."""
    return 2 * math.prod(kernel) * out_shape[0] * math.prod(out_shape[2:])


def _count_bytes(
    x: Shape, scale: float, zero: int, kernel: Shape, *rest: object, out_shape: Shape, **options: object
) -> int:
    """Count as for floating values."""
    return _count(x, kernel, out_shape=out_shape)


def _count_transposed(x: Shape, kernel: Shape, *rest: object, **options: object) -> int:
    """Count 2 for each multiply-add: every kernel value meets each place of what comes in once."""
    return 2 * math.prod(kernel) * x[0] * math.prod(x[2:])
