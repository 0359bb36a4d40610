"""How much memory a stretch of work took at its peak."""

import contextlib
import ctypes
import re
import sys
from pathlib import Path
from types import TracebackType

import torch

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


class PeakMemory:
    """A context that measures the peak of memory above what was in use when it began.

    bytes: of the device on CUDA, else of this process; None where the system cannot tell (only Linux can).
    """

    def __init__(self, device: torch.device) -> None:
        self.device, self.bytes = device, None
        self._before: int | None = None

    bytes: int | None

    def __enter__(self) -> "PeakMemory":
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
            self._before = torch.cuda.memory_allocated(self.device)
        elif self.device.type == "cpu":
            self._before = _start_of_process()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is None:
            return
        on_device = self.device.type == "cuda"
        peak = torch.cuda.max_memory_allocated(self.device) if on_device else _status("VmHWM")
        self.bytes = None if peak is None else max(0, peak - self._before)


def _start_of_process() -> int | None:
    """Give unused memory back, forget the earlier peak, and return what is in use."""
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        RESET.write_text(RESET_PEAK)
    except OSError:
        return None
    return _status("VmRSS")


def _status(key: str) -> int | None:
    with contextlib.suppress(OSError):
        found = re.search(rf"^{key}:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None
