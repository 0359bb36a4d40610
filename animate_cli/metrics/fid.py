"""FID (Heusel et al. 2017): distance of two sets of pictures, as Gaussians of their features."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from animate_cli.metrics.measure import Measure, Need
from animate_cli.metrics.values import Numbers, Observation, Score

FEWEST = 2


class Fid(Measure):
    """Fréchet distance between all frames of the truth and of the result; it has no value for a single clip."""

    name, title = "fid", "FID"
    needs: ClassVar[frozenset[Need]] = frozenset({"features"})

    def look(self, seen: Observation) -> Numbers:
        """Return the features of truth and result, [B, 2, D]."""
        assert seen.features is not None, "a measure that needs features was given none"  # noqa: S101
        return np.stack(seen.features, axis=1)

    def score(self, kept: Numbers) -> Score:
        """See Measure; only counts, the distance is `pool`'s."""
        left_out = np.isnan(kept).any(axis=(1, 2))
        return Score(np.array([float((~left_out).sum())]), np.empty(0), int(left_out.sum()))

    def combine(self, parts: Numbers) -> Numbers:
        """See Measure; a clip alone has no figure."""
        return np.full(parts.shape[:-1], np.nan)

    def pool(self, kept: Iterable[Numbers]) -> float:
        """Return the distance over clips, each [T, 2, D]; NaN with fewer than two frames."""
        truth, result = Moments(), Moments()
        for clip in kept:
            known = clip[~np.isnan(clip).any(axis=(1, 2))]
            truth.add(known[:, 0])
            result.add(known[:, 1])
        if truth.count < FEWEST:
            return float("nan")
        return frechet_distance(*truth.gaussian(), *result.gaussian())


class Moments:
    """Mean and covariance of rows that come in pieces."""

    def __init__(self) -> None:
        self.count = 0
        self.sum: Numbers | float = 0.0
        self.products: Numbers | float = 0.0

    def add(self, rows: Numbers) -> None:
        """Take rows [N, D]."""
        self.count += len(rows)
        self.sum = self.sum + rows.sum(0)
        self.products = self.products + rows.T @ rows

    def gaussian(self) -> tuple[Numbers, Numbers]:
        """Return mean [D] and covariance [D, D]."""
        mean = np.asarray(self.sum) / self.count
        scatter = np.asarray(self.products) - self.count * np.outer(mean, mean)
        return mean, scatter / (self.count - 1)


def frechet_distance(
    mean: Numbers, covariance: Numbers, other_mean: Numbers, other_covariance: Numbers
) -> float:
    """Return |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)) of means [D] and covariances [D, D]."""
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    overlap = np.sqrt(np.linalg.eigvalsh(root @ other_covariance @ root).clip(0)).sum()
    apart = np.square(mean - other_mean).sum()
    return float(apart + np.trace(covariance) + np.trace(other_covariance) - 2 * overlap)
