"""Keep the process's memory flat over long clips."""

import contextlib
import ctypes
import sys

MMAP_THRESHOLD = -3
LARGE_BLOCK = 1 << 20


def return_large_blocks() -> bool:
    """Let the C library give blocks of a megabyte and more back to the system as soon as they are free.

    By default glibc comes to keep blocks of up to 32 MB in its heap, where a small block between two batches'
    tensors keeps the next batch out of the hole: memory then grows with the length of the clip. Tell whether
    it was done; other C libraries are left as they are.
    """
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE_BLOCK))
    return False
