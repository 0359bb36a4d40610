"""The report as CSV and as Markdown."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence

from animate_cli.metrics.detectors import DetectorFacts
from animate_cli.metrics.evaluation.reference import PAPER, PAPER_METRICS, PAPER_NOTE
from animate_cli.metrics.evaluation.report import Figure, MeasureFacts, Report, heading, missing_by_need, show

Figures = Mapping[str, Figure]

ARROWS = {"lower": "↓", "higher": "↑", "one": "→1"}
"""Which figures are good."""

INTERVALS = "In brackets: 95 % intervals from resampling the videos. Changes are against the first model."

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula."""


def to_csv(report: Report) -> str:
    """Write a line for each model and video, and for each model's figures with the ends of their intervals."""
    names = [measure.name for measure in report.measures]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["model", "video", "frames", *names])
    for model in report.models:
        for row in model.videos:
            values = [_number(row.values[name]) for name in names]
            writer.writerow([harmless(model.name), harmless(row.name), row.frames, *values])
        total = sum(row.frames for row in model.videos)
        for label, part in (("(all)", "mean"), ("(all, low)", "low"), ("(all, high)", "high")):
            figures = [getattr(model.figures[name], part) for name in names]
            writer.writerow([harmless(model.name), label, total, *map(_number, figures)])
        counts = [model.figures[name].left_out for name in names]
        writer.writerow(
            [harmless(model.name), "(frames left out)", sum(row.frames for row in model.videos), *counts]
        )
    return text.getvalue()


def harmless(text: str) -> str:
    """Keep a name from being taken for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else repr(float(value))


def to_markdown(report: Report, *, reference: bool = False) -> str:
    """Write the means, the subsets, every video, and what was left out or not measured."""
    facts = report.dataset
    parts = [
        f"# {escape(str(facts['name']))}",
        f"{heading(report)}. {INTERVALS}",
        _means(report, [model.figures for model in report.models]),
    ]
    for subset in report.models[0].subsets:
        parts += [
            f"## Subset {escape(subset)}",
            _means(report, [model.subsets[subset] for model in report.models]),
        ]
    parts += ["## Videos", _videos(report)]
    if report.detectors:
        lines = [
            f"- {one.kind}: {escape(one.name)}, sha256 `{one.sha256}`{escape(remarks(one))}"
            for one in report.detectors
        ]
        parts += ["## Detectors", "\n".join(lines)]
    if report.missing:
        missing = missing_by_need(report).items()
        lines = [f"- {', '.join(names)}: needs {escape(needs)}" for needs, names in missing]
        parts += ["## Not measured", "\n".join(lines)]
    if reference:
        parts += ["## Published figures", escape(PAPER_NOTE), published()]
    return "\n\n".join(parts) + "\n"


def published() -> str:
    """Lay out the paper's tables."""
    rows = [
        [row.table, row.dataset, row.method, *[_published(row.figures.get(name)) for name in PAPER_METRICS]]
        for row in PAPER
    ]
    return _table(["table", "data", "method", *PAPER_METRICS], rows)


def _published(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _means(report: Report, models: Sequence[Figures]) -> str:
    header = ["measure", *[escape(model.name) for model in report.models], "frames", "left out"]
    rows = []
    for measure in report.measures:
        figures = [figures_of[measure.name] for figures_of in models]
        cells = [cell(figure, compared=index > 0) for index, figure in enumerate(figures)]
        counts = [
            one_or_all([figure.frames for figure in figures]),
            one_or_all([f.left_out for f in figures]),
        ]
        rows.append([title(measure, figures[0]), *cells, *counts])
    return _table(header, rows)


def title(measure: MeasureFacts, figure: Figure) -> str:
    """Write a measure with its unit, floor and ceiling, and which figures are good."""
    remarks = [measure.unit] if measure.unit else []
    remarks += [] if measure.floor is None else [f"floor {measure.floor:.2f}"]
    remarks += [] if figure.ceiling is None else [f"ceiling {figure.ceiling:.2f}"]
    inside = f" ({', '.join(remarks)})" if remarks else ""
    return f"{measure.title}{inside} {ARROWS[measure.better]}"


def remarks(facts: DetectorFacts) -> str:
    """Write what a detector's figures should be read with, behind its name."""
    floor = [] if facts.floor is None else [f"floor {facts.floor:.2f} px"]
    return "".join(f", {words}" for words in [*floor, facts.note] if words)


def cell(figure: Figure, *, compared: bool) -> str:
    """Write a figure, bold if it is the best, with its interval and its change against the first model."""
    text = f"**{show(figure.mean)}**" if figure.best else show(figure.mean)
    return text + interval(figure) + (changed(figure) if compared else "")


def interval(figure: Figure) -> str:
    """Write the interval of a figure, nothing where it has none."""
    return "" if math.isnan(figure.low) else f" [{show(figure.low)}, {show(figure.high)}]"


def changed(figure: Figure) -> str:
    """Write the change against the first model with its interval, nothing where it is not known."""
    change = figure.change
    if math.isnan(change.mean):
        return ""
    ends = "" if math.isnan(change.low) else f" [{change.low:+.1f}, {change.high:+.1f}]"
    return f" {change.mean:+.1f}{ends} %"


def one_or_all(counts: Sequence[int]) -> str:
    """Show one number where all models have the same, else each."""
    return str(counts[0]) if len(set(counts)) == 1 else " / ".join(map(str, counts))


def _videos(report: Report) -> str:
    names = [measure.name for measure in report.measures]
    rows = [
        [escape(row.name), escape(model.name), str(row.frames), *[show(row.values[name]) for name in names]]
        for rows_of_video in zip(*[model.videos for model in report.models], strict=True)
        for model, row in zip(report.models, rows_of_video, strict=True)
    ]
    return _table(["video", "model", "frames", *names], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape(text: str) -> str:
    """Keep names from being taken for Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))
