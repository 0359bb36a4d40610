"""Each driving is looked through once, and an early search serves the first who asks."""

from pathlib import Path
from typing import Any

import pytest

from animate_cli.media import FrameReader, open_reader
from animate_cli.pipeline import driving_faces
from animate_cli.pipeline.driving_faces import DrivingFaces
from animate_cli.pipeline.early import Early

DRIVING = Path(__file__).parents[2] / "examples" / "driving.mp4"


class Found:
    """Stands in for a track."""

    def __init__(self, presence: float) -> None:
        self.presence = presence


class Silent:
    """Hears nothing."""

    def note(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def begin(self, label: str, total: int | None) -> None: ...

    def advance(self) -> None: ...


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """List the searches that were made, by how often a second each looked; they find two faces."""
    made: list[float] = []

    def find(reader: FrameReader, detector: object, often: float, advance: object) -> list[Found]:
        made.append(often)
        return [Found(1.0), Found(3.0)]

    monkeypatch.setattr(driving_faces, "find_tracks", find)
    return made


def follow(times: int = 1, **settings: Any) -> list[float]:
    faces = DrivingFaces("cpu", Silent(), drawn=False, **{"closely": False, **settings})
    with open_reader(DRIVING) as reader:
        found = [faces.follow(reader, DRIVING) for _ in range(times)]
    return [track.presence for track in found[-1]]


def test_a_driving_is_looked_through_once_and_its_main_face_comes_first(searches: list[float]) -> None:
    assert follow(times=3) == [3.0, 1.0]
    assert len(searches) == 1


def test_what_was_found_early_is_taken(searches: list[float]) -> None:
    assert follow(early=Early(lambda stop: [Found(7.0)])) == [7.0]
    assert searches == []


def test_an_early_search_that_found_nothing_is_not_repeated(searches: list[float]) -> None:
    assert follow(early=Early(lambda stop: [])) == []
    assert searches == []


def test_an_early_search_is_too_coarse_for_a_box_in_every_frame(searches: list[float]) -> None:
    assert follow(early=Early(lambda stop: [Found(7.0)]), closely=True) == [3.0, 1.0]
    assert searches[0] > 2
