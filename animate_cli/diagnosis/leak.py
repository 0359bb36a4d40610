"""Leak: the background moves although the camera stands still, and which keypoints pull it."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from animate_cli.diagnosis.bounds import BOUNDS, Bounds
from animate_cli.motion import Motion

Numbers = NDArray[np.floating]

SMALLEST_REGION = 0.02
"""The share of the picture that must be background for a leak to be judged."""

MARGIN = 0.05
"""How far from the object, as a share of the picture's side, the background begins."""


class Deformed(NamedTuple):
    """How a source is moved in one frame.

    deformation: [h, w, 2], (x, y) in [-1, 1], where each place comes from in the source. masks: [K + 1, h, w], the
    background's first. source, moved: the keypoints that it is moved from and to.
    """

    deformation: Numbers
    masks: Numbers
    source: Motion
    moved: Motion


def measure_leak(
    frame: Deformed, object_mask: NDArray[np.bool_], bounds: Bounds = BOUNDS
) -> NDArray[np.float64]:
    """Tell keypoints that move the background; amounts [K] in units of ``bounds.leak``.

    The region is what was background in the source and shows the source's background still, at some distance from
    the object (object_mask [H, W] of the source): it should stay. What moves it, F(z) - z = sum_k Mask_k (F^k(z) -
    z), is a sum over keypoints, so each one's part along the movement adds up to the whole. A keypoint's leak is
    the mean of its part over the region, as a share of the picture's side. Only judged where enough background is
    seen; the camera has to stand still.
    """
    height, width = frame.deformation.shape[:2]
    grid = identity_grid(height, width)
    region = _background(frame.deformation, object_mask, grid)
    if region.mean() < SMALLEST_REGION:
        return np.full(len(frame.masks) - 1, np.nan)
    moved = (frame.deformation - grid)[region]
    direction = moved / np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-9)
    steps = _sparse_motions(frame.source, frame.moved, grid[region]) - grid[region]
    parts = frame.masks[1:, region] * np.einsum("kni,ni->kn", steps, direction)
    return np.asarray(np.abs(parts.mean(1)) / 2 / bounds.leak, dtype=np.float64)


def identity_grid(height: int, width: int) -> Numbers:
    """Return where each place comes from when nothing moves: [height, width, 2], (x, y) in [-1, 1]."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return np.stack([x, y], axis=-1)


def _background(deformation: Numbers, object_mask: NDArray[np.bool_], grid: Numbers) -> NDArray[np.bool_]:
    """Tell where background [h, w] stays background, away from the object and from what comes from outside."""
    height, width = grid.shape[:2]
    shrunk = cv2.resize(object_mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_AREA)
    side = 2 * max(1, round(MARGIN * min(height, width))) + 1
    near = cv2.dilate(shrunk, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0
    places = np.rint((np.clip(deformation, -1, 1) + 1) / 2 * [width - 1, height - 1]).astype(int)
    inside = (np.abs(deformation) <= 1.1).all(-1)
    background: NDArray[np.bool_] = ~near & ~near[places[..., 1], places[..., 0]] & inside
    return background


def _sparse_motions(source: Motion, moved: Motion, places: Numbers) -> Numbers:
    """Give each keypoint's own affine motion at places [N, 2]: [K, N, 2], equation (6)."""
    turn = source.jacobian @ np.linalg.pinv(np.nan_to_num(moved.jacobian).astype(np.float64))
    offset = places[None] - moved.value[:, None]
    sparse: Numbers = source.value[:, None] + np.einsum("kij,knj->kni", turn, offset)
    return sparse
