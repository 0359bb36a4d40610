"""How a video's YUV and its orientation become upright RGB."""

import struct
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.buffer import Buffer
from av.video.reformatter import VideoReformatter

from animate_cli.errors import MediaError
from animate_cli.media.flatten import flatten
from animate_cli.media.values import Pixels

MOST_PIXELS = 1 << 27
"""A picture of more, such as 16384 x 8192, comes from a damaged header."""

Orientation = tuple[int, int, int, int]
UPRIGHT: Orientation = (1, 0, 0, 1)
QUARTER_TURNS: Mapping[int, Orientation] = {90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
UNTAGGED = frozenset({0, 2, 3})
BT709, BT601 = 1, 5
BT709_PRIMARIES = 1
FULL_RANGE, LIMITED_RANGE = 2, 1
USUALLY_FULL = ("yuvj", "gray", "ya8", "mono")
ACCURATE = (
    av.video.reformatter.Interpolation.BICUBIC
    | av.video.reformatter.Interpolation.ACCURATE_RND
    | av.video.reformatter.Interpolation.FULL_CHR_H_INT
)


def matrix_of(frame: av.VideoFrame) -> int:
    """Return the YUV matrix of a frame: its tag, or untagged what its size was most likely made with.

    Standard definition was made with BT.601, anything larger with BT.709.
    """
    if frame.colorspace not in UNTAGGED:
        return frame.colorspace
    high_definition = frame.width >= 1280 or frame.height > 576 or frame.color_primaries == BT709_PRIMARIES
    return BT709 if high_definition else BT601


def shown_size(width: int, height: int, pixel_shape: Fraction | None) -> tuple[int, int]:
    """Return the (width, height) that shows pixels of another shape as square ones, never fewer of them."""
    if not pixel_shape or pixel_shape == 1:
        return width, height
    if pixel_shape > 1:
        return round(width * pixel_shape), height
    return width, round(height / pixel_shape)


def check_size(path: Path, size: tuple[int, int]) -> None:
    """Raise MediaError where a picture (width, height) would fill the memory."""
    if size[0] * size[1] > MOST_PIXELS:
        raise MediaError(f"{path}: a picture of {size[0]}x{size[1]} is too large; scale it down first")


def to_pixels(
    frame: av.VideoFrame,
    size: tuple[int, int],
    orientation: Orientation,
    converter: VideoReformatter,
    *,
    has_alpha: bool,
    alpha: bool,
) -> Pixels:
    """Convert a decoded frame to RGB [H, W, 3], or RGBA [H, W, 4] when it has alpha and alpha is asked.

    size: (width, height) before the frame's orientation is applied. converter: one for all frames of a clip; a
    frame's own would prepare anew what the last one had ready, which takes longer than decoding. Without alpha,
    transparent places become white.
    """
    is_yuv = not (frame.format.is_rgb or frame.format.has_palette)
    picture = converter.reformat(
        frame,
        width=size[0],
        height=size[1],
        format="rgba" if has_alpha else "rgb24",
        src_colorspace=matrix_of(frame) if is_yuv else None,
        src_color_range=range_of(frame) if is_yuv else None,
        interpolation=int(ACCURATE),
    )
    pixels = orient(picture.to_ndarray().astype(np.uint8, copy=False), orientation)
    return pixels if alpha or not has_alpha else flatten(pixels)


def range_of(frame: av.VideoFrame) -> int:
    """Return the frame's range of values: its tag, or limited but for grey and the JPEG kinds of YUV."""
    if frame.color_range in (FULL_RANGE, LIMITED_RANGE):
        return frame.color_range
    return FULL_RANGE if frame.format.name.startswith(USUALLY_FULL) else LIMITED_RANGE


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """Return the signs (a, b, c, d) of the display matrix, which sends (x, y) to (a x + c y, b x + d y).

    Ask once a clip: a frame that was asked for its side data is freed late.
    """
    try:
        side_data: Mapping[str, Buffer] = cast(Any, frame.side_data)
    except (
        ValueError
    ):  # PyAV lists no side data where there is some of a kind that it does not know, such as EXIF
        return QUARTER_TURNS.get(frame.rotation % 360, UPRIGHT)
    if (matrix := side_data.get("DISPLAYMATRIX")) is None:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(matrix)[:36])
    return sign(a), sign(b), sign(c), sign(d)


def sign(value: int) -> int:
    """Return -1, 0 or 1; the matrix holds 16.16 fixed point, small entries are rounding."""
    return 0 if abs(value) < 1 << 15 else (1 if value > 0 else -1)


def lies_on_its_side(orientation: Orientation) -> bool:
    """Tell whether width and height change places."""
    a, b, c, d = orientation
    return bool(b and c and not a and not d)


def orient(pixels: Pixels, orientation: Orientation) -> Pixels:
    """Turn and mirror a picture by quarter turns; any other matrix leaves it as it is."""
    a, b, c, d = orientation
    if a and d and not b and not c:
        turned = pixels[::d, ::a]
    elif lies_on_its_side(orientation):
        turned = pixels.transpose(1, 0, 2)[::b, ::c]
    else:
        turned = pixels
    return np.ascontiguousarray(turned)
