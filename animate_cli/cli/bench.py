"""`animate bench`: how fast this machine animates."""

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animate_cli.bench.settings import BenchSettings
from animate_cli.catalogue import DEFAULT_MODEL, find_weights
from animate_cli.cli.console import Console, Reporter, check_target, print_result, write_json
from animate_cli.cli.get import offer_download
from animate_cli.cli.options import (
    BatchSize,
    Device,
    JsonTarget,
    Precision,
    Quiet,
    Verbose,
    complete_presets,
    complete_weights,
    examples,
)
from animate_cli.pipeline.job import JobError

if TYPE_CHECKING:
    from rich.table import Table

    from animate_cli.bench.measure import NamedModel
    from animate_cli.bench.report import BenchReport, Way

EXAMPLES = examples(
    "animate bench",
    "animate bench -w vox --device cuda --json bench.json",
    "animate bench --source me.png --driving talk.mp4 --frames 250",
    "animate bench --preset vox-256 --variant fomm --frames 30",
)

SETTINGS = BenchSettings()
GIGA = 1e9


def bench(
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            "-w",
            metavar="NAME|FILE",
            help=f"A model's name or a file; default: {DEFAULT_MODEL}.",
            autocompletion=complete_weights,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            metavar="NAME",
            help="Measure a preset's networks with random weights instead.",
            autocompletion=complete_presets,
        ),
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", metavar="NAME", help="Ablation variant of the preset.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="FILE", help="The picture to move; default: one is drawn."),
    ] = SETTINGS.source,
    driving: Annotated[
        Path | None,
        typer.Option("--driving", metavar="FILE", help="What moves it; default: a clip is drawn."),
    ] = SETTINGS.driving,
    frames: Annotated[
        int, typer.Option("--frames", metavar="N", min=1, help="Frames of the driving that are used.")
    ] = SETTINGS.frames,
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="N", min=1, help="How often each way is run.")
    ] = SETTINGS.rounds,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_size: BatchSize = None,
    json: JsonTarget = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Measure how fast this machine animates, from files to a file.

    Two ways take turns with the same weights and pictures: the engine, which is what `animate SOURCE DRIVING`
    runs, and the plain loop of the first order motion model's demo (eager float32, frame by frame, the source
    encoded for each). Shown are frames a second, where the time goes, and what share of the machine's
    fastest convolution the engine reaches. The model is loaded beforehand.
    """
    console = Console(quiet=quiet, verbose=verbose)
    if json not in (None, "-"):
        check_target(Path(json))
    _check_model(weights, preset, variant, console)
    settings = BenchSettings(source, driving, frames, rounds, device, precision, batch_size)
    report = _measure(settings, console, weights or DEFAULT_MODEL, preset, variant)
    for name, way in (("plain loop", report.plain), ("engine", report.engine)):
        console.detail(f"{name}, round by round: {', '.join(f'{fps:.2f}' for fps in way.rounds)} fps")
    if json is not None:
        write_json(report.to_mapping(), json)
    if json != "-":
        print_result(_show(report))


def _check_model(weights: str | None, preset: str | None, variant: str | None, console: Console) -> None:
    if weights is not None and preset is not None:
        raise JobError("--weights and --preset exclude each other: a preset is measured with random weights")
    if variant is not None and preset is None:
        raise JobError("--variant needs --preset; weights have their own variant")
    if preset is None:
        offer_download(weights or DEFAULT_MODEL, console)
        find_weights(weights or DEFAULT_MODEL)


def _measure(
    settings: BenchSettings, console: Console, weights: str, preset: str | None, variant: str | None
) -> "BenchReport":
    with console.progress("Loading the model") as bar:
        from animate_cli.bench.measure import from_preset, from_weights, measure

        named: NamedModel = from_weights(weights) if preset is None else from_preset(preset, variant)
        return measure(named, settings, Reporter(console, bar))


def _show(report: "BenchReport") -> str:
    return "\n".join([*_machine_lines(report), _draw(_ways(report)), _draw(_stages(report)), *_ends(report)])


def _machine_lines(report: "BenchReport") -> list[str]:
    facts, model = report.machine, report.model
    threads = f"{_count(facts['cores'], 'core')}, {_count(facts['threads'], 'thread')}"
    where = "" if facts["device_name"] == facts["processor"] else f"; computing on {facts['device_name']}"
    height, width = model["size"]
    return [
        f"{facts['processor']}, {threads}{where}; torch {facts['torch']}",
        f"{model['name']}: {model['parameters'] / 1e6:.1f} million parameters, {height}x{width}, "
        f"{_count(model['frames'], 'frame')}, {_count(len(report.plain.seconds), 'round')}",
    ]


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _ways(report: "BenchReport") -> "Table":
    from rich.table import Table

    table = Table("", "fps", "slowest", "fastest", "GFLOP a frame", "convolution GFLOP/s", "share", "memory")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row(*_way(f"plain loop, {report.plain.precision}", report.plain))
    engine = report.engine
    table.add_row(*_way(f"engine, {engine.precision}, batches of {engine.batch_size}", engine))
    return table


def _way(label: str, way: "Way") -> list[str]:
    memory = "?" if way.memory is None else f"{way.memory / 1e6:.0f} MB"
    fps = [f"{value:.2f}" for value in (way.fps, min(way.rounds), max(way.rounds))]
    return [
        label, *fps, f"{way.operations / GIGA:.1f}", f"{way.rate / GIGA:.0f}", f"{way.share:.0%}", memory
    ]  # fmt: skip


def _stages(report: "BenchReport") -> "Table":
    from rich.table import Table

    table = Table("ms a frame", *report.stages, "together")
    for column in table.columns[1:]:
        column.justify = "right"
    waited = [*report.stages.values(), sum(report.stages.values())]
    table.add_row("spent or waited for in the job", *(f"{1000 * seconds:.1f}" for seconds in waited))
    alone = [report.stages_alone.get(stage) for stage in report.stages]
    table.add_row("alone", *("" if seconds is None else f"{1000 * seconds:.1f}" for seconds in alone))
    return table


def _draw(table: "Table") -> str:
    """Draw a table as text, as wide as it needs to be."""
    from rich import box
    from rich.console import Console as RichConsole

    table.box = box.SIMPLE_HEAD
    page = StringIO()
    RichConsole(file=page, width=200, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().rstrip().splitlines())


def _ends(report: "BenchReport") -> list[str]:
    agreement, engine, overlap = report.agreement, report.engine, report.overlap
    apart = "nothing" if agreement.psnr is None else f"{agreement.psnr:.1f} dB PSNR"
    rate = "bfloat16's full rate" if engine.precision == "int8" else "full rate"
    return [
        "",
        f"the threads overlap: the job takes {overlap.ratio:.2f} times what its slowest is busy, {overlap.slowest} "
        f"with {1000 * overlap.seconds:.1f} ms a frame",
        f"at {rate}, and at {engine.memory_rate / GIGA:.0f} GB/s of memory, the convolutions would take "
        f"{1000 * engine.floor:.1f} ms a frame; the engine takes {1000 / engine.fps:.1f}",
        f"the engine is {report.ratio:.2f} times as fast; its frames differ from the plain loop's by {apart} "
        f"(at most {agreement.largest} of 255)",
    ]
