"""Tables and plots of the ablation."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from figures import SHOWN, Difference, Figures, compare, load_figures

from animate_cli.data.toons.families import FAMILIES
from animate_cli.files import atomic_path
from animate_cli.metrics.evaluation.reference import PAPER


def write_reports(table: str, rows: Sequence[tuple[str, str]], results: Path) -> None:
    """Write TABLE.md and a plot for each family into the folder of results, from what is known so far."""
    parts = [f"# {table}", NOTE]
    for family in FAMILIES:
        names = [name for of, name in rows if of == family]
        known = [one for name in names if (one := load_figures(results / family, name)) is not None]
        if known:
            parts += [f"## {family}", how(known), *family_tables(known)]
            plot(known, results / f"{table}-{family}.png")
            parts.append(f"![Differences with their intervals]({table}-{family}.png)")
    if len(parts) == 2:
        print("nothing is known yet")
        return
    if table in {"table1", "table2"}:
        parts += ["## The paper's own figures", PAPER_NOTE, published(table)]
    path = results / f"{table}.md"
    with atomic_path(path) as temporary:
        temporary.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"wrote {path}")


NOTE = (
    "Mean over the videos and seeds; below it the difference from the first row with its 95 % interval from "
    "2,000 paired resamples of the videos, **bold** where the interval leaves out zero. *Detectable*: the "
    "smallest difference that these videos would show four times in five. *Seeds*: standard deviation of a row's "
    "figure over its seeds; a difference below it may be the luck of a run."
)
PAPER_NOTE = (
    "Other data, other detectors and far longer training: to be read beside, not against, the figures above."
)


def how(known: Sequence[Figures]) -> str:
    """Say how the trials of a family were trained and measured."""
    facts = known[0].facts
    config, data = facts["config"], facts["dataset"]
    seeds = ", ".join(f"{one.name}: {len(one.seeds)}" for one in known)
    floor = "; ".join(f"{one['name']} ({one['kind']})" for one in facts["detectors"])
    return (
        f"{config['samples']:,} pairs a run at {config['size']} px on {config['machine']}; measured on "
        f"{data['videos']} videos of {data['name']}, version {data['version']}, by {floor or 'pixels alone'}. "
        f"Seeds: {seeds}."
    )


def family_tables(known: Sequence[Figures]) -> Iterator[str]:
    """Write a table for all videos and one for each hard subset."""
    yield table_of(known, None)
    for subset, videos in known[0].subsets.items():
        yield f"### {subset}: {len(videos)} videos"
        yield table_of(known, subset)


def table_of(known: Sequence[Figures], subset: str | None) -> str:
    """Write a table with a row a variation and a column a measure."""
    measures = [name for name in SHOWN if all(name in one.values for one in known)]
    lines = [f"| | {' | '.join(SHOWN[name] for name in measures)} |", "|---" * (len(measures) + 1) + "|"]
    compared = [
        [compare(known[0].of(name, subset), one.of(name, subset)) for name in measures] for one in known
    ]
    for one, cells in zip(known, compared, strict=True):
        first = one is known[0]
        lines.append(f"| {one.name} | {' | '.join(cell(value, first=first) for value in cells)} |")
    if len(known) > 1:
        widest = [max(row[column].detectable for row in compared[1:]) for column in range(len(measures))]
        lines.append(f"| *detectable* | {' | '.join(map(short, widest))} |")
    spread = [max(row[column].between_seeds for row in compared) for column in range(len(measures))]
    lines.append(f"| *seeds* | {' | '.join(map(short, spread))} |")
    return "\n".join(lines)


def cell(value: Difference, *, first: bool) -> str:
    """Write a figure, and its difference from the first row's."""
    if first:
        return short(value.mean)
    text = f"{value.difference:+.3g} [{value.low:+.3g}, {value.high:+.3g}]"
    certain = value.low > 0 or value.high < 0
    return f"{short(value.mean)}<br>{f'**{text}**' if certain else text}"


def short(value: float) -> str:
    """Write a number with three digits that count."""
    return "–" if math.isnan(value) else f"{value:.3g}"


def published(table: str) -> str:
    """Write the paper's table."""
    rows = [row for row in PAPER if row.table == table.replace("table", "table ")]
    names = ["l1", "akd", "mkr", "aed"]
    lines = ["| | L1 | AKD | MKR | AED |", "|---|---|---|---|---|"]
    for row in rows:
        numbers = " | ".join(str(row.figures.get(name, "–")) for name in names)
        lines.append(f"| {row.dataset}: {row.method} | {numbers} |")
    return "\n".join(lines)


def plot(known: Sequence[Figures], path: Path) -> None:
    """Draw each variation's change against the first in per cent, with its interval, one panel a measure."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    measures = [name for name in SHOWN if all(name in one.values for one in known)]
    figure, panels = pyplot.subplots(1, len(measures), figsize=(2.4 * len(measures), 0.5 * len(known) + 1.2))
    for panel, measure in zip([panels] if len(measures) == 1 else panels, measures, strict=True):
        for row, one in enumerate(known):
            value = compare(known[0].of(measure, None), one.of(measure, None))
            base = abs(value.mean - value.difference) / 100 or 1.0
            middle, ends = value.difference / base, (value.low / base, value.high / base)
            panel.plot(ends, (row, row), color="tab:blue", linewidth=2)
            panel.plot(middle, row, "o", color="tab:blue")
        panel.axvline(0, color="grey", linewidth=0.8)
        panel.set_title(f"{SHOWN[measure]}, change in %", fontsize=8)
        panel.set_yticks(range(len(known)), [one.name for one in known] if panel is panels[0] else [])
        panel.invert_yaxis()
        panel.tick_params(labelsize=7)
    figure.tight_layout()
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=120, format="png")
    pyplot.close(figure)
