"""Keep the process's memory flat over long clips."""

import contextlib
import ctypes
import sys
from collections.abc import Mapping

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
LARGE_BLOCK = 1 << 20
LARGEST_KEPT = 32 << 20
"""What glibc's own threshold grows to; it then keeps twice as much of what is free at the heap's end."""


def return_large_blocks() -> bool:
    """Let the C library give blocks of a megabyte and more back to the system as soon as they are free.

    By default glibc comes to keep blocks of up to 32 MB in its heap, where a small block between two batches'
    tensors keeps the next batch out of the hole: memory then grows with the length of the clip. Tell whether
    it was done; other C libraries are left as they are.
    """
    return _tune({MMAP_THRESHOLD: LARGE_BLOCK})


def keep_large_blocks() -> bool:
    """Let the C library keep blocks of up to 32 MB, as it does by default once it has met some.

    That is quicker by a few per cent. Tell whether it was done.
    """
    return _tune({MMAP_THRESHOLD: LARGEST_KEPT, TRIM_THRESHOLD: 2 * LARGEST_KEPT})


def _tune(values: Mapping[int, int]) -> bool:
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        return all(mallopt(option, value) for option, value in values.items())
    return False
