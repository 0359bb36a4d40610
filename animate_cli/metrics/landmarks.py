"""Measures of landmarks: distances, missing ones, and how calmly they move.

Those of the paper, and those of the published scripts (pose-evaluation), which differ from the papers' text.
Distances are in pixels at 256.
"""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from animate_cli.metrics.measure import Better, Measure, Need, divide
from animate_cli.metrics.values import Landmarks, Numbers, Observation, Pair, Score

Flags = NDArray[np.bool_]
LANDMARKS: frozenset[Need] = frozenset({"landmarks"})
MISSING = -1.0
"""What the published scripts write for a joint that was not found."""


class Akd(Measure):
    """Mean Euclidean distance between landmarks present in truth and result; frames without any are left out."""

    name, title, unit = "akd", "AKD", "px"
    has_floor: ClassVar[bool] = True
    needs: ClassVar[frozenset[Need]] = LANDMARKS

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        truth, result = require(seen.found)
        return mean_distance(truth, result, truth.present & result.present)


class Mkr(Measure):
    """Share of the truth's landmarks that are missing in the result; frames whose truth has none are left out."""

    name, title = "mkr", "MKR"
    needs: ClassVar[frozenset[Need]] = LANDMARKS

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        truth, result = require(seen.found)
        return missing_share(truth.present, result.present)


class AkdPoseEvaluation(Measure):
    """The published scripts' figure: the mean absolute difference over both coordinates of present landmarks.

    Frames without a landmark in the result are skipped.
    """

    name, title, unit = "akd_pose_evaluation", "AKD (pose-evaluation)", "px"
    needs: ClassVar[frozenset[Need]] = LANDMARKS

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        truth, result = (with_sentinel(marks) for marks in require(seen.found))
        both = (truth[..., 0] != MISSING) & (result[..., 0] != MISSING)
        differences = np.abs(truth - result).sum(-1) / 2
        return divide((differences * both).sum(1), both.sum(1))


class MkrPoseEvaluation(Measure):
    """The published scripts' missing rate: joints at -1 in the result alone, over those of the truth."""

    name, title = "mkr_pose_evaluation", "MKR (pose-evaluation)"
    needs: ClassVar[frozenset[Need]] = LANDMARKS

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        truth, result = (with_sentinel(marks)[..., 0] != MISSING for marks in require(seen.found))
        return missing_share(truth, result)


class AkdAboveFloor(Measure):
    """How much farther from the true landmarks they are found in the result than in the truth's own picture.

    Over landmarks that are truly visible and found in both, so that the detector's own error (its floor)
    cancels: a perfect result has 0.
    """

    name, title, unit = "akd_above_floor", "AKD above the floor", "px"
    needs: ClassVar[frozenset[Need]] = frozenset({"landmarks", "marks"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        truth, result = require(seen.found)
        marks = true_marks(seen, truth)
        both = truth.present & result.present & marks.present
        return mean_distance(marks, result, both) - mean_distance(marks, truth, both)


class DetectorFloor(Measure):
    """The detector's own error: how far from the true landmarks it finds them in the truth's pictures."""

    name, title, unit = "detector_floor", "the detector's floor", "px"
    needs: ClassVar[frozenset[Need]] = frozenset({"landmarks", "marks"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        truth = require(seen.found).truth
        marks = true_marks(seen, truth)
        return mean_distance(marks, truth, truth.present & marks.present)


class Stability(Measure):
    """Energy of the landmarks' frame-to-frame jitter, the result's over the truth's; 1 is as calm.

    The jitter is the second difference over three frames in a row, x(t+1) - 2 x(t) + x(t-1), of landmarks
    present in all three, in truth and result.
    """

    name, title = "stability", "stability"
    better: ClassVar[Better] = "one"
    needs: ClassVar[frozenset[Need]] = LANDMARKS

    def look(self, seen: Observation) -> Numbers:
        """Return the landmarks of truth and result, [B, 2, L, 2], NaN where either is missing."""
        truth, result = require(seen.found)
        both = (truth.present & result.present)[:, None, :, None]
        return np.where(both, np.stack([truth.points, result.points], axis=1), np.nan)

    def score(self, kept: Numbers) -> Score:
        """See Measure; the value of a frame is that of the three around it."""
        jitter = np.diff(kept, n=2, axis=0) if len(kept) > 2 else kept[:0]
        energies = np.nansum(np.square(jitter), axis=(2, 3))
        seen = ~np.isnan(jitter).all(axis=(1, 2, 3))
        frames = np.full(len(kept), np.nan)
        frames[1 : 1 + len(jitter)] = divide(energies[:, 1], energies[:, 0])
        parts = np.array([energies[:, 1].sum(), energies[:, 0].sum()])
        return Score(parts, frames, len(kept) - int(seen.sum()))


def with_sentinel(marks: Landmarks) -> Numbers:
    """Write landmarks as the published scripts do: [N, L, 2], both coordinates -1 where one is missing."""
    return np.where(marks.present[..., None], marks.points, MISSING)


def mean_distance(one: Landmarks, other: Landmarks, chosen: Flags) -> Numbers:
    """Average the Euclidean distances of the chosen landmarks [N, L] of each frame; NaN where there is none."""
    difference = np.where(chosen[..., None], one.points - other.points, 0)
    return divide(np.linalg.norm(difference, axis=-1).sum(1), chosen.sum(1))


def missing_share(
    truth: Flags,
    result: Flags,
) -> Numbers:
    """Return the share of what is present [N, L] in the truth that is not in the result; NaN where none is."""
    return divide((truth & ~result).sum(1).astype(np.float64), truth.sum(1).astype(np.float64))


def true_marks(seen: Observation, found: Landmarks) -> Landmarks:
    """Return the true landmarks that a measure asked for, in the detector's order."""
    assert seen.marks is not None, "a measure that needs true landmarks was given none"  # noqa: S101
    return seen.marks.matched(found)


def require(found: Pair | None) -> Pair:
    """Return the landmarks that a measure asked for."""
    assert found is not None, "a measure that needs landmarks was given none"  # noqa: S101
    return found
