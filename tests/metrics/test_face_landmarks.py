"""Landmarks of faces: what is needed, and how the library's answers become ours."""

from pathlib import Path

import numpy as np
import pytest

from animate_cli.errors import WeightsError
from animate_cli.faces.landmark_finder import COUNT, NETWORK
from animate_cli.faces.landmarks import FaceLandmarks, missing_networks


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path))
    return tmp_path


def test_says_which_network_is_missing() -> None:
    assert [file.name for file in missing_networks()] == ["s3fd-619a316812.pth", "2DFAN4-11f355bf06.pth.tar"]
    with pytest.raises(WeightsError, match=r"s3fd-619a316812.pth is missing; put https://"):
        FaceLandmarks().find(np.zeros((1, 64, 64, 3), np.uint8))


def test_hash_is_the_networks_and_names_are_the_subjects() -> None:
    path = NETWORK.places[1]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"network")
    assert FaceLandmarks().sha256.startswith("3009be76")
    assert len(FaceLandmarks.names) == COUNT
    assert FaceLandmarks.names[45] == "left_eye_outer"
