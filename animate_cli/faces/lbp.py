"""A face detector that needs no download: the cascade that comes with scikit-image.

The cascade slides windows over the picture and says yes or no to each. A face gets many yeses close together, so
their number is the score. It knows upright faces only, so the picture is searched tilted to either side as well.
"""

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection, Picture

if TYPE_CHECKING:
    from skimage.feature import Cascade

Windows = NDArray[np.float64]
"""Square windows [N, 3]: left, top, side."""

SMALLEST_WINDOW = 24
"""What the cascade was trained on, in pixels."""

COARSE, FINE = 160, 320
"""Shorter side of the picture that is searched: first for faces of a seventh of it and more, then smaller."""

TILTS = (0, -15, 15)
SCALE_STEP = 1.1
FEWEST_COARSE, FEWEST_FINE = 5, 9
"""Windows that make a face; textures get a handful."""

SAME, NESTED = 0.5, 0.3
HALF_SURE = 12
"""Windows at which the score is one half."""


@cache
def load_cascade() -> "Cascade":
    """Load the cascade, which is always here."""
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


class LbpDetector:
    """The frontal face cascade of local binary patterns (Liao et al. 2007), as trained for OpenCV.

    smallest: side in pixels of faces that are worth finding; most of the time goes into small ones.
    """

    name = "lbp"

    def __init__(self, smallest: float = 0.0) -> None:
        self.smallest = smallest

    def prepare(self) -> None:
        """See Detector."""
        load_cascade()

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector; small faces are looked for only where there are no large ones."""
        grey = Image.fromarray(picture).convert("L")
        coarse = group(self._search(grey, COARSE, TILTS), FEWEST_COARSE)
        if coarse or min(grey.size) <= COARSE:
            return coarse
        return group(self._search(grey, FINE, (0,)), FEWEST_FINE)

    def _search(self, grey: Image.Image, shorter: int, tilts: tuple[int, ...]) -> Windows:
        scale = min(1.0, shorter / min(grey.size))
        size = round(grey.width * scale), round(grey.height * scale)
        if min(size) < SMALLEST_WINDOW:
            return np.empty((0, 3))
        small = grey.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        smallest = min(max(SMALLEST_WINDOW, math.floor(self.smallest * scale)), *size)
        return np.concatenate([_search_tilted(small, tilt, smallest) for tilt in tilts]) / scale


def _search_tilted(grey: Image.Image, tilt: int, smallest: int) -> Windows:
    """Return the windows that the cascade takes for faces when the picture is turned by tilt, degrees."""
    turned = grey.rotate(tilt, Image.Resampling.BILINEAR) if tilt else grey
    found = load_cascade().detect_multi_scale(
        np.asarray(turned),
        scale_factor=SCALE_STEP,
        step_ratio=1.0,
        min_size=(smallest, smallest),
        max_size=(min(grey.size), min(grey.size)),
        min_neighbor_number=0,
        intersection_score_threshold=2.0,  # never reached: windows are grouped here, where they are counted
    )
    windows = np.array([(one["c"], one["r"], one["width"]) for one in found], np.float64).reshape(-1, 3)
    return _turn_back(windows, tilt, grey.size)


def _turn_back(windows: Windows, tilt: int, size: tuple[int, int]) -> Windows:
    """Move the windows' centres to where they are in the picture before it was turned."""
    middle, half = np.array(size) / 2, windows[:, 2:] / 2
    cosine, sine = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    centres = (windows[:, :2] + half - middle) @ np.array([[cosine, sine], [-sine, cosine]]) + middle
    return np.hstack([centres - half, windows[:, 2:]])


def group(windows: Windows, fewest: int) -> list[Detection]:
    """Make detections of windows that lie close together, at least ``fewest`` of them.

    Large windows come first: a face may also hold many small ones, on an eye or the mouth.
    """
    iou, nested = _overlaps(windows)
    near, left = iou > SAME, np.ones(len(windows), dtype=bool)
    found = []
    while left.any():
        counts = np.where(left, (near & left).sum(1), 0)
        if counts.max() < fewest:
            break
        best = int(np.where(counts >= fewest, counts * windows[:, 2] ** 2, 0).argmax())
        x, y, side = windows[near[best] & left].mean(0).tolist()
        found.append(
            Detection(Box(x, y, x + side, y + side), float(counts[best] / (counts[best] + HALF_SURE)))
        )
        left &= nested[best] <= NESTED
    return sorted(found, key=lambda one: -one.score)


def _overlaps(windows: Windows) -> tuple[Windows, Windows]:
    """Return for each pair the intersection over the union, and over the smaller window, both [N, N]."""
    starts, ends = windows[:, :2], windows[:, :2] + windows[:, 2:]
    sides = np.minimum(ends[:, None], ends) - np.maximum(starts[:, None], starts)
    both = np.clip(sides, 0, None).prod(-1)
    area = windows[:, 2] ** 2
    return both / (area[:, None] + area - both), both / np.minimum(area[:, None], area)
