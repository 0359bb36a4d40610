"""The report as one page that needs nothing else: tables, clips that play, and plots of every frame.

It holds no script, and every name that comes from outside is escaped.
"""

import base64
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from animate_cli.metrics.evaluation.reference import PAPER, PAPER_METRICS, PAPER_NOTE
from animate_cli.metrics.evaluation.report import Figure, Report, heading, missing_by_need, show
from animate_cli.metrics.evaluation.shows import MOST_FRAMES, Plot, Show
from animate_cli.metrics.evaluation.tables import (
    INTERVALS,
    Figures,
    changed,
    interval,
    one_or_all,
    remarks,
    title,
)
from animate_cli.metrics.values import Numbers

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
"""What the page may do: show itself. Nothing is loaded and nothing runs."""

COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2")
STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.best { font-weight: 700; }
.range { opacity: .6; font-weight: 400; }
figure { margin: 2rem 0; }
video { width: 100%; max-width: 60rem; background: #8882; }
svg { width: 100%; max-width: 30rem; height: 7rem; background: #8881; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
.plots figure { margin: 0; }
figcaption { font-size: .9rem; opacity: .8; }
.note { opacity: .8; }
"""
PLOT_WIDTH, PLOT_HEIGHT = 600, 140
MOST_POINTS = 600


def to_html(report: Report, shows: Iterable[Show], *, reference: bool = False) -> str:
    """Write the page.

    Args:
        report: its figures.
        shows: clips to look at.
        reference: also the paper's tables.
    """
    name = escape(str(report.dataset["name"]))
    parts = [
        f"<h1>{name}</h1>",
        f"<p>{heading(report)}. {INTERVALS}</p>",
        means(report, [model.figures for model in report.models]),
    ]
    for subset in report.models[0].subsets:
        parts += [
            f"<h2>Subset {escape(subset)}</h2>",
            means(report, [model.subsets[subset] for model in report.models]),
        ]
    parts += ["<h2>Clips</h2>", *[_show(one, report) for one in shows], "<h2>Videos</h2>", videos(report)]
    parts += [_detectors(report), _missing(report)]
    if reference:
        parts += ["<h2>Published figures</h2>", f'<p class="note">{escape(PAPER_NOTE)}</p>', published()]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{name}: evaluation</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def means(report: Report, models: Sequence[Figures]) -> str:
    """Lay out the figures, measures down and models across."""
    header = ["measure", *[escape(model.name) for model in report.models], "frames", "left out"]
    rows = []
    for measure in report.measures:
        figures = [figures_of[measure.name] for figures_of in models]
        cells = [_cell(figure, compared=index > 0) for index, figure in enumerate(figures)]
        counts = (
            one_or_all([figure.frames for figure in figures]),
            one_or_all([f.left_out for f in figures]),
        )
        rows.append([_td(escape(title(measure, figures[0]))), *cells, *map(_td, counts)])
    return _table(header, rows)


def _cell(figure: Figure, *, compared: bool) -> str:
    around = escape(interval(figure) + (changed(figure) if compared else ""))
    return _td(f'{show(figure.mean)}<span class="range">{around}</span>', best=figure.best)


def _td(content: str, *, best: bool = False) -> str:
    return f'<td class="best">{content}</td>' if best else f"<td>{content}</td>"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out cells that are HTML already."""
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def videos(report: Report) -> str:
    """Lay out every video's figures, a line a model."""
    names = [measure.name for measure in report.measures]
    rows = [
        [_td(escape(text)) for text in (row.name, model.name)]
        + [_td(str(row.frames))]
        + [_td(show(row.values[name])) for name in names]
        for index in range(len(report.models[0].videos))
        for model in report.models
        for row in [model.videos[index]]
    ]
    return _table(["video", "model", "frames", *map(escape, names)], rows)


def published() -> str:
    """Lay out the paper's tables."""
    rows = [
        [_td(escape(text)) for text in (row.table, row.dataset, row.method)]
        + [_td(f"{row.figures[name]:g}" if name in row.figures else "–") for name in PAPER_METRICS]
        for row in PAPER
    ]
    return _table(["table", "data", "method", *PAPER_METRICS], rows)


def _show(one: Show, report: Report) -> str:
    data = base64.b64encode(one.video).decode("ascii")
    order = escape(", ".join(one.tiles))
    cut = f"; its first {MOST_FRAMES} frames" if one.shortened else ""
    plots = "\n".join(_plot(plot, [model.name for model in report.models]) for plot in one.plots)
    return (
        f"<figure>\n<figcaption><strong>{escape(one.name)}</strong>, {escape(one.verdict)}. "
        f"Left to right: {order}{cut}.</figcaption>\n"
        f'<video controls loop muted playsinline src="data:video/mp4;base64,{data}"></video>\n'
        f'<div class="plots">\n{plots}\n</div>\n</figure>'
    )


def _plot(plot: Plot, names: Sequence[str]) -> str:
    """Draw a measure over the frames of a clip, a line a model."""
    known = np.concatenate([line[np.isfinite(line)] for line in plot.lines])
    low, high = float(known.min()), float(known.max())
    lines = "".join(
        f'<path d="{path(line, low, high)}" fill="none" stroke="{COLOURS[index % len(COLOURS)]}" stroke-width="2">'
        f"<title>{escape(names[index])}</title></path>"
        for index, line in enumerate(plot.lines)
    )
    legend = ", ".join(
        f'<span style="color:{COLOURS[index % len(COLOURS)]}">{escape(name)}</span>'
        for index, name in enumerate(names)
    )
    return (
        f'<figure><svg viewBox="0 0 {PLOT_WIDTH} {PLOT_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(plot.measure)} of every frame">{lines}</svg>'
        f"<figcaption>{escape(plot.measure)} of every frame, {show(low)} to {show(high)}: {legend}</figcaption>"
        "</figure>"
    )


def path(line: Numbers, low: float, high: float) -> str:
    """Return the SVG path of values [T]; it breaks off where frames were left out."""
    step = max(1, len(line) // MOST_POINTS)
    values = line[::step]
    x = np.linspace(0, PLOT_WIDTH, max(len(values), 2))[: len(values)]
    y = PLOT_HEIGHT - 6 - (values - low) / ((high - low) or 1) * (PLOT_HEIGHT - 12)
    pieces, drawing = [], False
    for across, down in zip(x, y, strict=True):
        if np.isfinite(down):
            pieces.append(f"{'L' if drawing else 'M'}{across:.1f} {down:.1f}")
        drawing = bool(np.isfinite(down))
    return " ".join(pieces)


def _detectors(report: Report) -> str:
    items = [
        f"<li>{one.kind}: {escape(one.name)}, sha256 <code>{escape(one.sha256)}</code>{escape(remarks(one))}</li>"
        for one in report.detectors
    ]
    return f"<h2>Detectors</h2>\n<ul>{''.join(items)}</ul>" if items else ""


def _missing(report: Report) -> str:
    items = [
        f"<li>{', '.join(names)}: needs {escape(needs)}</li>"
        for needs, names in missing_by_need(report).items()
    ]
    return f"<h2>Not measured</h2>\n<ul>{''.join(items)}</ul>" if items else ""
