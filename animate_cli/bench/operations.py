"""Count what convolutions and linear layers must do: operations, 2 per multiply-add, and bytes to be moved."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
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


def count_bytes(work: Callable[[], object]) -> int:
    """Run some work and count the bytes that its convolutions and linear layers read and wrote.

    Each reads its input and its kernel once, and writes its result once; nothing can do with less but what keeps
    results in a cache.
    """
    with _BytesMode() as mode:
        work()
    return int(mode.bytes)


class _BytesMode(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0
        self._counted = COUNTED | _fused().keys()

    def __torch_dispatch__(  # as torch wants it
        self,
        operation: Any,  # noqa: ANN401
        types: object,
        words: tuple[Any, ...] = (),
        named: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        if operation.overloadpacket not in self._counted:
            with self:  # what is made of others, such as conv2d, is counted by its parts
                parts = operation.decompose(*words, **(named or {}))
            if parts is not NotImplemented:
                return parts
        result = operation(*words, **(named or {}))
        if operation.overloadpacket in self._counted:
            tensors = [one for one in tree_leaves((words, named, result)) if isinstance(one, Tensor)]
            self.bytes += sum(_size(tensor) for tensor in tensors)
        return result


def _size(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


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
