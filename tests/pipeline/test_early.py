"""Work that begins early: its result, its error, and when it is begun at all."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from animate_cli.errors import MediaError
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection, Detector
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameReader, open_reader
from animate_cli.pipeline import face_search
from animate_cli.pipeline.driving_faces import DrivingFaces
from animate_cli.pipeline.early import Early
from animate_cli.pipeline.face_search import find_tracks, search_early
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.job import AnimateJob
from animate_cli.pipeline.stop import Stop, StoppedError


class Silent:
    """Hears nothing."""

    def note(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def begin(self, label: str, total: int | None) -> None: ...

    def advance(self) -> None: ...


EXAMPLES = Path(__file__).parents[2] / "examples"
JOB = AnimateJob(EXAMPLES / "source.png", EXAMPLES / "driving.mp4", Path("out.mp4"))


def test_work_begins_at_once_and_its_result_is_waited_for() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work(stop: Stop) -> int:
        begun.set()
        may_end.wait(5)
        return 7

    early = Early(work)
    assert begun.wait(5)
    may_end.set()
    assert early.result() == early.result() == 7


def test_an_error_is_raised_where_the_result_is_asked_for() -> None:
    def work(stop: Stop) -> int:
        raise MediaError("broken")

    early = Early(work)
    with pytest.raises(MediaError, match="broken"):
        early.result()


def test_work_that_nobody_waits_for_ends() -> None:
    rounds: list[int] = []

    def work(stop: Stop) -> None:
        while True:
            stop.check()
            rounds.append(1)

    early = Early(work)
    early.cancel()
    done = len(rounds)
    with pytest.raises(StoppedError):
        early.result()
    assert len(rounds) == done


def test_a_search_for_the_faces_of_a_driving_ends_when_it_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(face_search, "choose_detector", lambda name: "lbp")
    with open_reader(JOB.driving) as reader:
        early = search_early(JOB, reader, "vox")
        assert early is not None
        DrivingFaces("cpu", Silent(), drawn=False, closely=False, early=early).forgo_early()
        with pytest.raises(StoppedError):
            early.result()


def test_faces_are_looked_for_early_only_where_they_will_be_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(face_search, "find_tracks", lambda reader, detector, advance: [])
    monkeypatch.setattr(face_search, "choose_detector", lambda name: "lbp")
    with open_reader(JOB.driving) as reader:
        early = search_early(JOB, reader, "toon-face")
        assert early is not None
        assert early.result() == []
        assert search_early(replace(JOB, crop="off"), reader, "toon-face") is None
        assert search_early(JOB, reader, "some/file.safetensors") is None
        assert search_early(JOB, reader, "taichi") is None
        monkeypatch.setattr(face_search, "choose_detector", lambda name: "face-alignment")
        assert search_early(JOB, reader, "toon-face") is None


def test_the_early_search_does_not_wait_for_torch() -> None:
    code = "import sys, animate_cli.pipeline.face_search; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawings_are_looked_for_early_with_weights_for_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []

    def find(reader: FrameReader, detector: Detector, advance: Callable[[], None]) -> list[Track]:
        used.append(detector.name)
        return []

    monkeypatch.setattr(face_search, "find_tracks", find)
    monkeypatch.setattr(face_search, "choose_detector", lambda name: "lbp")
    with open_reader(JOB.driving) as reader:
        for weights in ("toon-face", "vox"):
            early = search_early(JOB, reader, weights)
            assert early is not None
            early.result()
    assert used == ["lbp or toon", "lbp"]


class Counting:
    """Finds one face, and counts how often it was asked."""

    name = "counting"
    asked = 0

    def prepare(self) -> None: ...

    def detect(self, picture: Picture) -> list[Detection]:
        self.asked += 1
        return [Detection(Box.around(100, 100, 50), 0.9)]


def test_one_box_takes_a_look_a_second_and_tells_of_every_frame() -> None:
    detector, told = Counting(), list[int]()
    with open_reader(JOB.driving) as reader:
        (track,) = find_tracks(reader, detector, advance=lambda: told.append(1))
        assert len(told) == reader.info.num_frames
        assert detector.asked == -(-len(told) // round(reader.info.fps)) < len(told) / 10
    assert len(track.boxes) == detector.asked
