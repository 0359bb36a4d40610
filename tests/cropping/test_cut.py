"""Cutting goes on while faces are still looked for."""

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.cropping import find
from animate_cli.cropping.cut import Named, cut_clips
from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions
from animate_cli.cropping.run import SILENT
from animate_cli.cropping.segments import Segment, plan_clips
from animate_cli.cropping.work import crop_inputs
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection, Picture
from animate_cli.faces.tracking import Settled, Track
from animate_cli.media import open_reader, open_writer

RATE = Fraction(25)
OPTIONS = CropOptions(min_frames=1, size=32, detector="lbp")
BOX = Box(8, 8, 40, 40)


def write_clip(path: Path, levels: list[int]) -> Path:
    """Write a clip of grey frames; where the level changes much, a new scene begins."""
    with open_writer(path, width=64, height=48, fps=RATE) as writer:
        for level in levels:
            writer.write(np.full((48, 64, 3), level, np.uint8))
    return path


def frames_of(path: Path) -> int:
    with open_reader(path) as reader:
        return len(list(reader))


def segment(track: int, start: int, end: int) -> Segment:
    return Segment(track, start, end, np.array([BOX.corners]))


def test_a_plan_is_asked_for_only_when_there_is_nothing_left_to_cut(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [90] * 20)
    one, two, three = (tmp_path / f"{name}.mp4" for name in ("one", "two", "three"))
    seen = []

    def plans() -> Iterator[Named]:
        yield Named([], 4)
        yield Named([(segment(1, 4, 10), one), (segment(2, 12, 15), two)], 12)
        seen.append((one.exists(), two.exists()))
        yield Named([(segment(3, 12, 30), three)], None)

    with open_reader(clip) as reader:
        result = cut_clips(reader, plans(), OPTIONS)
    assert seen == [(True, False)]
    assert [(cut.path, cut.frames) for cut in result.cuts] == [(one, 6), (two, 3), (three, 8)]
    assert [frames_of(path) for path in (one, two, three)] == [6, 3, 8]


def test_what_begins_behind_the_last_frame_is_dropped(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [90] * 5)
    plans = [
        Named([(segment(1, 0, 5), tmp_path / "one.mp4")], 9),
        Named([(segment(2, 9, 12), tmp_path / "b")], None),
    ]
    with open_reader(clip) as reader:
        result = cut_clips(reader, plans, OPTIONS)
    assert len(result.cuts) == 1
    assert [dropped.why for dropped in result.dropped] == ["begins behind the last frame"]


class Patient:
    """A detector that, at its second look at a level of grey, sees nothing before a file is there."""

    def __init__(self, level: int, path: Path) -> None:
        self.level, self.path, self.looks, self.waited = level, path, 0, False

    def detect(self, picture: Picture) -> list[Detection]:
        self.looks += abs(int(picture[0, 0, 0]) - self.level) < 10
        if self.looks == 2:
            deadline = time.monotonic() + 20
            while not self.path.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            self.waited = self.path.exists()
        return [Detection(BOX, 0.9)]


@pytest.mark.parametrize(
    "levels", [([60] * 10 + [160] * 10,), ([60] * 10, [160] * 10)], ids=["scenes", "inputs"]
)
def test_the_beginning_is_cut_while_faces_are_looked_for_further_on(
    levels: tuple[list[int], ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = [write_clip(tmp_path / f"{index}.mp4", some) for index, some in enumerate(levels)]
    patient = Patient(160, tmp_path / "0#1.mp4")
    monkeypatch.setattr(find, "shared_detector", lambda name, device: patient)
    work = [(Task(clip, clip.stem), None) for clip in clips]
    outcomes = list(crop_inputs(work, tmp_path, OPTIONS, SILENT))
    assert patient.waited
    assert [row.frames for outcome in outcomes for row in outcome.rows] == [10, 10]


def track(start: int, end: int, side: float) -> Track:
    return Track([start], [Box(0, 0, side, side)], [0.9], end)


def test_numbers_go_on_from_plan_to_plan_and_the_largest_is_known_last() -> None:
    settled = [
        Settled([track(0, 5, 10)], 6),
        Settled([], 8),
        Settled([track(8, 12, 30), track(9, 12, 20)], 13),
    ]
    plans = list(plan_clips(settled, OPTIONS, RATE, 64))
    assert [[one.track for one in plan.segments] for plan in plans] == [[1], [], [2, 3]]
    assert [plan.until for plan in plans] == [6, 8, 13]
    largest = CropOptions(min_frames=1, face="largest")
    plans = list(plan_clips(settled, largest, RATE, 64))
    assert [[one.track for one in plan.segments] for plan in plans] == [[], [], [], [2]]
    assert all(plan.until == 0 for plan in plans)
