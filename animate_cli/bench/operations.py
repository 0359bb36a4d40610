"""Count the operations of convolutions and linear layers, 2 per multiply-add."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

COUNTED = frozenset({torch.ops.aten.convolution, torch.ops.aten.addmm, torch.ops.aten.mm})
"""A convolution, and a linear layer with and without bias; batched products are warps and averages."""


def count_operations(work: Callable[[], object]) -> int:
    """Run some work and count the operations that its convolutions and linear layers really did.

    Args:
        work: computes in the calling thread; whatever it does, folded, merged or in batches, counts as done.
    """
    with FlopCounterMode(display=False) as counter:
        work()
    counts: Mapping[Any, int] = counter.get_flop_counts().get("Global", {})
    return sum(count for operation, count in counts.items() if operation in COUNTED)
