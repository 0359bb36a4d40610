"""`animate crop`: raw pictures and videos made ready for the model."""

from pathlib import Path
from typing import Annotated

import typer

from animate_cli.cli.console import BYTES, Console, Reporter
from animate_cli.cli.options import Device, Quiet, Verbose, examples
from animate_cli.cropping.job import CropJob, CropOptions, DetectorName, Format, parse_face, parse_split
from animate_cli.errors import FaceNotFoundError

EXAMPLES = examples(
    "animate crop talk.mp4 -o faces",
    "animate crop holiday.jpg -o faces --face largest --size 512",
    "animate crop videos/ -o data --split 90:10 --jobs 4   # to train on",
    "animate crop videos/ -o data --split 90:10 --resume   # goes on",
    "animate crop dance.mp4 -o bodies --boxes bodies.csv   # boxes from elsewhere",
    "animate crop cartoons/ -o faces --detector toon       # drawn faces",
    "animate crop talk.mp4 -o faces --preview look         # draws the boxes",
)

OPTIONS = CropOptions()
SEARCH, SHAPE, OUTPUT = "Finding faces", "Cutting", "Results"


def crop(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT", show_default=False, help="Images, videos, and folders of them."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="OUT", show_default=False, help="Folder for the results.")
    ],
    size: Annotated[
        int, typer.Option("--size", metavar="N", min=16, max=4096, help="Side of the results in pixels.")
    ] = OPTIONS.size,
    detector: Annotated[
        DetectorName,
        typer.Option(
            "--detector",
            help="What finds faces; auto: face-alignment where its weights are, else lbp; toon: drawn faces.",
        ),
    ] = "auto",
    boxes: Annotated[
        Path | None,
        typer.Option(
            "--boxes",
            metavar="CSV",
            help="Boxes from elsewhere: source,start,end,left,top,right,bottom, or published metadata.",
        ),
    ] = OPTIONS.boxes,
    margin: Annotated[
        float | None,
        typer.Option(
            "--margin",
            metavar="SHARE",
            min=0.0,
            max=4.0,
            help="Added on each side of a face; default: 0.1, and 0 with --boxes.",
        ),
    ] = OPTIONS.margin,
    min_frames: Annotated[
        int, typer.Option("--min-frames", metavar="N", min=1, help="Shorter clips are dropped.")
    ] = OPTIONS.min_frames,
    max_frames: Annotated[
        int, typer.Option("--max-frames", metavar="N", min=1, help="Longer clips are split evenly.")
    ] = OPTIONS.max_frames,
    iou: Annotated[
        float,
        typer.Option(
            "--iou",
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="A fixed box ends where its face overlaps the first one by less.",
        ),
    ] = OPTIONS.iou,
    min_size: Annotated[
        int,
        typer.Option(
            "--min-size", metavar="PX", min=0, help="Smaller boxes are dropped; 0: enlarged with a note."
        ),
    ] = OPTIONS.min_size,
    face: Annotated[
        str,
        typer.Option(
            "--face",
            metavar="all|largest|N",
            help="Which faces; N counts from 1 by first frame, then from the left.",
        ),
    ] = OPTIONS.face,
    still: Annotated[
        bool, typer.Option("--still/--follow", help="One fixed box a clip, or one that follows the face.")
    ] = OPTIONS.still,
    every: Annotated[
        int | None,
        typer.Option(
            "--every",
            metavar="N",
            min=1,
            help="Look for faces in every N-th frame; default: six times a second.",
        ),
    ] = OPTIONS.every,
    jobs: Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=1, help="Inputs done at once.")] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Skip what is done, and redo what was cut off.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write into a folder that is not empty.")
    ] = False,
    format_: Annotated[
        Format, typer.Option("--format", help="Videos as mp4, or as folders of PNG frames without sound.")
    ] = OPTIONS.format,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="TRAIN:TEST",
            help="Shares, by identity: the part of a file's name before #.",
        ),
    ] = None,
    preview: Annotated[
        Path | None, typer.Option("--preview", metavar="DIR", help="Write copies with the boxes drawn.")
    ] = OPTIONS.preview,
    device: Device = "auto",
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Find and follow the faces of INPUT and write each as a square clip or image.

    Pictures are never stretched: beyond a frame's edge its border is repeated. Clips keep their rate, times and
    sound. OUT also gets manifest.csv: where each result comes from, its box and its score.
    """
    options = CropOptions(
        size=size,
        detector=detector,
        boxes=boxes,
        margin=margin,
        min_frames=min_frames,
        max_frames=max_frames,
        iou=iou,
        min_size=min_size,
        face=parse_face(face),
        still=still,
        every=every,
        format=format_,
        split=None if split is None else parse_split(split),
        preview=preview,
        device="cpu" if boxes is not None else _choose_device(device, detector),
    )
    job = CropJob(tuple(inputs), out, options, jobs, resume, overwrite)
    console = Console(quiet=quiet, verbose=verbose)
    from animate_cli.cropping.run import run_crop

    if boxes is None:
        _fetch(detector, console)
    with console.progress("Cropping") as bar:
        report = run_crop(job, Reporter(console, bar))
    if not report.rows and not report.failed:
        raise FaceNotFoundError(f"{', '.join(map(str, inputs))}: {_advise(options)}")
    results = "1 result" if len(report.rows) == 1 else f"{len(report.rows)} results"
    console.note(f"{out}: {results}, listed in {out / 'manifest.csv'}")
    if report.failed:
        raise typer.Exit(1)


def _fetch(detector: str, console: Console) -> None:
    """Download what the detector needs, with a bar that counts bytes."""
    from animate_cli.faces.detectors import fetch_weights

    with console.progress("Downloading", unit=BYTES) as bar:
        fetch_weights(detector, Reporter(console, bar))


def _choose_device(device: str, detector: str) -> str:
    """Turn the name of a device into torch's; the offline detector computes without torch, which loads slowly."""
    from animate_cli.faces.detectors import choose_detector

    if choose_detector(detector) == "lbp":
        return "cpu"
    from animate_cli.acceleration import choose_device

    return str(choose_device(device))


def _advise(options: CropOptions) -> str:
    if options.boxes is not None:
        return f"nothing was cut; check the sources and boxes of {options.boxes}, --min-frames and --min-size"
    return "no face was cut; try another --detector, a lower --min-frames, or boxes of your own (--boxes)"
