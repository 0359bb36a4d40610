"""The outcome of an evaluation as plain values: figures with intervals, changes, subsets, a row a video."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from animate_cli.data.toon_tests import SIZE
from animate_cli.metrics.detectors import DetectorFacts
from animate_cli.metrics.evaluation.clips import DataSet
from animate_cli.metrics.evaluation.contenders import Contender
from animate_cli.metrics.evaluation.plan import Missing, Plan
from animate_cli.metrics.evaluation.run import Row
from animate_cli.metrics.fid import Fid
from animate_cli.metrics.measure import Better, Measure
from animate_cli.metrics.statistics import Estimate, compare
from animate_cli.metrics.values import Numbers, Score

SCHEMA = 1


@dataclass(frozen=True)
class Figure:
    """A model's figure over a set of videos.

    mean, low, high: with its 95 % interval. change: against the first model in per cent, likewise. frames: that
    count. left_out: frames that do not. ceiling: what a perfect result would reach, where a detector's error keeps
    that below 1. best: no other model's is better.
    """

    mean: float
    low: float
    high: float
    change: Estimate
    frames: int
    left_out: int
    ceiling: float | None = None
    best: bool = False


@dataclass(frozen=True)
class VideoRow:
    """A video's own figures, None where it has none."""

    name: str
    subsets: tuple[str, ...]
    frames: int
    values: Mapping[str, float | None]


@dataclass(frozen=True)
class ModelReport:
    """What one contender reached. subsets: its figures on groups of videos."""

    name: str
    figures: Mapping[str, Figure]
    subsets: Mapping[str, Mapping[str, Figure]]
    videos: Sequence[VideoRow]


@dataclass(frozen=True)
class MeasureFacts:
    """How a measure is shown. floor: what a perfect result would score, where that is the detector's error."""

    name: str
    title: str
    unit: str
    better: Better
    floor: float | None = None


@dataclass(frozen=True)
class Report:
    """All that an evaluation found."""

    dataset: Mapping[str, Any]
    measures: Sequence[MeasureFacts]
    models: Sequence[ModelReport]
    detectors: Sequence[DetectorFacts]
    missing: Sequence[Missing]


def build_report(
    data_set: DataSet, contenders: Sequence[Contender], plan: Plan, rows: Sequence[Row]
) -> Report:
    """Turn scores into figures."""
    subsets = list(dict.fromkeys(subset for row in rows for subset in row.clip.subsets))
    whole = figures_of(rows, plan, len(contenders))
    parts = {
        subset: figures_of([row for row in rows if subset in row.clip.subsets], plan, len(contenders))
        for subset in subsets
    }
    models = [
        ModelReport(
            contender.name,
            whole[index],
            {subset: figures[index] for subset, figures in parts.items()},
            [_video(row, index, plan) for row in rows],
        )
        for index, contender in enumerate(contenders)
    ]
    facts = {
        **data_set.facts,
        "videos": len(rows),
        "frames": sum(row.scores[0].num_frames for row in rows),
        "left_out": len(data_set.clips()) - len(rows),
    }
    found = plan.detectors.landmarks
    at_full_size = data_set.facts.get("size", SIZE) == SIZE  # the floor of smaller drawings is another
    floor = found.facts.floor if found is not None and at_full_size else None
    measures = [
        MeasureFacts(one.name, one.title, one.unit, one.better, floor if one.has_floor else None)
        for one in plan.measures
    ]
    return Report(facts, measures, models, plan.detectors.facts(), plan.missing)


def figures_of(rows: Sequence[Row], plan: Plan, count: int) -> list[dict[str, Figure]]:
    """Return each contender's figures over some rows."""
    figures: list[dict[str, Figure]] = [{} for _ in range(count)]
    for measure in plan.measures:
        for index, figure in enumerate(_figures(rows, measure, count)):
            figures[index][measure.name] = figure
    return figures


def _figures(rows: Sequence[Row], measure: Measure, count: int) -> list[Figure]:
    scores = [[row.scores[index].scores[measure.name] for row in rows] for index in range(count)]
    estimates, changes = _estimate(rows, measure, count)
    best = best_of([one.mean for one in estimates], measure.better) if count > 1 else set()
    total = sum(row.scores[0].num_frames for row in rows)
    return [
        Figure(one.mean, one.low, one.high, change, total - left, left, ceiling, best=index in best)
        for index, (one, change) in enumerate(zip(estimates, changes, strict=True))
        for left in [sum(score.left_out for score in scores[index])]
        for ceiling in [plain(float(measure.find_ceiling(sum_parts(scores[index]))))]
    ]


def sum_parts(scores: Sequence[Score]) -> Numbers:
    """Add up the parts of a measure over clips."""
    total: Numbers = np.stack([score.parts for score in scores]).sum(0)
    return total


def _estimate(
    rows: Sequence[Row], measure: Measure, count: int
) -> tuple[Sequence[Estimate], Sequence[Estimate]]:
    if isinstance(measure, Fid):
        return _pooled(rows, measure, count)
    parts = np.array(
        [[row.scores[index].scores[measure.name].parts for row in rows] for index in range(count)]
    )
    comparison = compare(parts, measure.combine)
    return comparison.figures, comparison.changes


def _pooled(rows: Sequence[Row], measure: Fid, count: int) -> tuple[list[Estimate], list[Estimate]]:
    """Estimate what needs all clips together; drawing clips again would take days, so there is no interval."""
    none = math.nan
    values = [measure.pool(row.scores[index].kept[measure.name] for row in rows) for index in range(count)]
    first = values[0]
    changes = [100 * (value - first) / first if first > 0 else none for value in values]
    return [Estimate(v, none, none) for v in values], [Estimate(c, none, none) for c in changes]


def best_of(values: Sequence[float], better: Better) -> set[int]:
    """Return the indices of the best of some figures."""
    cost = {"lower": 1.0, "higher": -1.0}
    ranks = [
        abs(math.log(v)) if better == "one" and v > 0 else v * cost.get(better, math.inf) for v in values
    ]
    known = [rank for rank in ranks if not math.isnan(rank)]
    return {index for index, rank in enumerate(ranks) if known and rank == min(known)}


def _video(row: Row, index: int, plan: Plan) -> VideoRow:
    scored = row.scores[index]
    values = {
        measure.name: plain(float(measure.combine(scored.scores[measure.name].parts)))
        for measure in plan.measures
    }
    return VideoRow(row.clip.name, row.clip.subsets, scored.num_frames, values)


def plain(value: float) -> float | None:
    """Return a number that JSON can hold, None for one that is not known."""
    return value if math.isfinite(value) else None


def show(value: float | None) -> str:
    """Write a figure with three or four digits that count; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    decimals = 2 if abs(value) >= 10 else 3 if abs(value) >= 1 else 4
    return f"{value:.{decimals}f}"


def heading(report: Report) -> str:
    """Say in a line what was evaluated on."""
    facts = report.dataset
    left_out = f" ({counted(facts['left_out'], 'video')} left out)" if facts["left_out"] else ""
    return f"{counted(facts['videos'], 'video')}, {counted(facts['frames'], 'frame')}{left_out}"


def counted(count: int, noun: str) -> str:
    """Write a number of things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def missing_by_need(report: Report) -> dict[str, list[str]]:
    """Group what is not measured by what it needs."""
    groups: dict[str, list[str]] = {}
    for one in report.missing:
        groups.setdefault(one.needs, []).append(one.name)
    return groups


def to_json(report: Report) -> dict[str, Any]:
    """Lay the report out in its published schema."""
    return {
        "schema": SCHEMA,
        "dataset": dict(report.dataset),
        "measures": [vars(measure) for measure in report.measures],
        "models": [_model_json(model) for model in report.models],
        "detectors": [vars(facts) for facts in report.detectors],
        "missing": [vars(one) for one in report.missing],
    }


def _model_json(model: ModelReport) -> dict[str, Any]:
    subsets = {name: _figures_json(figures) for name, figures in model.subsets.items()}
    return {
        "name": model.name,
        "metrics": _figures_json(model.figures),
        **({"subsets": subsets} if subsets else {}),
        "videos": [
            {"name": row.name, "frames": row.frames, "subsets": list(row.subsets), **row.values}
            for row in model.videos
        ],
    }


def _figures_json(figures: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        name: {
            "mean": plain(one.mean),
            "low": plain(one.low),
            "high": plain(one.high),
            "frames": one.frames,
            "left_out": one.left_out,
            "ceiling": one.ceiling,
            "change": {part: plain(value) for part, value in vars(one.change).items()},
            "best": one.best,
        }
        for name, one in figures.items()
    }


def frame_values(rows: Sequence[Row], name: str, measure: str) -> list[Numbers]:
    """Return each contender's values of every frame of one clip; empty where the measure has none."""
    row = next(row for row in rows if row.clip.name == name)
    return [scored.scores[measure].frames for scored in row.scores]
