"""Smooth lines: coordinates to a sixteenth of a pixel, widths that grow with the picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from animate_cli.overlay.values import BLACK, Colour, Numbers, Picture

FRACTION_BITS = 4
LINE_SHARE = 0.004
"""A line's width as a share of the picture's shorter side."""

FARTHEST = 1e5
"""Pixels beyond which a place is pulled back: the library counts in 32 bits."""


def fixed(places: Numbers) -> NDArray[np.int32]:
    """Turn pixels into the fixed point that the drawing library takes."""
    bounded = np.clip(places, -FARTHEST, FARTHEST)
    return np.asarray(np.rint(bounded * 2**FRACTION_BITS), dtype=np.int32)


def thickness(picture: Picture) -> int:
    """Return the width in pixels of a line that suits a picture."""
    shorter: int = min(picture.shape[:2])
    return max(1, round(LINE_SHARE * shorter))


def stroke(picture: Picture, path: Numbers, colour: Colour, width: int, *, closed: bool = False) -> None:
    """Draw a path [N, 2] in pixels in place, over a dark casing that keeps it legible on any ground."""
    line(picture, path, BLACK, width + 2, closed=closed)
    line(picture, path, colour, width, closed=closed)


def line(picture: Picture, path: Numbers, colour: Colour, width: int, *, closed: bool = False) -> None:
    """Draw a path [N, 2] in pixels in place."""
    points = [fixed(path).reshape(-1, 1, 2)]
    cv2.polylines(picture, points, closed, colour, width, cv2.LINE_AA, FRACTION_BITS)
