"""What was found: each keypoint's problems over the frames of one clip."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class KeypointHealth:
    """One keypoint over a clip.

    share: of the frames in which something is wrong with it. problems: the share of each problem that it has, the
    most frequent first. worst_frame: where the largest amount over its bound is, None where all is well.
    """

    index: int
    share: float
    problems: Mapping[str, float]
    worst_frame: int | None


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """A clip's diagnosis.

    places: [T, K, 2] in pixels of the input. times: [T], seconds. amounts: [T, K] for each problem in units of its
    bound, 1 and above is a problem, NaN is not judged. not_judged: why a problem is missing from the amounts.
    certainty: [T, K] in [0, 1], how sure it is where the object is, None where that was not asked.
    """

    places: Numbers
    times: Numbers
    amounts: Mapping[str, Numbers]
    not_judged: Mapping[str, str]
    certainty: Numbers | None = None

    @cached_property
    def bad(self) -> NDArray[np.bool_]:
        """Where any problem is, [T, K]."""
        bad = np.zeros(self.places.shape[:2], dtype=bool)
        for amount in self.amounts.values():
            bad |= _is_problem(amount)
        return bad

    @property
    def misplaced_share(self) -> float:
        """The share of all keypoints in all frames that have a problem."""
        return float(self.bad.mean()) if self.bad.size else 0.0

    def problems_at(self, frame: int, keypoint: int) -> list[str]:
        """Name what is wrong with a keypoint in a frame."""
        return [name for name, amount in self.amounts.items() if _is_problem(amount[frame, keypoint])]

    @cached_property
    def keypoints(self) -> list[KeypointHealth]:
        """Each keypoint's health."""
        return [self._health(index) for index in range(self.places.shape[1])]

    @cached_property
    def worst_frame(self) -> int:
        """The frame with the most misplaced keypoints; of equal ones the one whose worst is worst."""
        severity = np.minimum(self._severity.max(1, initial=0.0), 1e6) / 1e7
        return int(np.argmax(self.bad.sum(1) + severity))

    @cached_property
    def _severity(self) -> Numbers:
        stacked = [np.nan_to_num(amount) for amount in self.amounts.values()]
        worst: Numbers = np.max(stacked, axis=0) if stacked else np.zeros(self.places.shape[:2])
        return worst

    def _health(self, index: int) -> KeypointHealth:
        shares = {name: float(_is_problem(amount[:, index]).mean()) for name, amount in self.amounts.items()}
        found = {name: share for name, share in shares.items() if share > 0}
        ordered = dict(sorted(found.items(), key=lambda item: -item[1]))
        bad = self.bad[:, index]
        worst = int(np.argmax(self._severity[:, index])) if bad.any() else None
        return KeypointHealth(index, float(bad.mean()), ordered, worst)


def _is_problem(amount: Numbers) -> NDArray[np.bool_]:
    problem: NDArray[np.bool_] = np.nan_to_num(amount) >= 1
    return problem
