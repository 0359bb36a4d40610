"""Put several patches back into one picture, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animate_cli.faces.box import Box
from animate_cli.faces.detector import Picture

FEATHER = 0.12
"""Width of the soft edge of what is put back, as a share of the box's side."""

SHARPNESS = 4
"""How clearly a pixel that two boxes share belongs to the one whose centre is nearer."""


@dataclass(frozen=True)
class Place:
    """Where a square box of whole pixels lies in a picture.

    rows, columns: the part of the picture. inner: the same part of the box, whose side is ``side`` pixels.
    """

    rows: slice
    columns: slice
    inner: tuple[slice, slice]
    side: int


class Paster:
    """Puts patches into their boxes, each feathered; where boxes overlap, the nearer face prevails."""

    def __init__(self, picture: Picture, boxes: Sequence[Box]) -> None:
        self._picture = picture
        self._places = [_place_in(picture, box) for box in boxes]
        masks = [_feather_mask(picture, place, FEATHER) for place in self._places]
        self._masks = _share(picture, self._places, masks) if len(boxes) > 1 else masks

    def paste(self, patches: Sequence[Picture]) -> Picture:
        """Put a patch [S, S, 3] into each box; every pixel outside of them stays as it is."""
        pasted = self._picture.copy()
        for patch, place, mask in zip(patches, self._places, self._masks, strict=True):
            under = pasted[place.rows, place.columns].astype(np.float32)
            original = self._picture[place.rows, place.columns]
            over = _scale(patch, place.side)[place.inner].astype(np.float32)
            mixed = under + mask[..., None] * (over - original)
            pasted[place.rows, place.columns] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
        return pasted


def _share(
    picture: Picture, places: Sequence[Place], masks: Sequence[NDArray[np.float32]]
) -> list[NDArray[np.float32]]:
    """Weigh the masks of boxes that overlap so that they add up to at most 1."""
    total = np.zeros(picture.shape[:2], np.float32)
    weights = [mask * _closeness(place) for place, mask in zip(places, masks, strict=True)]
    for place, weight in zip(places, weights, strict=True):
        total[place.rows, place.columns] += weight
    pairs = zip(places, masks, weights, strict=True)
    shares = [mask * weight / np.maximum(total[p.rows, p.columns], 1e-12) for p, mask, weight in pairs]
    return [share.astype(np.float32) for share in shares]


def _closeness(place: Place) -> NDArray[np.float32]:
    """Return how near each pixel of a place in the picture is to its box's centre, in (0, 1]."""
    steps = np.abs((np.arange(place.side, dtype=np.float32) + 0.5) / place.side * 2 - 1)
    down, across = steps[place.inner[0]], steps[place.inner[1]]
    closeness = (1.01 - np.maximum(down[:, None], across)) ** SHARPNESS
    return closeness.astype(np.float32)


def _place_in(picture: Picture, box: Box) -> Place:
    """Return where a box lies in a picture [H, W, C]."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box.pixels
    rows = slice(min(max(0, top), height), max(0, min(height, bottom)))
    columns = slice(min(max(0, left), width), max(0, min(width, right)))
    inner = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    return Place(rows, columns, inner, right - left)


def _feather_mask(picture: Picture, place: Place, feather: float) -> NDArray[np.float32]:
    """Return the weights in [0, 1] of what is put into a place: soft edges, but none where the picture ends."""
    height, width = picture.shape[:2]
    down = _ramp(place.side, feather, soft=(place.rows.start > 0, place.rows.stop < height))
    across = _ramp(place.side, feather, soft=(place.columns.start > 0, place.columns.stop < width))
    mask: NDArray[np.float32] = down[place.inner[0], None] * across[place.inner[1]]
    return mask


def _scale(patch: Picture, side: int) -> Picture:
    """Scale a square patch [S, S, C] to a side in pixels."""
    if patch.shape[:2] == (side, side):
        return patch
    filter_ = Image.Resampling.BICUBIC if side > len(patch) else Image.Resampling.LANCZOS
    image = Image.fromarray(np.ascontiguousarray(patch))
    return np.asarray(image.resize((side, side), filter_))


def _ramp(length: int, feather: float, soft: tuple[bool, bool]) -> NDArray[np.float32]:
    """Return weights [length] in [0, 1] that rise from 0 at the ends that are soft, with no kink."""
    steps = np.arange(length, dtype=np.float32)
    reach = max(1.0, feather * length)
    rise = np.clip(steps / reach, 0, 1) if soft[0] else np.ones(length, np.float32)
    fall = np.clip(steps[::-1] / reach, 0, 1) if soft[1] else np.ones(length, np.float32)
    lowest = np.minimum(rise, fall)
    smooth: NDArray[np.float32] = (lowest * lowest * (3 - 2 * lowest)).astype(np.float32)
    return smooth
