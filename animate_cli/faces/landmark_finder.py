"""The 68 landmarks of a photographed face whose box is known, between pixels: what motion can be read from."""

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.arrays import batches
from animate_cli.faces.alignment import explained_damage
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Picture
from animate_cli.faces.transform import CropTransform
from animate_cli.faces.weights_files import WeightsFile

NETWORK = WeightsFile(
    "2DFAN4-11f355bf06.pth.tar",
    "https://www.adrianbulat.com/downloads/python-fan/2DFAN4-11f355bf06.pth.tar",
    92,
    otherwise="use --driving-keypoints model",
)
NUM_HOURGLASSES = 4
COUNT = 68
SIDE = 256
"""What the network sees, in pixels."""

ABOVE, WHOLE, REFERENCE = 0.12, 200.0, 195.0
"""The library's framing: the box's middle, raised by this share of its height, at 200/195 of width and height."""

REACH = 2
"""Cells of a heatmap around its highest whose centre of gravity is the landmark."""


class FoundLandmarks(NamedTuple):
    """Landmarks [68, 2], (x, y) in pixels from the middle of the first, and how sure each is [68], about 0 to 1."""

    points: NDArray[np.float64]
    scores: NDArray[np.float64]


class LandmarkFinder:
    """The landmark network of face-alignment (Bulat and Tzimiropoulos 2017)."""

    name = "face-alignment"

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @torch.inference_mode()
    def find(self, faces: Iterable[tuple[Picture, Box]], batch_size: int = 1) -> Iterator[FoundLandmarks]:
        """Find the landmarks of the face in each picture's box.

        Args:
            faces: pictures [H, W, 3] RGB with the face's box as the library's detector draws them.
            batch_size: how many the network sees at once.

        Raises:
            WeightsError: the network cannot be had.
        """
        seen = ((CropTransform(view, SIDE).crop(picture), view) for picture, view in _views(faces))
        for batch in batches(seen, batch_size):
            pictures = torch.from_numpy(np.stack([picture for picture, _ in batch])).to(self.device)
            heatmaps = self._network(pictures.permute(0, 3, 1, 2).float() / 255)[-1].float()
            for maps, (_, view) in zip(heatmaps, batch, strict=True):
                places, scores = find_peaks(maps)
                corner = np.array([view.left, view.top])
                yield FoundLandmarks(places * view.side + corner - 0.5, scores)

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401 - the library has no types
        return load_fan(self.device)


def load_fan(device: str) -> Any:  # noqa: ANN401 - the library has no types
    """Load the landmark network, downloading it where it is not here.

    Raises:
        WeightsError: it cannot be had, or is damaged.
    """
    path = NETWORK.fetch()
    with explained_damage(path):
        os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # else the import compiles for seconds
        from face_alignment.models import FAN

        network = FAN(NUM_HOURGLASSES)
        network.load_state_dict(torch.load(path, map_location=device, weights_only=True))
        return network.to(device).eval()


def view_of(box: Box) -> Box:
    """Return the square around a face that the network wants to see."""
    x, y = box.centre
    return Box.around(x, y - ABOVE * box.height, (box.width + box.height) * WHOLE / REFERENCE)


def _views(faces: Iterable[tuple[Picture, Box]]) -> Iterator[tuple[Picture, Box]]:
    return ((picture, view_of(box)) for picture, box in faces)


def find_peaks(heatmaps: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find each heatmap's peak [L, h, w]: places [L, 2] in [0, 1] of width and height, and heights [L].

    The published decoding gives quarters of a cell, which would shake a moving face by a pixel or two.
    """
    count, height, width = heatmaps.shape
    scores, highest = heatmaps.flatten(1).max(1)
    rows, columns = highest // width, highest % width
    padded = F.pad(heatmaps.clamp(min=0), (REACH,) * 4)
    steps = torch.arange(2 * REACH + 1, device=heatmaps.device)
    around = padded[
        torch.arange(count, device=heatmaps.device)[:, None, None],
        rows[:, None, None] + steps[:, None],
        columns[:, None, None] + steps,
    ]
    weight = around.sum((1, 2)).clamp_min(1e-9)
    x = columns + (around.sum(1) * (steps - REACH)).sum(1) / weight + 0.5
    y = rows + (around.sum(2) * (steps - REACH)).sum(1) / weight + 0.5
    return torch.stack([x / width, y / height], 1).double().cpu().numpy(), scores.double().cpu().numpy()
