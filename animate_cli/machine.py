"""What this machine is: its processor, memory and system. Needs nothing but Python."""

import contextlib
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
PROCESS = Path("/proc/self/stat")
START_TIME = 19
"""Where a process's line tells when it began, counted from 0 behind its name; in ticks since the system began."""


def processor_name() -> str:
    """Return the processor's model as its maker calls it, else its architecture."""
    with contextlib.suppress(OSError):
        for line in CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, name = line.partition(":")
            if key.strip() == "model name" and name.strip():
                return name.strip()
    if sys.platform == "darwin":
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return subprocess.check_output(["sysctl", "-n", "machdep.cpu.brand_string"], text=True).strip()
    return platform.processor() or platform.machine()


def usable_cores() -> int:
    """Count the processor's cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_bytes() -> int | None:
    """Return the machine's memory, or None where it cannot be asked."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def system_name() -> str:
    """Return the operating system with its version."""
    return platform.platform()


def python_version() -> str:
    """Return Python's version."""
    return platform.python_version()


def seconds_since_start() -> float:
    """Return how long ago this process began, the start of Python included where the system tells it."""
    with contextlib.suppress(OSError, ValueError, IndexError, AttributeError):
        began = PROCESS.read_text().rpartition(")")[2].split()[START_TIME]
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(began) / os.sysconf("SC_CLK_TCK")
    return time.process_time()


def ask_for_large_pages() -> None:
    """Let torch ask Linux for pages of 2 MB for its large tensors, unless the user has decided otherwise.

    A tensor's memory is given back and asked for anew with every batch; in pages of 4 KB that is a tenth of the
    time. Has to come before torch's first tensor.
    """
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
