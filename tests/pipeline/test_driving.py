"""Reading a driving's motion: decoding and looking at candidates for the reference overlap."""

import threading
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from animate_cli.arrays import Picture
from animate_cli.bench.listener import RunListener
from animate_cli.motion import Motion
from animate_cli.pipeline.driving import MOST_AHEAD, read_driving
from animate_cli.pipeline.job import AnimateJob
from tests.bench.listening import Heard

BATCH = 4


class Reader:
    """A clip of empty frames that counts those that were decoded."""

    audio, warnings = None, ()

    def __init__(self, count: int, wanted: int) -> None:
        self.info = SimpleNamespace(num_frames=count, height=64, width=64, fps=Fraction(25))
        self.wanted, self.reached = wanted, threading.Event()
        self.decoded = 0

    def __iter__(self) -> Iterator[Any]:
        for number in range(self.info.num_frames):
            self.decoded += 1
            if self.decoded >= self.wanted:
                self.reached.set()
            image = np.zeros((64, 64, 3), np.uint8)
            yield SimpleNamespace(image=image, time=Fraction(number, 25), duration=Fraction(1, 25))


class SlowAnimator:
    """Finds motions, and does not come back from its first batch before so many frames were decoded."""

    size, batch_size = (64, 64), BATCH

    def __init__(self, reader: Reader, patience: float) -> None:
        self.reader, self.patience = reader, patience
        self.enough: bool | None = None

    def detect(self, frames: Iterable[Picture]) -> Iterator[Motion]:
        for _ in frames:
            if self.enough is None:
                self.enough = self.reader.reached.wait(self.patience)
            yield Motion(np.zeros((1, 2), np.float32), np.zeros((1, 2, 2), np.float32))


def read(count: int, wanted: int, patience: float = 5) -> tuple[Any, SlowAnimator]:
    reader = Reader(count, wanted)
    animator = SlowAnimator(reader, patience)
    job = AnimateJob(Path("source.png"), Path("driving.mp4"), Path("out.mp4"))
    listener = RunListener(Heard(), "Reading")
    return read_driving(reader, job, animator, listener, lambda: ""), animator  # type: ignore[arg-type]


def test_all_frames_of_the_next_candidates_are_decoded_while_some_are_looked_at() -> None:
    step = 2  # of 100 frames every other one may become the reference
    driving, animator = read(100, wanted=1 + step * BATCH)
    assert animator.enough
    assert len(driving.clip.motions) == len(driving.clip.times) == 100
    assert driving.last == Fraction(1, 25)


def test_of_a_long_clip_only_so_many_are_decoded_ahead() -> None:
    beyond = MOST_AHEAD + 3  # one is looked at, and one waits in the decoder's hand
    _, animator = read(2000, wanted=beyond, patience=0.3)
    assert animator.enough is False
