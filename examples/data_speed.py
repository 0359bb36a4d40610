"""What a random frame costs: decoded from the video by its time, or read from the packed cache.

    python examples/data_speed.py

makes a clip of 256x256 and 300 frames, and prints milliseconds a frame, and the share of a step of vox-256
(about 2 s a sample on two cores) that two frames take.
"""

import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from animate_cli.data.sample_clip import write_sample_clip
from animate_cli.data.videos import FrameStore, Video
from animate_cli.media import open_reader

FRAMES, SIDE, RATE = 300, 256, 25
TRIES = 20
STEP = 2.0
"""Seconds of a step of vox-256 for each sample."""


def measure(read: Callable[[int], object]) -> float:
    """Return the seconds of reading a random frame."""
    chosen = random.Random(1).sample(range(FRAMES), TRIES)  # noqa: S311
    start = time.perf_counter()
    for number in chosen:
        read(number)
    return (time.perf_counter() - start) / TRIES


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        clip = write_sample_clip(Path(folder), SIDE, FRAMES).driving

        def seek(number: int) -> object:
            with open_reader(clip, start=Fraction(number, RATE)) as reader:
                return next(iter(reader)).image

        store = FrameStore(Path(folder) / "cache", (SIDE, SIDE))
        start = time.perf_counter()
        packed = store.frames(Video(clip))
        print(
            f"packing {FRAMES} frames once: {time.perf_counter() - start:.2f} s, {packed.nbytes / 2**20:.0f} MiB"
        )
        ways = {
            "decoded by its time": seek,
            "from the packed cache": lambda number: np.array(store.frames(Video(clip))[number]),
        }
        for name, read in ways.items():
            seconds = measure(read)
            print(f"{name}: {1000 * seconds:.1f} ms a frame, {2 * seconds / STEP:.1%} of a step")


if __name__ == "__main__":
    main()
