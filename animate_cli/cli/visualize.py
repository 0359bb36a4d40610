"""`animate visualize-keypoints`: see the motion, find misplaced keypoints."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from animate_cli.catalogue import DEFAULT_MODEL, find_weights
from animate_cli.cli.console import Console, Reporter, print_result, write_json
from animate_cli.cli.get import offer_download
from animate_cli.cli.options import (
    BatchSize,
    Device,
    JsonTarget,
    Precision,
    Quiet,
    Verbose,
    complete_weights,
    examples,
    parse_rate,
    parse_time,
)
from animate_cli.motion import MotionOptions
from animate_cli.pipeline.job import Cut, Fit, JobError
from animate_cli.pipeline.visualize.job import (
    DEFAULT_LAYERS,
    LAYERS,
    VisualizeJob,
    check_options,
    parse_layers,
    without_masks,
)

if TYPE_CHECKING:
    from animate_cli.animator import Animator
    from animate_cli.pipeline.visualize.observe import Clip, Seen

EXAMPLES = examples(
    "animate visualize-keypoints talk.mp4 -o keypoints.mp4",
    "animate visualize-keypoints talk.mp4 -o worst.png     # the worst frame",
    "animate visualize-keypoints talk.mp4 -o sheet.png --sheet --layers all",
    "animate visualize-keypoints -w vox -w mine.safetensors a.png b.png -o c.png",
    "animate visualize-keypoints --source a.png --driving talk.mp4 -o motion.mp4",
    "animate visualize-keypoints clips/*.mp4 -o out/ --fail-on-misplaced 0.1",
)
JOB = VisualizeJob(Path())
MOTION, CUT = MotionOptions(), Cut()
TOP_PROBLEMS = 3


def visualize(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            show_default=False,
            help="By its ending: a video of all frames, a picture of the worst one, or a folder.",
        ),
    ],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="INPUT", show_default=False, help="Pictures, videos, GIFs, folders of frames."
        ),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="S", help="Show the motion of this picture …")
    ] = None,
    driving: Annotated[
        Path | None, typer.Option("--driving", metavar="D", help="… as this video drives it.")
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            "--weights",
            "-w",
            metavar="NAME|FILE",
            help=f"A model's name or a file; several give a row each. Default: {DEFAULT_MODEL}.",
            autocompletion=complete_weights,
        ),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            "--layers",
            metavar="NAME,...",
            help=f"What to show: {', '.join(LAYERS)}; or all. Default: {','.join(DEFAULT_LAYERS)}, and the "
            f"prediction with --source.",
        ),
    ] = None,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="A contact sheet: frames spread over the clip in one picture.")
    ] = JOB.sheet,
    frame: Annotated[
        int | None,
        typer.Option(
            "--frame", metavar="N", min=0, help="The frame that a picture shows; default: the worst."
        ),
    ] = JOB.frame,
    mask: Annotated[
        Path | None,
        typer.Option(
            "--mask",
            metavar="DIR|FILE",
            help="Where the object is (white): a picture or video, or a folder with one called like each "
            "INPUT. Else NAME.mask.mp4 beside NAME.mp4, or an estimate from motion and colour.",
        ),
    ] = JOB.mask,
    fail_on_misplaced: Annotated[
        float | None,
        typer.Option(
            "--fail-on-misplaced",
            metavar="SHARE",
            min=0,
            max=1,
            help="Exit with 1 when a larger share of an input's keypoints, over all frames, is misplaced.",
        ),
    ] = None,
    json: JsonTarget = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write every keypoint of every frame, in pixels."),
    ] = None,
    motion: Annotated[
        Literal["relative", "absolute"],
        typer.Option("--motion", help="How --source follows --driving."),
    ] = "relative",
    start: Annotated[
        Fraction | None,
        typer.Option("--start", metavar="TIME", parser=parse_time, help="Begin here: seconds or [H:]M:S."),
    ] = None,
    end: Annotated[
        Fraction | None,
        typer.Option("--end", metavar="TIME", parser=parse_time, help="Stop before this time."),
    ] = CUT.end,
    fps: Annotated[
        Fraction | None,
        typer.Option("--fps", metavar="RATE", parser=parse_rate, help="Look at so many frames a second."),
    ] = CUT.fps,
    fit: Annotated[
        Fit, typer.Option("--fit", help="How pictures of another shape than the model's are laid out.")
    ] = JOB.fit,
    size: Annotated[
        int, typer.Option("--size", metavar="N", min=64, max=4096, help="Shorter side of a panel in pixels.")
    ] = JOB.size,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write into a folder that is not empty.")
    ] = JOB.overwrite,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_size: BatchSize = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Draw a model's keypoints and motion, and find misplaced keypoints.

    A red ring marks a keypoint that is off the object, collapsed onto another, jumping, dead (it stays where the
    picture is shifted), leaking (it moves the background), folding or stretching. The table tells each keypoint's
    share of bad frames.
    """
    from animate_cli.pipeline.visualize.checks import check_also_read, check_job
    from animate_cli.pipeline.visualize.inputs import try_inputs

    job = VisualizeJob(
        out=out,
        inputs=without_masks(inputs or ()),
        source=source,
        driving=driving,
        layers=None if layers is None else parse_layers(layers),
        sheet=sheet,
        frame=frame,
        mask=mask,
        motion=MotionOptions(motion == "relative"),
        cut=Cut(start or CUT.start, end, fps),
        fit=fit,
        size=size,
        overwrite=overwrite,
    )
    reports = [Path(json)] if json not in (None, "-") else []
    names = weights or [DEFAULT_MODEL]
    if len(set(names)) < len(names):
        raise JobError("--weights names the same model twice")
    check_options(job)
    check_job(job, [*reports, *([csv] if csv else [])])
    try_inputs(job)
    console = Console(quiet=quiet, verbose=verbose)
    for name in names:
        offer_download(name, console)
    check_also_read(job, [find_weights(name) for name in names])
    with console.progress("Loading the model") as bar:
        from animate_cli.pipeline.visualize.run import run_job

        loaded = [_load(name, device, precision, batch_size) for name in names]
        animators = list(zip(_short_names(names), loaded, strict=True))
        (console.note if "auto" in (device, precision) else console.detail)(
            f"computing on {animators[0][1].acceleration}"
        )
        clips = run_job(job, animators, Reporter(console, bar))
    _report(clips, console, json, csv)
    _fail_on(clips, fail_on_misplaced)


def _short_names(names: list[str]) -> list[str]:
    """Call models by their file's name alone, where that tells them apart."""
    short = [Path(name).name for name in names]
    return short if len(set(short)) == len(short) else names


def _load(name: str, device: str, precision: str, batch_size: int | None) -> "Animator":
    from animate_cli.animator import Animator

    return Animator.from_weights(name, device=device, precision=precision, batch_size=batch_size)


def _report(clips: "Sequence[Clip]", console: Console, json: str | None, csv: Path | None) -> None:
    """Write what was found, and show it as tables unless stdout is taken."""
    from animate_cli.pipeline.visualize.report import describe, write_csv

    for clip in clips:
        for seen in clip.seen:
            for problem, reason in seen.diagnosis.not_judged.items():
                console.detail(f"{clip.path.name}: {problem}: not judged ({reason})")
    if csv is not None:
        write_csv(clips, csv)
    if json is not None:
        write_json(describe(clips), json)
    if json != "-" and not console.quiet:
        for clip in clips:
            for seen in clip.seen:
                print_result(_table(clip, seen))


def _table(clip: "Clip", seen: "Seen") -> str:
    """Lay out each keypoint's share of bad frames, its worst frame and its problems; the healthy in one line."""
    from io import StringIO

    from rich.console import Console as RichConsole
    from rich.table import Table

    diagnosis = seen.diagnosis
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, side in (
        ("keypoint", "left"),
        ("bad frames", "right"),
        ("worst", "right"),
        ("problems", "left"),
    ):
        table.add_column(heading, justify="right" if side == "right" else "left", no_wrap=side == "right")
    healthy = [health for health in diagnosis.keypoints if not health.problems]
    for health in sorted(diagnosis.keypoints, key=lambda health: -health.share):
        if health.problems:
            problems = ", ".join(f"{name} {share:.0%}" for name, share in health.problems.items())
            table.add_row(
                _label(seen, health.index), f"{health.share:.0%}", str(health.worst_frame), problems
            )
    text = StringIO()
    console = RichConsole(file=text, width=100)
    console.print(_heading(clip, seen), markup=False, highlight=False, soft_wrap=True)
    if len(healthy) < len(diagnosis.keypoints):
        console.print(table)
    if healthy:
        console.print(f"nothing wrong with {', '.join(_label(seen, health.index) for health in healthy)}")
    if diagnosis.not_judged:
        console.print(f"not judged: {', '.join(diagnosis.not_judged)} (-v says why)", highlight=False)
    return text.getvalue().rstrip() + "\n"


def _heading(clip: "Clip", seen: "Seen") -> str:
    origin = {"given": "by the given mask", "truth": "by its true mask", "estimated": "by an estimate"}[
        clip.masks
    ]
    if "off the object" in seen.diagnosis.not_judged:
        origin = "not known"
    frames = "1 frame" if clip.num_frames == 1 else f"{clip.num_frames} frames"
    return (
        f"{clip.path.name}, {seen.subject.name}: {seen.diagnosis.misplaced_share:.1%} of the keypoints misplaced "
        f"({frames}; the object {origin})"
    )


def _label(seen: "Seen", index: int) -> str:
    from animate_cli.pipeline.visualize.report import name_of

    name = name_of(seen, index)
    return f"{index} {name}" if name else str(index)


def _fail_on(clips: "Sequence[Clip]", bound: float | None) -> None:
    """Exit with 1 above the bound.

    Raises:
        typer.Exit: too many keypoints are misplaced.
    """
    from animate_cli.cli.console import print_error
    from animate_cli.pipeline.visualize.report import misplaced_share

    if bound is None or (share := misplaced_share(clips)) <= bound:
        return
    print_error(f"{share:.1%} of the keypoints are misplaced, more than --fail-on-misplaced {bound:g}")
    raise typer.Exit(1)
