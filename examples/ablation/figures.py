"""The figures of the ablation: a small file a trial with every video's, and what they say together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from animate_cli.files import atomic_path
from animate_cli.metrics.evaluation.report import Report

Numbers = NDArray[np.float64]

SHOWN = {
    "l1": "L1 ↓",
    "psnr": "PSNR (dB) ↑",
    "akd": "AKD (px) ↓",
    "mkr": "MKR ↓",
    "aed": "AED ↓",
    "stability": "stability →1",
    "keypoints_off": "keypoints off ↓",
    "keypoints_spread": "spread ↑",
    "psnr_other": "PSNR, another drives ↑",
    "sharpness": "sharpness →1",
    "mouth": "mouth ↑",
}
"""Measures and their headings."""

RESAMPLES = 2000
POWER = 1.96 + 0.84
"""Standard errors that a difference must have to be found with a probability of 80 % at a level of 5 %."""


def save_figures(path: Path, report: Report, model: int, config: Mapping[str, object]) -> None:
    """Keep what a report's model of this number scored on each video, in little space."""
    videos = report.models[model].videos
    content: dict[str, Any] = {
        "config": dict(config),
        "dataset": dict(report.dataset),
        "detectors": [vars(facts) for facts in report.detectors],
        "subsets": {
            name: [index for index, row in enumerate(videos) if name in row.subsets]
            for name in sorted({subset for row in videos for subset in row.subsets})
        },
        "videos": {
            measure.name: [_rounded(row.values[measure.name]) for row in videos]
            for measure in report.measures
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content) + "\n", encoding="utf-8")


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


@dataclass(frozen=True)
class Figures:
    """What all seeds of a variation scored: ``values`` [S, V] of each measure on each video, NaN where unknown."""

    name: str
    seeds: tuple[int, ...]
    values: Mapping[str, Numbers]
    subsets: Mapping[str, Sequence[int]]
    facts: Mapping[str, Any]

    def of(self, measure: str, subset: str | None) -> Numbers:
        """Return [S, V'] on all videos, or on a subset's."""
        values = self.values[measure]
        return values if subset is None else values[:, list(self.subsets[subset])]


def load_figures(folder: Path, name: str) -> Figures | None:
    """Read what is known of a variation in a family's folder, or None where that is nothing."""
    found = {
        int(path.stem.rpartition("-")[2]): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob(f"{name}-*.json"))
        if path.stem.rpartition("-")[0] == name
    }
    if not found:
        return None
    seeds = tuple(sorted(found))
    facts = found[seeds[0]]
    measures = [measure for measure in SHOWN if all(measure in one["videos"] for one in found.values())]
    values = {
        measure: np.array([found[seed]["videos"][measure] for seed in seeds], dtype=np.float64)
        for measure in measures
    }
    return Figures(name, seeds, values, facts["subsets"], facts)


@dataclass(frozen=True)
class Difference:
    """A variation's figure, its difference from the first one's with a 95 % interval, and what could be found.

    low, high: of the difference, from resampling videos in pairs. detectable: the smallest difference that these
    videos would show four times in five. between_seeds: standard deviation of the figure over seeds.
    """

    mean: float
    difference: float
    low: float
    high: float
    detectable: float
    between_seeds: float


def compare(first: Numbers, other: Numbers) -> Difference:
    """Compare values [S, V] of two variations on the same videos; seeds are averaged video by video."""
    mine, theirs = over_seeds(other), over_seeds(first)
    known = ~np.isnan(mine - theirs)
    gaps = (mine - theirs)[known]
    draws = np.random.default_rng(0).integers(len(gaps), size=(RESAMPLES, len(gaps)))
    resampled = gaps[draws].mean(1)
    low, high = np.percentile(resampled, (2.5, 97.5))
    runs = np.nanmean(other, 1)
    return Difference(
        mean=float(np.nanmean(mine)),
        difference=float(gaps.mean()),
        low=float(low),
        high=float(high),
        detectable=float(POWER * resampled.std()),
        between_seeds=float(runs.std(ddof=1)) if len(runs) > 1 else float("nan"),
    )


def over_seeds(values: Numbers) -> Numbers:
    """Average known values [S, V] over the seeds; NaN for a video that none of them has a value of."""
    known = ~np.isnan(values)
    count = known.sum(0)
    return np.where(count > 0, np.where(known, values, 0).sum(0) / np.maximum(count, 1), np.nan)
