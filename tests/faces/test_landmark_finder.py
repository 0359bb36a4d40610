"""The 68 landmarks: as the library gives them, and between pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.faces.box import Box
from animate_cli.faces.landmark_finder import COUNT, LandmarkFinder, find_peaks
from animate_cli.faces.landmarks import FaceLandmarks
from tests.faces.scenes import scene


def test_whole_pictures_give_what_the_library_gives(
    landmark_home: Path, no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import face_alignment

    monkeypatch.setenv("TORCH_HOME", str(landmark_home))
    pictures = np.stack([scene(256, 256, [(64, 96)]), np.full((256, 256, 3), 90, np.uint8)])
    library = face_alignment.FaceAlignment(
        face_alignment.LandmarksType.TWO_D,
        device="cpu",
        dtype=torch.float32,
        flip_input=False,
        compile=False,
    )
    points, present = FaceLandmarks().find(pictures)
    np.testing.assert_array_equal(points[0], library.get_landmarks(pictures[0])[0])
    assert present.all(axis=1).tolist() == [True, False]
    assert not present[1].any()
    (found,) = LandmarkFinder().find([(pictures[0], Box(64, 96, 160, 192))])  # which needs no detector
    assert found.points.shape == (COUNT, 2)
    assert found.scores.shape == (COUNT,)


def test_peaks_are_found_between_cells() -> None:
    y, x = torch.meshgrid(torch.arange(64.0) + 0.5, torch.arange(64.0) + 0.5, indexing="ij")
    wanted = torch.tensor([[20.3, 40.8], [0.4, 33.0], [50.5, 63.9]])
    maps = [0.8 * torch.exp(-((x - a) ** 2 + (y - b) ** 2) / 2) for a, b in wanted.tolist()]
    places, scores = find_peaks(torch.stack(maps))
    assert np.abs(places[0] * 64 - wanted[0].numpy()).max() < 0.05
    assert np.abs(places[1:] * 64 - wanted[1:].numpy()).max() < 0.8  # at the edge half of a peak is missing
    assert 0.7 < scores[0] <= 0.8


def test_places_are_the_pictures_own_wherever_the_box_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that says where the red spot is; the box reaches beyond the picture."""

    def network(pictures: Tensor) -> list[Tensor]:
        red = F.avg_pool2d(pictures[:, :1] - pictures[:, 1:2], 4)
        return [red.expand(-1, COUNT, -1, -1)]

    finder = LandmarkFinder()
    finder.__dict__["_network"] = network
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[40:45, 30:35, 0] = 255  # its middle is the pixel (32, 42)
    for box in (Box(-10, 10, 80, 90), Box(3.7, 5.2, 60.1, 70.9)):
        (found,) = finder.find([(picture, box)])
        assert np.abs(found.points - [32, 42]).max() < 0.35
