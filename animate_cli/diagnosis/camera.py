"""How the camera moves: the motion of what is seen along the picture's upper and outer borders.

Motions are affine, [2, 3], and take pixels of one small picture to pixels of another.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
AnyPicture = TypeVar("AnyPicture", NDArray[np.uint8], NDArray[np.float32])
Affine = NDArray[np.float64]

STILL: Affine = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
BORDER_SHARE = 0.15
GAIN = 0.8
"""A camera moves when undoing that leaves at most this share of the difference between distant borders."""

LAGS = (4, 8, 16)
"""How many pictures lie between those that are compared for that."""

STEPS = 8
SURE_LEVELS = 4.0
MOST_FEATURES = 300
FEWEST_POINTS = 6
LIKELY_SCALES = (0.8, 1.25)
LARGEST_DIFFERENCE = 30


def track_camera(pictures: Sequence[Picture]) -> list[Affine]:
    """Follow the camera through small pictures [h, w, 3]: for each, the motion from the first one's pixels.

    A camera that stands still gives `STILL` itself: movement is only believed where it explains the borders much
    better over all pictures together.
    """
    weight = border_weight(*pictures[0].shape[:2])
    path = [STILL]
    for before, after in pairwise(pictures):
        guess = combine(camera_step(before, after, weight), path[-1])
        path.append(_better(pictures[0], after, [guess, align(pictures[0], after, guess, weight)], weight))
    moved, still = _left(pictures, path, weight), _left(pictures, [STILL] * len(pictures), weight)
    return path if moved < GAIN * still else [STILL] * len(pictures)


def camera_step(before: Picture, after: Picture, weight: NDArray[np.float32]) -> Affine:
    """Return the motion that explains the borders best: none, or one that tracked features agree on, refined."""
    start = _better(before, after, [STILL, *_candidates(before, after, weight)], weight)
    return _better(before, after, [start, align(before, after, start, weight)], weight)


def align(before: Picture, after: Picture, motion: Affine, weight: NDArray[np.float32]) -> Affine:
    """Refine a motion to a fraction of a pixel: shift, zoom and turn, by weighted least squares on the borders.

    Pixels that differ much are trusted less, so that an object at the border does not drag the camera along.
    """
    old, new = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) for picture in (before, after))
    height, width = old.shape
    y, x = (np.mgrid[:height, :width] - np.array([[[height / 2]], [[width / 2]]])).astype(np.float32)
    for _ in range(STEPS):
        undone, known = undo(new, motion)
        down, right = np.gradient(undone)
        error = undone - old
        trust = weight * known / (1 + (error / max(SURE_LEVELS, 1.5 * float(np.median(np.abs(error))))) ** 2)
        slopes = np.stack([right, down, right * x + down * y, down * x - right * y]).reshape(4, -1)
        weighted = slopes * trust.reshape(-1)
        system = weighted @ slopes.T
        change = -np.linalg.solve(
            system + 1e-3 * np.diag(np.diag(system) + 1.0), weighted @ error.reshape(-1)
        )
        motion = combine(motion, _similarity(change, width / 2, height / 2))
        if np.abs(change[:2]).max() < 0.01:
            break
    return motion


def _similarity(change: NDArray[np.floating], x: float, y: float) -> Affine:
    """Return the motion of a small shift, zoom and turn about a place."""
    right, down, zoom, turn = change.astype(np.float64)
    linear = np.array([[1 + zoom, -turn], [turn, 1 + zoom]])
    middle = np.array([x, y])
    return np.column_stack([linear, middle - linear @ middle + [right, down]])


def _better(
    before: Picture, after: Picture, motions: Sequence[Affine], weight: NDArray[np.float32]
) -> Affine:
    """Return the motion that leaves the least difference."""
    return min(motions, key=lambda motion: difference(before, after, motion, weight))


def _left(pictures: Sequence[Picture], path: Sequence[Affine], weight: NDArray[np.float32]) -> float:
    """Return how much distant pictures differ at the borders when the camera's path is undone."""
    pairs = [(index, index + lag) for lag in LAGS for index in range(0, len(pictures) - lag, lag)]
    pairs = pairs or [(0, len(pictures) - 1)]
    left = [difference(pictures[i], pictures[j], combine(path[j], invert(path[i])), weight) for i, j in pairs]
    return float(np.mean(left))


def difference(before: Picture, after: Picture, motion: Affine, weight: NDArray[np.float32]) -> float:
    """Return the mean difference in levels that is left at the borders when the motion is undone."""
    undone, known = undo(after, motion)
    weight = weight * known
    left = np.minimum(cv2.absdiff(before, undone).max(2), LARGEST_DIFFERENCE)
    return float((left * weight).sum() / max(float(weight.sum()), 1e-6))


def undo(after: AnyPicture, motion: Affine) -> tuple[AnyPicture, NDArray[np.bool_]]:
    """Bring a picture back to where it was before a motion, and tell which pixels that shows."""
    height, width = after.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    undone = cv2.warpAffine(after, motion, (width, height), flags=flags)
    known = cv2.warpAffine(np.full((height, width), 255, np.uint8), motion, (width, height), flags=flags)
    return undone.astype(after.dtype, copy=False), np.asarray(known > 250)


def combine(second: Affine, first: Affine) -> Affine:
    """Return the motion that does the first, then the second."""
    return np.column_stack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]])


def invert(motion: Affine) -> Affine:
    """Return the motion backwards."""
    return np.asarray(cv2.invertAffineTransform(motion), dtype=np.float64)


def border_weight(height: int, width: int) -> NDArray[np.float32]:
    """Weigh pixels [height, width] by how likely they show background: at the top and the sides, less below."""
    y, x = np.mgrid[:height, :width]
    inwards = np.minimum.reduce([x, width - 1 - x, y]) / min(height, width)
    lower = np.clip(1.6 - 1.6 * y / height, 0, 1)
    weight: NDArray[np.float32] = (np.clip(1 - inwards / BORDER_SHARE, 0, 1) * lower).astype(np.float32)
    return weight


def _candidates(before: Picture, after: Picture, weight: NDArray[np.float32]) -> Iterator[Affine]:
    """Yield the motions of the features at the borders, of most features, and of most of the rest."""
    old, new = _track(before, after)
    at_border = weight[old[:, 1].astype(int), old[:, 0].astype(int)] > 0.05 if len(old) else []
    groups = [(old[at_border], new[at_border]), (old, new)] if len(old) else []
    for start, end in groups:
        for _ in range(2):
            if len(start) < FEWEST_POINTS:
                break
            motion, agrees = cv2.estimateAffinePartial2D(start, end, ransacReprojThreshold=1.0, maxIters=500)
            if motion is None:
                break
            if LIKELY_SCALES[0] < np.hypot(motion[0, 0], motion[0, 1]) < LIKELY_SCALES[1]:
                yield np.asarray(motion, dtype=np.float64)
            rest = agrees[:, 0] == 0
            start, end = start[rest], end[rest]


def _track(before: Picture, after: Picture) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Follow corners from one picture to the next: their places [N, 2] in both."""
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, after)]
    corners = cv2.goodFeaturesToTrack(grey[0], MOST_FEATURES, 0.01, 3)
    if corners is None:
        nothing = np.zeros((0, 2), np.float32)
        return nothing, nothing
    found, tracked, _ = cv2.calcOpticalFlowPyrLK(
        grey[0], grey[1], corners, np.zeros_like(corners), winSize=(11, 11), maxLevel=3
    )
    kept = tracked.reshape(-1) > 0
    old, new = (np.asarray(points, dtype=np.float32).reshape(-1, 2)[kept] for points in (corners, found))
    return old, new
