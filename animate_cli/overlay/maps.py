"""Maps as pictures: heatmaps, masks, occlusion, the deformation as a grid and as flow."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from animate_cli.overlay.lines import draw_arrow
from animate_cli.overlay.palette import colour_of
from animate_cli.overlay.values import BLACK, Numbers, Picture

GROUND = (232, 232, 232)
"""The colour of the background's own mask."""

DIMMED = 0.45
GRID_CELLS = 16
ARROWS = 9
KEY_SHARE = 0.24
FEWEST_KEY_PIXELS = 40


def draw_map(values: Numbers) -> Picture:
    """Show a map [h, w] in [0, 1] as grey [h, w, 3]: black is hidden, white is kept."""
    grey = _to_bytes(np.asarray(values, dtype=np.float64) * 255)
    return np.repeat(grey[..., None], 3, axis=2)


def draw_heatmaps(picture: Picture, heatmaps: Numbers) -> Picture:
    """Lay heatmaps [K, h, w], each in its keypoint's colour and relative to its peak, over the dimmed picture."""
    peaks = heatmaps / np.maximum(heatmaps.max((1, 2), keepdims=True), 1e-12)
    colours = np.array([colour_of(index) for index in range(len(peaks))], dtype=np.float64)
    colour = np.tensordot(peaks, colours, axes=(0, 0)) / np.maximum(peaks.sum(0), 1e-6)[..., None]
    share = peaks.max(0)[..., None]
    layer = enlarge(np.concatenate([colour * share, share], axis=2), picture.shape[:2])
    return _to_bytes(picture * DIMMED * (1 - layer[..., 3:]) + layer[..., :3])


def draw_masks(picture: Picture, masks: Numbers) -> Picture:
    """Lay masks [K + 1, h, w] that sum to 1 over picture in their keypoints' colours, the background's grey."""
    colours = np.array([GROUND, *(colour_of(index) for index in range(len(masks) - 1))], dtype=np.float64)
    painted = enlarge(np.tensordot(masks, colours, axes=(0, 0)), picture.shape[:2])
    return _to_bytes(0.25 * picture + 0.75 * painted)


def draw_grid(picture: Picture, deformation: Numbers, cells: int = GRID_CELLS) -> Picture:
    """Show a deformation [h, w, 2], (x, y) in [-1, 1], as a square grid on the source that moves along with it."""
    places = (enlarge(np.asarray(deformation, np.float32), picture.shape[:2]) + 1) / 2 * cells
    width = max(1.0, min(picture.shape[:2]) / 400)
    share = np.zeros(picture.shape[:2])
    for axis in range(2):
        down, right = np.gradient(places[..., axis])
        distance = np.abs(places[..., axis] - np.rint(places[..., axis]))
        pixels = distance / np.maximum(np.hypot(down, right), 1e-6)
        share = np.maximum(share, np.clip(width / 2 + 0.5 - pixels, 0, 1))
    under = picture * DIMMED
    return _to_bytes(under + share[..., None] * (255 - under))


def draw_flow(displacement: Numbers, size: tuple[int, int], largest: float) -> Picture:
    """Show a displacement [h, w, 2], (x, y) in shares of the picture's sides, at (height, width).

    The hue is the direction, the colour deepens up to ``largest``; white stands still. Arrows, four times as long
    as the motion at most, say the same without colour, and a wheel with its radius in per cent is the key.
    """
    picture = enlarge(colour_flow(displacement, largest), size)
    drawn = _to_bytes(picture)
    _draw_arrows(drawn, displacement, largest)
    key = _key(max(FEWEST_KEY_PIXELS, round(KEY_SHARE * min(size))), round(100 * largest, 1))
    part = drawn[-key.shape[0] :, -key.shape[1] :]
    part[:] = key[-part.shape[0] :, -part.shape[1] :]
    return drawn


def colour_flow(displacement: Numbers, largest: float) -> NDArray[np.float32]:
    """Colour a displacement [h, w, 2]: float RGB [h, w, 3] in [0, 255], deepest at ``largest`` and beyond."""
    x, y = displacement[..., 0], displacement[..., 1]
    hue = np.degrees(np.arctan2(y, x)) % 360
    depth = np.clip(np.hypot(x, y) / max(largest, 1e-9), 0, 1)
    hsv = np.stack([hue, depth, np.ones_like(hue)], axis=-1).astype(np.float32)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255, dtype=np.float32)


def enlarge(values: Numbers, size: tuple[int, ...]) -> NDArray[np.float32]:
    """Resize maps [h, w] or [h, w, C] bilinearly to (height, width), corners on corners."""
    height, width = size
    small = np.asarray(values, dtype=np.float32)
    planes = np.moveaxis(small.reshape(*small.shape[:2], -1), 2, 0)
    resized = _interpolation(small.shape[0], height) @ planes @ _interpolation(small.shape[1], width).T
    enlarged = np.moveaxis(resized, 0, 2).reshape(height, width, *small.shape[2:])
    return np.asarray(enlarged, dtype=np.float32)


@lru_cache(maxsize=32)
def _interpolation(count: int, wanted: int) -> NDArray[np.float32]:
    """Return the matrix [wanted, count] that reads a line of values at evenly spaced places."""
    places = np.linspace(0, count - 1, wanted)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(count)))
    return np.asarray(weights, dtype=np.float32)


def _draw_arrows(picture: Picture, displacement: Numbers, largest: float) -> None:
    height, width = picture.shape[:2]
    reach = min(height, width) / ARROWS / max(largest, 1e-9) * 0.8
    for row in (np.arange(ARROWS) + 0.5) / ARROWS:
        for column in (np.arange(ARROWS) + 0.5) / ARROWS:
            moved = displacement[int(row * len(displacement)), int(column * displacement.shape[1])]
            step = moved * min(reach, 4 * min(height, width))
            start = np.array([column * width, row * height])
            if np.hypot(*step) > 1:
                draw_arrow(picture, start, start + step)


@lru_cache(maxsize=8)
def _key(side: int, per_cent: float) -> Picture:
    """Paint the wheel of directions with what its rim stands for, [side + text, side, 3]."""
    steps = np.linspace(-1.15, 1.15, side)
    x, y = np.meshgrid(steps, steps)
    wheel = colour_flow(np.stack([x, y], axis=-1), 1.0)
    inside = np.clip((1 - np.hypot(x, y)) * side / 2.3 + 0.5, 0, 1)[..., None]
    text = max(11, side // 6)
    image = Image.new("RGB", (side, side + round(1.4 * text)), (255, 255, 255))
    image.paste(Image.fromarray(_to_bytes(255 + inside * (wheel - 255))), (0, 0))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=text)
    draw.text((side / 2, side + 0.6 * text), f"rim {per_cent:g} %", fill=BLACK, font=font, anchor="mm")
    return np.asarray(image)


def _to_bytes(values: Numbers) -> Picture:
    picture: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8, order="C")
    return picture
