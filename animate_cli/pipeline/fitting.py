"""Bring pictures of any shape to the model's, and results back to the source's shape."""

from dataclasses import dataclass
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

from animate_cli.pipeline.job import Fit

Picture = NDArray[np.uint8]
Size = tuple[int, int]

LONGEST_TO_SHORTEST = 4
"""A result is at most this many times as long as --size; thinner pictures come out smaller."""


@dataclass(frozen=True)
class Placement:
    """How a picture is laid into a frame: cut to ``part``, scaled to ``inner``, put at ``offset`` in ``outer``.

    All sizes are (height, width). What is left of the frame is filled with the picture's edge.
    """

    part: tuple[int, int, int, int]
    inner: Size
    offset: Size
    outer: Size

    def at(self, outer: Size) -> "Placement":
        """Return the same layout in a frame of another size."""
        scale = outer[0] / self.outer[0], outer[1] / self.outer[1]
        inner = _at_least_one(self.inner[0] * scale[0]), _at_least_one(self.inner[1] * scale[1])
        offset = round(self.offset[0] * scale[0]), round(self.offset[1] * scale[1])
        fitting = min(offset[0], outer[0] - inner[0]), min(offset[1], outer[1] - inner[1])
        return Placement(self.part, inner, fitting, outer)


def place_picture(picture: Size, frame: Size, fit: Fit) -> Placement:
    """Lay a picture of (height, width) into a frame."""
    inner = _inside(picture, frame) if fit == "pad" else frame
    return Placement(_part(picture, frame, fit), inner, _centred(inner, frame), frame)


def place_canvas(picture: Size, model: Size, fit: Fit, shorter: int | None) -> Placement:
    """Lay a source into a frame of the model's aspect, large enough for the result.

    ``inner`` is the result's size, whose shorter side is ``shorter`` (None: the model's).
    """
    inner = result_size(picture if fit == "pad" else model, shorter or min(model))
    shape = model[0] // gcd(*model), model[1] // gcd(*model)
    count = max(ceil(inner[0] / shape[0]), ceil(inner[1] / shape[1]))
    outer = count * shape[0], count * shape[1]
    return Placement(_part(picture, model, fit), inner, _centred(inner, outer), outer)


def result_size(aspect: Size, shorter: int) -> Size:
    """Return a size of this aspect with the given shorter side; the longer one is even, for video."""
    ratio = max(aspect) / min(aspect)
    longer = shorter if ratio == 1 else _even(shorter * min(ratio, LONGEST_TO_SHORTEST))
    if ratio > LONGEST_TO_SHORTEST:
        shorter = _even(longer / ratio)
    return (shorter, longer) if aspect[0] <= aspect[1] else (longer, shorter)


def fit_picture(picture: Picture, placement: Placement) -> Picture:
    """Lay a picture [H, W] or [H, W, C] out as the placement says."""
    top, left, bottom, right = placement.part
    scaled = resize(picture[top:bottom, left:right], placement.inner)
    above, before = placement.offset
    below = placement.outer[0] - above - placement.inner[0]
    after = placement.outer[1] - before - placement.inner[1]
    if not (above or below or before or after):
        return scaled
    return np.pad(scaled, [(above, below), (before, after), (0, 0)][: picture.ndim], mode="edge")


def take_out(frame: Picture, placement: Placement) -> Picture:
    """Cut the picture out of the frame again."""
    top, left = placement.offset
    return frame[top : top + placement.inner[0], left : left + placement.inner[1]]


def resize(picture: Picture, size: Size) -> Picture:
    """Scale a picture [H, W] or [H, W, C] to (height, width), smoothly in both directions."""
    if picture.shape[:2] == size:
        return np.ascontiguousarray(picture)
    import torch  # takes long to load, and pictures are opened before
    import torch.nn.functional as F

    height, width, *channels = picture.shape
    layers = torch.from_numpy(np.ascontiguousarray(picture)).view(1, height, width, -1).permute(0, 3, 1, 2)
    scaled = F.interpolate(layers, size, mode="bicubic", antialias=True)  # Pillow's, five times as fast
    return np.ascontiguousarray(scaled[0].permute(1, 2, 0).numpy()).reshape(*size, *channels)


def _part(picture: Size, frame: Size, fit: Fit) -> tuple[int, int, int, int]:
    """Return the box of the picture that is used: all, or for ``crop`` its centre of the frame's aspect."""
    height, width = picture
    if fit != "crop":
        return 0, 0, height, width
    inner = _inside(frame, picture)
    top, left = _centred(inner, picture)
    return top, left, top + inner[0], left + inner[1]


def _inside(shape: Size, frame: Size) -> Size:
    """Return the largest size of this shape's aspect inside the frame."""
    scale = min(frame[0] / shape[0], frame[1] / shape[1])
    return min(_at_least_one(shape[0] * scale), frame[0]), min(_at_least_one(shape[1] * scale), frame[1])


def _centred(inner: Size, outer: Size) -> Size:
    return (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2


def _at_least_one(length: float) -> int:
    return max(1, round(length))


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))
