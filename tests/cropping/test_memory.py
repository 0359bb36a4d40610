"""Memory does not grow with the length of a clip that is cropped."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from animate_cli.cropping import find, work
from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions
from animate_cli.cropping.run import SILENT
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection
from animate_cli.media import open_writer
folder, count = Path(sys.argv[1]), int(sys.argv[2])
image = np.full((240, 320, 3), 90, np.uint8)
image[:, :160] = 200
with open_writer(folder / "a.mp4", width=320, height=240, fps=Fraction(25)) as writer:
    for k in range(count):
        writer.write(np.roll(image, k, axis=1))

class Fixed:
    def detect(self, picture):
        return [Detection(Box(100, 60, 200, 160), 0.9)]

find.shared_detector = lambda name, device: Fixed()
outcome = work.crop_input(Task(folder / "a.mp4", "a"), None, folder, CropOptions(detector="lbp"), SILENT)
assert sum(row.frames for row in outcome.rows) == count, outcome
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_is_flat(tmp_path: Path) -> None:
    peaks = []
    for count in (300, 3000):
        folder = tmp_path / str(count)
        folder.mkdir()
        words = [sys.executable, "-c", SCRIPT, str(folder), str(count)]
        peaks.append(int(subprocess.run(words, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] - peaks[0] < 12_000  # kilobytes
