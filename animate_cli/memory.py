"""What becomes of memory that is freed, where the C library is glibc: kept for what comes next, or given back."""

import contextlib
import ctypes
import sys
from collections.abc import Mapping

TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4
"""Of glibc's malloc.h."""

NEVER = -1
DEFAULT_TRIM, DEFAULT_MMAP_MAX = 128 << 10, 1 << 16
LARGE_BLOCK = 1 << 20
ADAPTED = 32 << 20
"""How far glibc raises its threshold by itself as blocks are freed."""


def keep_memory() -> bool:
    """Keep memory that is freed for what comes next: for work that asks for the same large blocks again and again.

    To get the blocks of every batch from the system anew costs a tenth to a half of the time. The process then
    stays as large as it once was. Tell whether it was done; other C libraries are left as they are.
    """
    return _tune({MMAP_MAX: 0, TRIM_THRESHOLD: NEVER})


def usual_memory() -> bool:
    """Do as glibc comes to do by itself: keep freed blocks of up to 32 MB, give larger ones back.

    What programs have that do not choose. Tell whether it was done.
    """
    return _tune({MMAP_MAX: DEFAULT_MMAP_MAX, MMAP_THRESHOLD: ADAPTED, TRIM_THRESHOLD: 2 * ADAPTED})


def return_memory() -> bool:
    """Give blocks of a megabyte and more back to the system as soon as they are free.

    By default glibc comes to keep blocks of up to 32 MB in its heap, where a small block between two large ones
    keeps the next large one out of the hole: for blocks of many sizes memory then grows with the length of the
    clip. Tell whether it was done.
    """
    return _tune({MMAP_MAX: DEFAULT_MMAP_MAX, MMAP_THRESHOLD: LARGE_BLOCK, TRIM_THRESHOLD: DEFAULT_TRIM})


def _tune(values: Mapping[int, int]) -> bool:
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        return all(mallopt(option, value) for option, value in values.items())
    return False
