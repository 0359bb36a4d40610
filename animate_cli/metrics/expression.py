"""Does the result's face do what the truth's does: mouth, lids and gaze, by their correlation over time.

A figure is the correlation within clips: covariances and variances about each clip's own mean are summed over
clips. So clips in which nothing happens say little, and faces that differ at rest do not count as motion.

The result's landmarks are those that a detector finds, and it errs. Where the truth's own landmarks are known, so
is the figure's ceiling: the same correlation with what the detector reads off the true pictures themselves.
"""

import warnings
from abc import abstractmethod
from typing import ClassVar

import numpy as np

from animate_cli.metrics.landmarks import require
from animate_cli.metrics.measure import Better, Measure, Need, divide
from animate_cli.metrics.values import Landmarks, Numbers, Observation, Score

SIDES = ("left", "right")
MOMENTS = 3
"""A covariance and two variances."""

STILL = 1e-12
"""A sum of squares below this is rounding."""


def of_eyes(*parts: str) -> tuple[str, ...]:
    """Name landmarks of both eyes."""
    return tuple(f"{side}_eye_{part}" for side in SIDES for part in parts)


FACE = ("chin", *of_eyes("inner", "outer"))
"""What the height of the face is read from."""


class Expression(Measure):
    """Correlation of a signal that is read from landmarks, the truth's with the result's."""

    better: ClassVar[Better] = "higher"
    needs: ClassVar[frozenset[Need]] = frozenset({"landmarks"})

    @abstractmethod
    def read(self, marks: Landmarks) -> Numbers:
        """Read the signal [N, S] off landmarks; NaN where it cannot be seen."""

    def look(self, seen: Observation) -> Numbers:
        """Return the signals [B, 3, S] of the truth, of the result, and as they are found in the true picture.

        The truth's are its true landmarks' where known. Where they are not, the third ones are NaN.
        """
        truth, result = require(seen.found)
        found = self.read(truth)
        if seen.marks is None:
            return np.stack([found, self.read(result), np.full_like(found, np.nan)], axis=1)
        return np.stack([self.read(seen.marks), self.read(result), found], axis=1)

    def score(self, kept: Numbers) -> Score:
        """See Measure; the parts are the moments of truth and result, then those of the ceiling."""
        figure, unseen = sum_moments(kept[:, 0], kept[:, 1])
        ceiling, _ = sum_moments(kept[:, 0], kept[:, 2])
        return Score(np.concatenate([figure, ceiling]), np.empty(0), unseen)

    def combine(self, parts: Numbers) -> Numbers:
        """See Measure."""
        return correlate(parts[..., :MOMENTS])

    def find_ceiling(self, parts: Numbers) -> Numbers:
        """See Measure."""
        return correlate(parts[..., MOMENTS:])


def sum_moments(truth: Numbers, other: Numbers) -> tuple[Numbers, int]:
    """Sum the covariance and the two variances of signals [T, S] over a clip; also count the frames left out."""
    unseen = np.isnan(truth).any(1) | np.isnan(other).any(1)
    signals = np.stack([truth, other])[:, ~unseen]
    one, two = signals - signals.mean(1, keepdims=True) if signals.size else signals
    moments = np.array([(one * two).sum(), np.square(one).sum(), np.square(two).sum()], dtype=np.float64)
    return moments, int(unseen.sum())


def correlate(moments: Numbers) -> Numbers:
    """Turn summed moments [..., 3] into correlations [...]; NaN where one of the two is still."""
    variances = moments[..., 1:].clip(0)
    moving = (variances > STILL).all(-1)
    return divide(moments[..., 0], np.where(moving, np.sqrt(variances.prod(-1)), 0))


class Mouth(Expression):
    """Opening of the mouth: the distance of the lips over the height of the face below the eyes."""

    name, title = "mouth", "mouth opening"
    named: ClassVar[frozenset[str]] = frozenset({"lip_upper", "lip_lower", *FACE})

    def read(self, marks: Landmarks) -> Numbers:
        """See Expression."""
        return (distance(marks, "lip_upper", "lip_lower") / face_height(marks))[:, None]


class Blink(Expression):
    """Opening of the lids, averaged over the eyes that are seen, over the height of the face below the eyes."""

    name, title = "blink", "blink"
    named: ClassVar[frozenset[str]] = frozenset({*of_eyes("upper", "lower"), *FACE})

    def read(self, marks: Landmarks) -> Numbers:
        """See Expression."""
        eyes = [distance(marks, f"{side}_eye_upper", f"{side}_eye_lower") for side in SIDES]
        return (mean_seen(np.stack(eyes)) / face_height(marks))[:, None]


class Gaze(Expression):
    """Place of the pupil between the corners of its eye, along them and across, averaged over the eyes seen."""

    name, title = "gaze", "gaze"
    named: ClassVar[frozenset[str]] = frozenset({*of_eyes("inner", "outer"), "left_pupil", "right_pupil"})

    def read(self, marks: Landmarks) -> Numbers:
        """See Expression."""
        return mean_seen(np.stack([pupil_place(marks, side) for side in SIDES]))


def pupil_place(marks: Landmarks, side: str) -> Numbers:
    """Return where a pupil is, [N, 2]: from the eye's corner at the picture's left, in lengths of the eye."""
    inner, outer, pupil = (place(marks, f"{side}_{part}") for part in ("eye_inner", "eye_outer", "pupil"))
    start, end = (inner, outer) if side == "left" else (outer, inner)
    along = end - start
    square = np.square(along).sum(1)
    square[square == 0] = np.nan
    offset = pupil - start
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    return np.stack([(offset * along).sum(1) / square, (offset * across).sum(1) / square], axis=1)


def face_height(marks: Landmarks) -> Numbers:
    """Return the distance [N] from the middle between the eyes to the chin, NaN where it is none."""
    corners = [place(marks, name) for name in of_eyes("inner", "outer")]
    height: Numbers = np.linalg.norm(mean_seen(np.stack(corners)) - place(marks, "chin"), axis=1)
    height[height == 0] = np.nan
    return height


def distance(marks: Landmarks, one: str, other: str) -> Numbers:
    """Return the distance [N] of two landmarks, NaN where either is not present."""
    length: Numbers = np.linalg.norm(place(marks, one) - place(marks, other), axis=1)
    return length


def place(marks: Landmarks, name: str) -> Numbers:
    """Return a landmark's places [N, 2], NaN where it is not present or there is none such."""
    column = marks.column(name)
    return np.full((len(marks.points), 2), np.nan) if column is None else column


def mean_seen(values: Numbers) -> Numbers:
    """Average over the first axis what is not NaN; NaN where all is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is NaN, as wanted
        mean: Numbers = np.nanmean(values, axis=0)
    return mean
