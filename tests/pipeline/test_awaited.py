"""Motions that are found when they are asked for."""

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from animate_cli.motion import Motion
from animate_cli.pipeline import awaited
from animate_cli.pipeline.awaited import AwaitedMotions


class Detector:
    """Finds the number that a picture is filled with, and keeps count."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, pictures: Iterable[np.ndarray]) -> Iterator[Motion]:
        for picture in pictures:
            self.seen.append(int(picture[0, 0, 0]))
            yield Motion(np.full((1, 2), picture[0, 0, 0], np.float32), np.zeros((1, 2, 2), np.float32))


def clip(count: int = 10) -> tuple[AwaitedMotions, Detector]:
    detector = Detector()
    motions = AwaitedMotions(detector, batch_size=4)
    for number in range(count):
        motions.append(np.full((4, 4, 3), number, np.uint8))
    return motions, detector


def number(motion: Motion) -> int:
    return int(motion.value[0, 0])


def test_frames_are_looked_at_once_and_in_batches() -> None:
    motions, detector = clip()
    assert len(motions) == 10
    assert detector.seen == []
    motions.find([0, 5])
    assert number(motions[1]) == 1
    assert detector.seen == [0, 5, 1, 2, 3, 4]
    assert [number(motion) for motion in motions] == list(range(10))
    assert sorted(detector.seen) == list(range(10))


def test_it_is_a_sequence() -> None:
    motions, _ = clip()
    assert number(motions[-1]) == 9
    assert [number(motion) for motion in motions[2:8:3]] == [2, 5]
    with pytest.raises(IndexError):
        motions[10]


def test_few_pictures_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaited, "MOST_KEPT", 5 * 48)
    motions, detector = clip(40)
    assert len(motions._pictures) <= 5
    assert detector.seen == list(range(len(detector.seen)))
    assert [number(motion) for motion in motions] == list(range(40))
