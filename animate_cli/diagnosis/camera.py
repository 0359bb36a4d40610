"""How the camera moves: the motion of what is seen along the picture's upper and outer borders.

Motions are affine, [2, 3], and take pixels of one small picture to pixels of another.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Affine = NDArray[np.float64]

STILL: Affine = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
BORDER_SHARE = 0.15
GAIN, LEAST_GAIN = 0.75, 0.4
"""A camera moves when that leaves at most this share of the border's difference, and lowers it by so many levels."""

MOST_FEATURES = 300
FEWEST_POINTS = 6
LIKELY_SCALES = (0.8, 1.25)
LARGEST_DIFFERENCE = 30


def track_camera(pictures: Sequence[Picture]) -> list[Affine]:
    """Follow the camera through small pictures [h, w, 3]: for each, the motion from the first one's pixels.

    A camera that stands still gives the identity exactly: movement is only believed where it explains the borders
    much better over all pictures together.
    """
    weight = border_weight(*pictures[0].shape[:2])
    pairs = list(zip(pictures, pictures[1:], strict=False))
    steps = [camera_step(before, after, weight) for before, after in pairs]
    still = [difference(*pair, STILL, weight) for pair in pairs]
    moved = [difference(*pair, step, weight) for pair, step in zip(pairs, steps, strict=True)]
    if sum(moved) > GAIN * sum(still) - LEAST_GAIN * len(pairs):
        return [STILL] * len(pictures)
    path = [STILL]
    for step in steps:
        path.append(combine(step, path[-1]))
    return path


def camera_step(before: Picture, after: Picture, weight: NDArray[np.float32]) -> Affine:
    """Return the motion that explains the borders best: none, or one that tracked features agree on."""
    candidates = [STILL, *_candidates(before, after, weight)]
    left = [difference(before, after, candidate, weight) for candidate in candidates]
    best = candidates[int(np.argmin(left))]
    refined = _refine(before, after, best, weight) if best is not STILL else STILL
    return refined if difference(before, after, refined, weight) < min(left) else best


def difference(before: Picture, after: Picture, motion: Affine, weight: NDArray[np.float32]) -> float:
    """Return the mean difference in levels that is left at the borders when the motion is undone."""
    undone, known = undo(after, motion)
    weight = weight * known
    left = np.minimum(cv2.absdiff(before, undone).max(2), LARGEST_DIFFERENCE)
    return float((left * weight).sum() / max(float(weight.sum()), 1e-6))


def undo(after: Picture, motion: Affine) -> tuple[Picture, NDArray[np.bool_]]:
    """Bring a picture back to where it was before a motion, and tell which pixels that shows."""
    height, width = after.shape[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    undone = cv2.warpAffine(after, motion, (width, height), flags=flags)
    known = cv2.warpAffine(np.full((height, width), 255, np.uint8), motion, (width, height), flags=flags)
    return undone.astype(np.uint8), known > 250


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
    return corners.reshape(-1, 2)[kept], found.reshape(-1, 2)[kept]


def _refine(before: Picture, after: Picture, motion: Affine, weight: NDArray[np.float32]) -> Affine:
    """Align the borders to a fraction of a pixel, or leave the motion as it is."""
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (before, after)]
    mask = (weight > 0.1).astype(np.uint8) * 255
    end = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    try:
        _, refined = cv2.findTransformECC(
            grey[0], grey[1], motion.astype(np.float32), cv2.MOTION_AFFINE, end, mask, 3
        )
    except cv2.error:  # it did not converge
        return motion
    return np.asarray(refined, dtype=np.float64)
