"""Draw what a model sees onto pictures; numpy in, numpy out."""

from collections.abc import Sequence
from colorsys import hsv_to_rgb
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]

OVERSAMPLING = 4
SMALLEST_RADIUS = 5
BOX_COLOURS = 7
RADIUS_SHARE = 0.022
"""A dot's radius as a share of the picture's shorter side."""


def to_pixels(points: NDArray[np.floating], size: tuple[int, int]) -> NDArray[np.float64]:
    """Turn points [K, 2], (x, y) in [-1, 1], corner-aligned, into pixels of a picture of (height, width)."""
    height, width = size
    scale = np.array([width - 1, height - 1], dtype=np.float64)
    pixels: NDArray[np.float64] = (np.asarray(points, dtype=np.float64) + 1) / 2 * scale
    return pixels


def draw_points(picture: Picture, points: NDArray[np.floating]) -> Picture:
    """Draw numbered, smooth-edged dots at points [K, 2] in pixels, (x, y), onto a copy of picture [H, W, 3]."""
    drawn = picture.copy()
    radius = max(SMALLEST_RADIUS, round(RADIUS_SHARE * min(picture.shape[:2])))
    for index, (x, y) in enumerate(np.asarray(points, dtype=np.float64).tolist()):
        _blend(drawn, _dot(index, len(points), radius), round(x) - radius, round(y) - radius)
    return drawn


def draw_boxes(picture: Picture, boxes: Sequence[tuple[str, tuple[float, float, float, float]]]) -> Picture:
    """Draw boxes, each a label and left, top, right, bottom in pixels, onto a copy of picture [H, W, 3]."""
    image = Image.fromarray(picture)
    draw, short = ImageDraw.Draw(image), min(image.size)
    font = ImageFont.load_default(size=max(10, short // 20))
    for index, (label, (left, top, right, bottom)) in enumerate(boxes):
        colour = colour_of(index % BOX_COLOURS, BOX_COLOURS)
        draw.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=max(2, short // 150))
        draw.text((max(2, left) + 4, max(2, top) + 2), label, fill=colour, font=font)
    return np.array(image)


def draw_map(values: NDArray[np.floating]) -> Picture:
    """Show a map [h, w] in [0, 1] as grey [h, w, 3]: black is hidden, white is kept."""
    grey = np.clip(np.rint(np.asarray(values, dtype=np.float64) * 255), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def tile(rows: list[list[Picture]], gap: int = 2, colour: int = 255) -> Picture:
    """Put pictures [h, w, 3] of one height a row side by side, and the rows below one another."""
    joined = [_join(row, gap, colour, axis=1) for row in rows]
    width = max(row.shape[1] for row in joined)
    padded = [_extend(row, width, colour) for row in joined]
    return _join(padded, gap, colour, axis=0)


def colour_of(index: int, count: int) -> tuple[int, int, int]:
    """Return one of ``count`` colours that are easy to tell apart."""
    red, green, blue = hsv_to_rgb(index / max(count, 1), 0.75, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)


@lru_cache(maxsize=256)
def _dot(index: int, count: int, radius: int) -> Picture:
    """Paint a dot with its number, [2 radius + 1, 2 radius + 1, 4]."""
    side = 2 * radius + 1
    large = side * OVERSAMPLING
    image = Image.new("RGBA", (large, large), (*colour_of(index, count), 0))
    draw = ImageDraw.Draw(image)
    line = OVERSAMPLING * max(1, radius // 6)
    draw.ellipse(
        (0, 0, large - 1, large - 1), fill=(*colour_of(index, count), 255), outline=(0, 0, 0, 255), width=line
    )
    font = ImageFont.load_default(size=0.62 * large if index < 10 else 0.5 * large)
    draw.text((large / 2, large / 2), str(index), fill=(0, 0, 0, 255), font=font, anchor="mm")
    return np.asarray(image.resize((side, side), Image.Resampling.BOX))


def _blend(picture: Picture, dot: Picture, left: int, top: int) -> None:
    """Mix a dot [s, s, 4] into the picture in place; what lies outside is cut off."""
    height, width = picture.shape[:2]
    first_y, first_x = max(0, -top), max(0, -left)
    last_y, last_x = min(dot.shape[0], height - top), min(dot.shape[1], width - left)
    if first_y >= last_y or first_x >= last_x:
        return
    part = dot[first_y:last_y, first_x:last_x].astype(np.float32)
    under = picture[top + first_y : top + last_y, left + first_x : left + last_x]
    share = part[..., 3:] / 255
    under[:] = np.rint(part[..., :3] * share + under * (1 - share)).astype(np.uint8)


def _join(pictures: list[Picture], gap: int, colour: int, *, axis: int) -> Picture:
    shape = list(pictures[0].shape)
    shape[axis] = gap
    between = np.full(shape, colour, dtype=np.uint8)
    spaced = [part for picture in pictures for part in (between, picture)][1:]
    return np.concatenate(spaced, axis=axis)


def _extend(picture: Picture, width: int, colour: int) -> Picture:
    missing = width - picture.shape[1]
    return np.pad(picture, [(0, 0), (0, missing), (0, 0)], constant_values=colour) if missing else picture
