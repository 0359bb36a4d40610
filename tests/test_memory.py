"""Memory stays flat: what is freed goes back although small blocks in between are kept."""

import platform
import subprocess
import sys

import pytest

GROWTH = """
import numpy as np
from animate_cli.memory import return_memory
def resident():
    return int(open('/proc/self/statm').read().split()[1]) * 4096
assert {done} == 0 or return_memory()
np.ones(30 << 20, np.uint8)  # freed at once; from here on glibc takes such sizes from its heap
kept, before = [], resident()
for step in range(100):
    large = np.ones((2 << 20) + step * 65536, np.uint8)
    kept.append(np.ones(2000, np.uint8))
    del large
print(resident() - before)
"""

KEPT = """
import numpy as np
from animate_cli.memory import keep_memory, return_memory
def resident():
    return int(open('/proc/self/statm').read().split()[1]) * 4096
assert return_memory()
assert not {keep} or keep_memory()
before = resident()
np.ones(30 << 20, np.uint8)
print(resident() - before)
"""


def growth(done: int) -> int:
    """Return the bytes that a hundred passing blocks leave behind."""
    code = GROWTH.format(done=done)
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc's heap")
def test_large_blocks_go_back() -> None:
    assert growth(1) < min(4_000_000, growth(0) / 2)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc's heap")
def test_large_blocks_are_kept_again_where_that_is_asked_for() -> None:
    def left(keep: bool) -> int:
        code = KEPT.format(keep=keep)
        return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)

    assert left(keep=False) < 4_000_000
    assert left(keep=True) > 25_000_000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about glibc's heap")
def test_usually_blocks_of_some_size_are_kept_and_larger_ones_go_back() -> None:
    code = (
        KEPT.replace("assert not {keep} or keep_memory()", "assert usual_memory()")
        .replace("import keep_memory", "import usual_memory")
        .replace("30 << 20", "{size} << 20")
    )

    def left(size: int) -> int:
        run = subprocess.run([sys.executable, "-c", code.format(size=size)], capture_output=True, check=True)
        return int(run.stdout)

    assert left(30) > 25_000_000
    assert left(40) < 4_000_000
