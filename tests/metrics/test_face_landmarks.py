"""Landmarks of faces: what is needed, and how the library's answers become ours."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from animate_cli.errors import WeightsError
from animate_cli.faces.landmarks import COUNT, FaceLandmarks, missing_networks, network_path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path


def test_says_which_network_is_missing() -> None:
    assert [path.name for path in missing_networks()] == ["s3fd-619a316812.pth", "2DFAN4-11f355bf06.pth.tar"]
    with pytest.raises(WeightsError, match=r"s3fd-619a316812.pth is missing; put https://"):
        FaceLandmarks().find(np.zeros((1, 64, 64, 3), np.uint8))


def test_the_first_face_counts_and_none_is_not_present() -> None:
    faces = iter([[np.full((COUNT, 2), 7.0), np.zeros((COUNT, 2))], None])
    finder = FaceLandmarks()
    finder.__dict__["_network"] = SimpleNamespace(get_landmarks=lambda picture: next(faces))
    points, present = finder.find(np.zeros((2, 64, 64, 3), np.uint8))
    assert (points[0] == 7).all()
    assert present.all(axis=1).tolist() == [True, False]
    assert present.any(axis=1).tolist() == [True, False]


def test_hash_is_the_networks_and_names_are_the_subjects() -> None:
    path = network_path("2DFAN4-11f355bf06.pth.tar")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"network")
    assert FaceLandmarks().sha256.startswith("3009be76")
    assert len(FaceLandmarks.names) == COUNT
    assert FaceLandmarks.names[45] == "left_eye_outer"
