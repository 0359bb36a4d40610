"""`animate evaluate`: figures of models, or of finished videos, that others can reproduce."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from animate_cli.catalogue import DEFAULT_MODEL, find_weights
from animate_cli.cli.console import (
    BYTES,
    Console,
    ProgressBar,
    Reporter,
    check_target,
    write_json,
    write_text,
)
from animate_cli.cli.options import (
    BatchSize,
    Device,
    JsonTarget,
    Precision,
    Quiet,
    Verbose,
    complete_weights,
    examples,
)
from animate_cli.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animate_cli.faces.weights_files import WeightsFile
    from animate_cli.metrics.evaluation.job import EvaluateJob

EXAMPLES = examples(
    "animate evaluate data/vox -w vox",
    "animate evaluate data -w a.safetensors -w b.safetensors --html report.html",
    "animate evaluate toon-face -w toon-face --json figures.json",
    "animate evaluate --truth test/ --result a/ --result b/ --metrics l1,ssim",
    "animate evaluate data/taichi -w taichi --detector pose.yaml",
    "animate evaluate data -w vox --resume scores/   # goes on after a stop",
)


def parse_names(text: str) -> tuple[str, ...]:
    """Split names at commas.

    Raises:
        typer.BadParameter: there is no name.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise typer.BadParameter("--metrics: name at least one measure, such as l1,psnr")
    return names


def evaluate(
    dataset: Annotated[
        str | None,
        typer.Argument(
            metavar="DATASET",
            show_default=False,
            help="A folder of videos (its test/ if it has one), or toon-face, toon-body or toon-animal: each "
            "video is reconstructed.",
        ),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            "--weights",
            "-w",
            metavar="NAME|FILE",
            help="A model's name or a file; several are compared with the first; default: the bundled model.",
            autocompletion=complete_weights,
        ),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="DIR", help="True videos, to compare finished ones with."),
    ] = None,
    result: Annotated[
        list[Path] | None,
        typer.Option("--result", metavar="DIR", help="Finished videos, paired by name; repeatable."),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            "--metrics",
            metavar="NAME,...",
            help="What to measure, such as l1,psnr,ssim,lpips,akd,mkr,aed,fid,stability,leak; default: all that "
            "can be and is quick; all: also what drives every video again.",
        ),
    ] = None,
    protocol: Annotated[
        Literal["paper", "pose-evaluation", "both"],
        typer.Option(
            "--protocol", help="Arithmetic of akd, mkr and aed: the paper's text or published scripts."
        ),
    ] = "both",
    detector: Annotated[
        list[Path] | None,
        typer.Option(
            "--detector",
            metavar="YAML",
            help="Describes a TorchScript or ONNX network of landmarks, identity or features; repeatable.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Take the first N videos only.")
    ] = None,
    drawn_at: Annotated[
        int | None,
        typer.Option(
            "--drawn-at",
            metavar="PX",
            min=32,
            max=1024,
            help="Draw the toons at this size: quicker for small models; figures are comparable at one size only. "
            "Default: 256.",
        ),
    ] = None,
    download: Annotated[
        bool,
        typer.Option(
            "--download",
            help="Bring the published networks that are not here: LPIPS' AlexNet (244 MB), for faces "
            "face-alignment's (178 MB).",
        ),
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", metavar="DIR", help="Keep each finished video's scores there, and use what is there."
        ),
    ] = None,
    reference: Annotated[
        Literal["none", "paper"], typer.Option("--reference", help="Show published tables beside ours.")
    ] = "none",
    json: JsonTarget = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the figures as CSV.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the report as Markdown.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write one page with the report, plots and the best and worst clips.",
        ),
    ] = None,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_size: BatchSize = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Measure how well models reconstruct videos, or how near finished videos come to the truth.

    Each video of DATASET is reconstructed from its first frame and the keypoints of every frame. Figures are
    means over frames with 95 % intervals from resampling videos. Precision auto is fp32 here, so that figures do
    not depend on the machine.
    """
    from animate_cli.metrics.evaluation.job import EvaluateJob

    models = tuple(weights or ((DEFAULT_MODEL,) if dataset is not None else ()))
    for name in models:
        find_weights(name)
    job = EvaluateJob(
        dataset=dataset,
        weights=models,
        truth=truth,
        results=tuple(result or ()),
        metrics=None if metrics is None else parse_names(metrics),
        protocol=protocol,
        detectors=tuple(detector or ()),
        resume=resume,
        limit=limit,
        drawn_at=drawn_at,
        device=device,
        precision=precision,
        batch_size=batch_size,
    )
    files = Files(json, csv, markdown, html)
    console = Console(quiet=quiet, verbose=verbose)
    _run(job, files, console, reference=reference == "paper", download=download)


def _fetch(console: Console, bar: ProgressBar, files: "Sequence[WeightsFile]") -> None:
    """Download files; what cannot be had is told, and the measures that need it are left out."""
    with bar.hidden(), console.progress("Downloading", BYTES) as own:
        for file in files:
            console.note(f"downloading {file.name} ({file.megabytes} MB), once")
            try:
                file.fetch(Reporter(console, own))
            except WeightsError as error:
                console.warn(str(error))


@dataclass(frozen=True)
class Files:
    """Where the report goes beside the terminal."""

    json: str | None
    csv: Path | None
    markdown: Path | None
    html: Path | None

    @property
    def any(self) -> bool:
        """Whether the report goes into a file at all."""
        return any((self.json, self.csv, self.markdown, self.html))

    def check(self) -> None:
        """Make sure before the work that the files can be written."""
        for path in (
            Path(self.json) if self.json and self.json != "-" else None,
            self.csv,
            self.markdown,
            self.html,
        ):
            if path is not None:
                check_target(path)


def _run(job: "EvaluateJob", files: Files, console: Console, *, reference: bool, download: bool) -> None:
    from animate_cli.cli.evaluation_table import print_report
    from animate_cli.metrics.evaluation.html import to_html
    from animate_cli.metrics.evaluation.job import run_job
    from animate_cli.metrics.evaluation.report import to_json
    from animate_cli.metrics.evaluation.shows import show_clips
    from animate_cli.metrics.evaluation.tables import to_csv, to_markdown

    files.check()
    with console.progress("Evaluating") as bar:
        reporter = Reporter(console, bar)
        outcome = run_job(job, reporter, partial(_fetch, console, bar) if download else None)
        page = (
            to_html(outcome.report, show_clips(outcome, reporter), reference=reference) if files.html else ""
        )
    if files.json is not None:
        write_json(to_json(outcome.report), files.json)
    if files.csv is not None:
        write_text(to_csv(outcome.report), files.csv)
    if files.markdown is not None:
        write_text(to_markdown(outcome.report, reference=reference), files.markdown)
    if files.html is not None:
        write_text(page, files.html)
    if files.json != "-" and not (console.quiet and files.any):
        print_report(outcome.report, each_video=console.verbose, reference=reference)
