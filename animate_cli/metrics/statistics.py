"""How sure a figure is: paired bootstrap over videos."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from animate_cli.metrics.measure import divide
from animate_cli.metrics.values import Numbers

RESAMPLES = 1000
SEED = 0
INTERVAL = (2.5, 97.5)
"""Percentiles that hold 95 %."""


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its interval; they are NaN where fewer than two videos say anything."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """The figures of several models on the same videos, and each one's change against the first in per cent."""

    figures: tuple[Estimate, ...]
    changes: tuple[Estimate, ...]


def compare(
    parts: Numbers, combine: Callable[[Numbers], Numbers], resamples: int = RESAMPLES, seed: int = SEED
) -> Comparison:
    """Estimate figures and their changes; every model is resampled with the same videos.

    Args:
        parts: [M, V, P], what M models scored on V videos.
        combine: turns summed parts [..., P] into figures [...].
        resamples: how often V videos are drawn with replacement.
        seed: of the draws.
    """
    videos = parts.shape[1]
    drawn = np.random.default_rng(seed).integers(videos, size=(resamples, videos)) if videos else None
    figures, resampled = combine(parts.sum(1)), None
    if drawn is not None and videos > 1:
        counts = np.stack([np.bincount(row, minlength=videos) for row in drawn]).astype(np.float64)
        resampled = combine(counts @ parts)
    return Comparison(
        _estimates(figures, resampled),
        _estimates(change(figures), None if resampled is None else change(resampled)),
    )


def change(figures: Numbers) -> Numbers:
    """Return the change of figures [M, ...] against the first of them, in per cent of its size."""
    first = figures[:1]
    return 100 * divide(figures - first, np.broadcast_to(np.abs(first), figures.shape))


def _estimates(figures: Numbers, resampled: Numbers | None) -> tuple[Estimate, ...]:
    return tuple(
        Estimate(float(figure), *_ends(None if resampled is None else resampled[index]))
        for index, figure in enumerate(figures)
    )


def _ends(resampled: Numbers | None) -> tuple[float, float]:
    """Return the ends of the interval, leaving out draws in which nothing was measured."""
    known = np.empty(0) if resampled is None else resampled[~np.isnan(resampled)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, INTERVAL)
    return float(low), float(high)
