"""Keypoints as numbered dots, and rings around some of them."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from animate_cli.overlay.palette import ALARM, colour_of, ink_on
from animate_cli.overlay.strokes import FARTHEST, fixed, thickness
from animate_cli.overlay.values import BLACK, WHITE, Numbers, Picture

OVERSAMPLING = 4
SMALLEST_RADIUS = 5
RADIUS_SHARE = 0.019
"""A dot's radius as a share of the picture's shorter side."""

RING_SHARE = 2.0
"""A ring's radius in radii of a dot."""


def to_pixels(points: Numbers, size: tuple[int, int]) -> NDArray[np.float64]:
    """Turn points [..., 2], (x, y) in [-1, 1], corner-aligned, into pixels of a picture of (height, width)."""
    height, width = size
    scale = np.array([width - 1, height - 1], dtype=np.float64)
    pixels: NDArray[np.float64] = (np.asarray(points, dtype=np.float64) + 1) / 2 * scale
    return pixels


def mark_size(picture: Picture) -> int:
    """Return the radius in pixels of a dot that suits a picture."""
    shorter: int = min(picture.shape[:2])
    return max(SMALLEST_RADIUS, round(RADIUS_SHARE * shorter))


def draw_points(picture: Picture, points: Numbers) -> Picture:
    """Draw numbered dots at points [K, 2] in pixels, placed to a quarter of a pixel; NaN is left out."""
    drawn = picture.copy()
    radius = mark_size(picture)
    for index, place in enumerate(np.asarray(points, dtype=np.float64)):
        if np.isfinite(place).all():
            steps = np.rint(np.clip(place, -FARTHEST, FARTHEST) * OVERSAMPLING).astype(int)
            (x, y), (right, down) = steps // OVERSAMPLING, steps % OVERSAMPLING
            dot = _dot(index, radius, int(right), int(down))
            _blend(drawn, dot, int(x) - radius - 1, int(y) - radius - 1)
    return drawn


def draw_rings(picture: Picture, points: Numbers, bad: NDArray[np.bool_]) -> Picture:
    """Draw a red ring around those of points [K, 2] in pixels where ``bad`` [K] is set."""
    drawn = picture.copy()
    radius, line = RING_SHARE * mark_size(picture), thickness(picture)
    for place in np.asarray(points, dtype=np.float64)[bad]:
        if np.isfinite(place).all():
            centre, size = fixed(place), int(fixed(np.array(radius)))
            cv2.circle(drawn, centre.tolist(), size, WHITE, line + 2, cv2.LINE_AA, 4)
            cv2.circle(drawn, centre.tolist(), size, ALARM, line, cv2.LINE_AA, 4)
    return drawn


@lru_cache(maxsize=2048)
def _dot(index: int, radius: int, right: int, down: int) -> Picture:
    """Paint a dot with its number, moved by quarters of a pixel: RGBA [2 radius + 3, 2 radius + 3, 4].

    A black and a white rim make it stand out from dark and bright places alike.
    """
    side, unit = 2 * radius + 3, OVERSAMPLING
    colour = colour_of(index)
    image = Image.new("RGBA", (side * unit, side * unit), (*BLACK, 0))
    draw = ImageDraw.Draw(image)
    middle = (radius + 1.5) * unit
    x, y = middle + right, middle + down
    rim = max(1.0, radius / 7) * unit
    for inset, fill in ((0.0, BLACK), (rim / 2, WHITE), (1.5 * rim, colour)):
        size = (radius + 0.5) * unit - inset
        draw.ellipse((x - size, y - size, x + size, y + size), fill=(*fill, 255))
    font = ImageFont.load_default(size=(1.35 if index < 10 else 1.05) * radius * unit)
    draw.text((x, y), str(index), fill=(*ink_on(colour), 255), font=font, anchor="mm")
    return _shrink(np.asarray(image, dtype=np.float32), unit)


def _shrink(large: Numbers, unit: int) -> Picture:
    """Average blocks of an RGBA picture, colours weighted by their alpha."""
    height, width = large.shape[0] // unit, large.shape[1] // unit
    blocks = large.reshape(height, unit, width, unit, 4)
    alpha = blocks[..., 3:].sum((1, 3))
    colour = (blocks[..., :3] * blocks[..., 3:]).sum((1, 3)) / np.maximum(alpha, 1)
    small: Picture = np.rint(np.concatenate([colour, alpha / unit**2], axis=2)).astype(np.uint8)
    return small


def _blend(picture: Picture, dot: Picture, left: int, top: int) -> None:
    """Mix a dot [s, s, 4] into the picture in place; what lies outside is cut off."""
    height, width = picture.shape[:2]
    first_y, first_x = max(0, -top), max(0, -left)
    last_y, last_x = min(dot.shape[0], height - top), min(dot.shape[1], width - left)
    if first_y >= last_y or first_x >= last_x:
        return
    part = dot[first_y:last_y, first_x:last_x].astype(np.uint16)
    under = picture[top + first_y : top + last_y, left + first_x : left + last_x]
    share = part[..., 3:]
    under[:] = (part[..., :3] * share + under * (255 - share) + 127) // 255
