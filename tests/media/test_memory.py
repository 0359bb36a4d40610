"""Memory does not grow with the length of a clip, neither ours nor ffmpeg's."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import resource, sys
from fractions import Fraction
import numpy as np
from animate_cli.media import open_reader, open_writer
path, count = sys.argv[1], int(sys.argv[2])
image = np.full((112, 160, 3), 90, np.uint8)
image[:, :80] = 200
with open_writer(path, width=160, height=112, fps=Fraction(25)) as writer:
    for k in range(count):
        writer.write(np.roll(image, k, axis=1))
assert sum(1 for _ in open_reader(path)) == count
print(*(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
"""


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_memory_is_flat(tmp_path: Path, ending: str) -> None:
    peaks = [peaks_of(tmp_path / f"o.{ending}", count) for count in (100, 600)]
    for short, long in zip(*peaks, strict=True):
        assert long - short < 10_000


def peaks_of(path: Path, count: int) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), str(count)], check=True, capture_output=True, text=True
    )
    return [int(part) for part in done.stdout.split()]
