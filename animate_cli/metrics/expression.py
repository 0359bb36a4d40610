"""Does the result's face do what the truth's does: mouth, lids and gaze, by their correlation over time.

A figure is the correlation within clips: covariances and variances about each clip's own mean are summed over
clips. So clips in which nothing happens say little, and faces that differ at rest do not count as motion.
"""

import warnings
from abc import abstractmethod
from typing import ClassVar

import numpy as np

from animate_cli.metrics.landmarks import require
from animate_cli.metrics.measure import Better, Measure, Need, divide
from animate_cli.metrics.values import Landmarks, Numbers, Observation, Score

SIDES = ("left", "right")
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
        """Return the signals of truth and result, [B, 2, S]; the truth's are its true landmarks' where known."""
        truth, result = require(seen.found)
        return np.stack([self.read(seen.marks or truth), self.read(result)], axis=1)

    def score(self, kept: Numbers) -> Score:
        """See Measure; the parts are the covariance and the two variances, summed over the clip."""
        unseen = np.isnan(kept).any(axis=(1, 2))
        signals = kept[~unseen]
        centred = signals - signals.mean(0) if len(signals) else signals
        truth, result = centred[:, 0], centred[:, 1]
        parts = [(truth * result).sum(), np.square(truth).sum(), np.square(result).sum()]
        return Score(np.array(parts, dtype=np.float64), np.empty(0), int(unseen.sum()))

    def combine(self, parts: Numbers) -> Numbers:
        """See Measure."""
        variances = parts[..., 1:].clip(0)
        moving = (variances > STILL).all(-1)
        return divide(parts[..., 0], np.where(moving, np.sqrt(variances.prod(-1)), 0))


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
