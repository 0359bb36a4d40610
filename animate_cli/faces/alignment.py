"""The face detector of the face-alignment library: finds turned, tilted and small faces that a cascade misses."""

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animate_cli.errors import WeightsError
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection, Picture
from animate_cli.faces.weights_files import WeightsFile

WEIGHTS = WeightsFile(
    "s3fd-619a316812.pth",
    "https://www.adrianbulat.com/downloads/python-fan/s3fd-619a316812.pth",
    86,
    otherwise="use --detector lbp",
)
LONGEST = 640
"""Larger pictures are searched at this size."""

SHORTEST = 64
"""What the network halves six times; thinner pictures are padded by their edge."""


class FaceAlignmentDetector:
    """S3FD (Zhang et al. 2017) as face-alignment runs it."""

    name = "face-alignment"

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401  (the library has no types)
        return load_s3fd(self.device)

    def prepare(self) -> None:
        """See Detector."""
        _ = self._network

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector."""
        height, width = picture.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
        padding = [(0, max(0, SHORTEST - length)) for length in small.shape[:2]]
        rows = self._network.detect_from_image(np.pad(small, [*padding, (0, 0)], mode="edge"))
        found = [
            _detection(row, width / size[0], height / size[1]) for row in np.asarray(rows).reshape(-1, 5)
        ]
        return sorted((one for one in found if one.box.area > 0), key=lambda one: -one.score)


def load_s3fd(device: str) -> Any:  # noqa: ANN401  (the library has no types)
    """Load the library's detector, downloading its network where it is not here.

    Raises:
        WeightsError: it cannot be had, or is damaged.
    """
    path = WEIGHTS.fetch()
    with explained_damage(path):
        os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # else the import compiles for seconds
        from face_alignment.detection.sfd import FaceDetector

        return FaceDetector(device=device, path_to_detector=str(path), verbose=False)


@contextmanager
def explained_damage(path: Path) -> Iterator[None]:
    """Turn whatever a file that is no such network raises into one line.

    Raises:
        WeightsError: loading failed inside the block.
    """
    try:
        yield
    except (RuntimeError, KeyError, EOFError, pickle.UnpicklingError, AttributeError, TypeError) as error:
        raise WeightsError(
            f"{path}: is damaged or something else; remove it, and it is downloaded again where it is asked for"
        ) from error


def _detection(row: NDArray[np.floating], across: float, down: float) -> Detection:
    """Turn left, top, right, bottom and score in the searched picture into a detection in the whole one."""
    left, top, right, bottom, score = row.tolist()
    return Detection(Box(left, top, right, bottom).scaled(across, down), min(max(score, 0.0), 1.0))
