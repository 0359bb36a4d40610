"""The terminal's table of an evaluation: measures down, models across, the best in bold."""

import sys
from typing import TYPE_CHECKING

from animate_cli.cli.console import print_result

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from animate_cli.metrics.evaluation.report import Figure, ModelReport, Report

WIDTH = 120
"""Of tables that do not go to a terminal."""


def print_report(report: "Report", *, each_video: bool, reference: bool) -> None:
    """Print the tables on stdout."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH
    console = Console(width=width, highlight=False, markup=False, soft_wrap=not sys.stdout.isatty())
    with console.capture() as captured:
        _write(report, console, each_video=each_video, reference=reference)
    print_result(captured.get().rstrip("\n"))


def _write(report: "Report", console: "Console", *, each_video: bool, reference: bool) -> None:
    from animate_cli.metrics.evaluation.report import heading

    console.print(f"{report.dataset['name']}: {heading(report)}")
    console.print(_means(report))
    for subset in report.models[0].subsets:
        console.print(_means(report, subset))
    if each_video:
        console.print(_videos(report))
    for line in _footnotes(report):
        console.print(line)
    if reference:
        _print_published(console)


def _means(report: "Report", subset: str | None = None) -> "Table":
    """Lay out the figures of all videos or of a subset."""
    from animate_cli.metrics.evaluation.tables import one_or_all, title

    table = _table(title=f"subset {subset}" if subset else None)
    table.add_column("measure")
    for model in report.models:
        table.add_column(model.name, justify="right")
    table.add_column("frames", justify="right")
    table.add_column("left out", justify="right")
    for measure in report.measures:
        figures = [_figures(model, subset)[measure.name] for model in report.models]
        cells = [_cell(figure, compared=index > 0) for index, figure in enumerate(figures)]
        counts = [
            one_or_all([figure.frames for figure in figures]),
            one_or_all([f.left_out for f in figures]),
        ]
        table.add_row(title(measure, figures[0]), *cells, *counts)
    return table


def _figures(model: "ModelReport", subset: str | None) -> "dict[str, Figure]":
    return dict(model.figures if subset is None else model.subsets[subset])


def _table(title: str | None = None) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def _cell(figure: "Figure", *, compared: bool) -> "Text":
    from rich.text import Text

    from animate_cli.metrics.evaluation.report import show
    from animate_cli.metrics.evaluation.tables import changed, interval

    text = Text(show(figure.mean), style="bold" if figure.best else "")
    text.append(interval(figure), style="dim not bold")
    if compared:
        text.append(changed(figure), style="not bold")
    return text


def _videos(report: "Report") -> "Table":
    """Lay out every video's figures, a line a model."""
    from animate_cli.metrics.evaluation.report import show

    several = len(report.models) > 1
    table = _table()
    table.add_column("video")
    if several:
        table.add_column("model")
    for measure in report.measures:
        table.add_column(measure.name, justify="right")
    for index, row in enumerate(report.models[0].videos):
        for model in report.models:
            values = model.videos[index].values
            name = [row.name, model.name] if several else [row.name]
            table.add_row(*name, *[show(values[measure.name]) for measure in report.measures])
    return table


def _print_published(console: "Console") -> None:
    from animate_cli.metrics.evaluation.reference import PAPER, PAPER_METRICS, PAPER_NOTE

    table = _table()
    for name in ("table", "data", "method"):
        table.add_column(name)
    for name in PAPER_METRICS:
        table.add_column(name, justify="right")
    for row in PAPER:
        values = [row.figures.get(name) for name in PAPER_METRICS]
        cells = ["–" if value is None else f"{value:g}" for value in values]
        table.add_row(row.table, row.dataset, row.method, *cells)
    console.print(PAPER_NOTE, style="bold")
    console.print(table)


def _footnotes(report: "Report") -> list[str]:
    from animate_cli.metrics.evaluation.report import missing_by_need
    from animate_cli.metrics.evaluation.tables import remarks

    lines = [
        f"{facts.kind}: {facts.name}, sha256 {facts.sha256[:12]}{remarks(facts)}"
        for facts in report.detectors
    ]
    if report.missing:
        lines.append("not measured:")
        lines += [f"  {', '.join(names)}: needs {needs}" for needs, names in missing_by_need(report).items()]
    return lines
