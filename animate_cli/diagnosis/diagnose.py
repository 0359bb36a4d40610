"""All measures over one clip."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from animate_cli.diagnosis.bounds import BOUNDS, Bounds
from animate_cli.diagnosis.health import Diagnosis
from animate_cli.diagnosis.measures import (
    measure_collapse,
    measure_death,
    measure_folds,
    measure_jumps,
    measure_stretch,
    relative_jacobians,
)

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observation:
    """What was seen of the keypoints in one clip of T frames.

    points: [T, K, 2], (x, y) in [-1, 1] of the input's picture. jacobians: [T, K, 2, 2]. size: (height, width) of
    the input in pixels. times: [T] seconds. reference: [K, 2, 2], jacobians to compare with; by default each
    keypoint's usual one in the clip.
    off_object, certainty, leak: [T, K], from `measure_distance` and `measure_leak`, and response [K] from
    `measure_response`; None where they could not be had, and ``reasons`` says why.
    """

    points: Numbers
    jacobians: Numbers
    size: tuple[int, int]
    times: Numbers
    reference: Numbers | None = None
    off_object: Numbers | None = None
    certainty: Numbers | None = None
    leak: Numbers | None = None
    response: Numbers | None = None
    reasons: tuple[tuple[str, str], ...] = ()

    @property
    def places(self) -> Numbers:
        """The keypoints [T, K, 2] in pixels."""
        height, width = self.size
        return (self.points + 1) / 2 * np.array([width - 1, height - 1], dtype=np.float64)

    @property
    def shares(self) -> Numbers:
        """The keypoints' places [T, K, 2] in shares of the picture's shorter side."""
        return self.places / max(1, min(self.size))


def _collapsed(seen: Observation, bounds: Bounds) -> Numbers:
    return measure_collapse(seen.shares, bounds)


def _jumping(seen: Observation, bounds: Bounds) -> Numbers:
    return measure_jumps(seen.shares, bounds)


def _dead(seen: Observation, bounds: Bounds) -> Numbers | None:
    return None if seen.response is None else measure_death(seen.response, len(seen.points), bounds)


def _relative(seen: Observation) -> Numbers | None:
    """Return the jacobians relative to a reference; one picture alone has none, and its own frame is arbitrary."""
    if len(seen.points) == 1 and seen.reference is None:
        return None
    return relative_jacobians(seen.jacobians, seen.reference)


def _folding(seen: Observation, bounds: Bounds) -> Numbers | None:
    relative = _relative(seen)
    return None if relative is None else measure_folds(relative)


def _stretching(seen: Observation, bounds: Bounds) -> Numbers | None:
    relative = _relative(seen)
    return None if relative is None else measure_stretch(relative, bounds)


PROBLEMS: dict[str, Callable[[Observation, Bounds], Numbers | None]] = {
    "off the object": lambda seen, _: seen.off_object,
    "collapsed": _collapsed,
    "jumping": _jumping,
    "dead": _dead,
    "leaking": lambda seen, _: seen.leak,
    "folding": _folding,
    "stretching": _stretching,
}
"""Each problem's name and measure; a measure gives None where it cannot judge at all."""


def diagnose(seen: Observation, bounds: Bounds = BOUNDS) -> Diagnosis:
    """Measure every problem."""
    amounts, reasons = {}, dict(seen.reasons)
    for name, measure in PROBLEMS.items():
        amount = measure(seen, bounds)
        if amount is None or np.isnan(amount).all():
            reasons.setdefault(name, "one picture alone cannot tell")
        else:
            amounts[name] = amount
    not_judged = {name: reasons[name] for name in PROBLEMS if name not in amounts}
    return Diagnosis(seen.places, seen.times, amounts, not_judged, seen.certainty)
