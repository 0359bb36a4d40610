"""The measures that need nothing but numbers: collapsed pairs, jumps, dead keypoints, folds, stretches.

Places are in pixels divided by the picture's shorter side, so that bounds are shares of it. An amount [T, K] of 1
and above is a problem; NaN is not judged.
"""

import numpy as np
from numpy.typing import NDArray

from animate_cli.diagnosis.bounds import BOUNDS, Bounds

Numbers = NDArray[np.float64]

FEWEST_FOR_JUMPS = 3
CUT_SHARE = 0.5
"""Where more than this share of the keypoints jump at once the picture was cut, and no keypoint is to blame."""

FARTHEST_AMOUNT = 100.0


def measure_collapse(places: Numbers, bounds: Bounds = BOUNDS) -> Numbers:
    """Tell keypoints [T, K, 2] that do the work of one: nearer to another than ``bounds.collapsed``.

    Eyelids meet in a blink and lips when a mouth closes, so only pairs that are together in at least half of the
    frames are judged; the amount is the bound over the distance.
    """
    distance = np.linalg.norm(places[:, :, None] - places[:, None], axis=-1)
    distance[:, np.eye(places.shape[1], dtype=bool)] = np.inf
    together = (distance <= bounds.collapsed).mean(0) >= 0.5
    amount = np.where(
        together, bounds.collapsed / np.maximum(distance, bounds.collapsed / FARTHEST_AMOUNT), 0
    )
    collapsed: Numbers = amount.max(2, initial=0.0)
    return collapsed


def measure_jumps(places: Numbers, bounds: Bounds = BOUNDS) -> Numbers:
    """Tell keypoints [T, K, 2] that leap from one frame to the next while the others do not.

    A step counts without what all keypoints do (the median step). It is a jump when it is longer than
    ``bounds.jump`` and than ``bounds.jump_typical`` times the keypoint's own median step. Where most keypoints
    jump at once the clip was cut. The first frame has no step; clips of fewer than three frames are not judged.
    """
    if len(places) < FEWEST_FOR_JUMPS:
        return np.full(places.shape[:2], np.nan)
    steps = np.diff(places, axis=0)
    own = np.linalg.norm(steps - np.median(steps, axis=1, keepdims=True), axis=-1)
    usual = np.median(own, axis=0, keepdims=True)
    amount = own / np.maximum(bounds.jump, bounds.jump_typical * usual)
    whole = np.linalg.norm(steps, axis=-1) / np.maximum(bounds.jump, bounds.jump_typical * usual)
    amount[(whole >= 1).mean(1) > CUT_SHARE] = 0
    return np.concatenate([np.zeros((1, places.shape[1])), amount])


def measure_death(response: Numbers, num_frames: int, bounds: Bounds = BOUNDS) -> Numbers:
    """Tell dead keypoints by their response [K] to a shift of the picture: 1 follows it, 0 stays where it was.

    A keypoint that follows less than ``bounds.response`` sits at its place whatever is shown. All frames are
    judged alike.
    """
    amount = bounds.response / np.clip(response, bounds.response / FARTHEST_AMOUNT, None)
    amount[np.isnan(response)] = np.nan
    return np.repeat(amount[None], num_frames, axis=0)


def measure_response(before: Numbers, after: Numbers, shift: Numbers) -> Numbers:
    """Return the share [K] of shifts [N, 2] that keypoints follow from before to after [N, K, 2]."""
    followed = np.einsum("nki,ni->nk", after - before, shift) / np.einsum("ni,ni->n", shift, shift)[:, None]
    response: Numbers = np.median(followed, axis=0)
    return response


def measure_folds(jacobians: Numbers) -> Numbers:
    """Tell jacobians [T, K, 2, 2] that turn the plane over: a determinant at or below 0.

    Give relative ones (`relative_jacobians`): a keypoint's own frame of reference is arbitrary. The amount is 1 at
    0 and grows with the negative determinant.
    """
    determinant = _determinant(jacobians)
    amount = np.clip(1 - determinant, 0, FARTHEST_AMOUNT)
    return np.where(np.isfinite(determinant), amount, FARTHEST_AMOUNT)


def measure_stretch(jacobians: Numbers, bounds: Bounds = BOUNDS) -> Numbers:
    """Tell jacobians [T, K, 2, 2] that lengthen or shorten a line more than ``bounds.stretch`` times."""
    values = np.linalg.svd(np.nan_to_num(jacobians, posinf=0.0, neginf=0.0), compute_uv=False)
    largest, smallest = values[..., 0], np.maximum(values[..., 1], 1e-9)
    amount: Numbers = np.minimum(np.maximum(largest, 1 / smallest) / bounds.stretch, FARTHEST_AMOUNT)
    return amount


def relative_jacobians(jacobians: Numbers, reference: Numbers | None = None) -> Numbers:
    """Return jacobians [T, K, 2, 2] relative to a reference [K, 2, 2]: A_t A_ref^-1.

    By default each keypoint's reference is its frame with the median determinant, which one bad frame cannot be.
    A reference that cannot be inverted gives NaN.
    """
    if reference is None:
        determinant = _determinant(jacobians)
        middle = np.argsort(determinant, axis=0)[len(jacobians) // 2]
        reference = jacobians[middle, np.arange(jacobians.shape[1])]
    return jacobians @ _inverse(reference)


def _determinant(matrix: Numbers) -> Numbers:
    determinant: Numbers = matrix[..., 0, 0] * matrix[..., 1, 1] - matrix[..., 0, 1] * matrix[..., 1, 0]
    return determinant


def _inverse(matrix: Numbers) -> Numbers:
    a, b, c, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0], matrix[..., 1, 1]
    adjugate = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], -2)
    determinant = _determinant(matrix)
    inverse: Numbers = adjugate / np.where(determinant == 0, np.nan, determinant)[..., None, None]
    return inverse
