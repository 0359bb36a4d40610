"""Scene cuts: where a clip jumps from one picture to another."""

import numpy as np
from numpy.typing import NDArray

from animate_cli.faces.detector import Picture

SAMPLES = 32
"""Pixels looked at along each side."""

LEAST_CHANGE = 24.0
"""Mean change of a cut at least, of 255."""

SUDDEN = 3.0
"""A cut changes the picture this many times more than the frames before it did."""

FORGET = 0.2


class CutFinder:
    """Tells of each frame of a clip in turn whether it begins a new scene."""

    def __init__(self) -> None:
        self._latest: NDArray[np.int16] | None = None
        self._usual = 0.0

    def is_cut(self, picture: Picture) -> bool:
        """Take the next frame, uint8 [H, W, 3]; the first is no cut."""
        down, across = (max(1, length // SAMPLES) for length in picture.shape[:2])
        small = picture[down // 2 :: down, across // 2 :: across].astype(np.int16)
        before, self._latest = self._latest, small
        if before is None or before.shape != small.shape:
            return before is not None
        change = float(np.abs(small - before).mean())
        cut = change > max(LEAST_CHANGE, SUDDEN * self._usual)
        if not cut:
            self._usual += FORGET * (change - self._usual)
        return cut
