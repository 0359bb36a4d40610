"""`animate animate`: the main job."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from animate_cli.catalogue import DEFAULT_MODEL, find_weights
from animate_cli.cli.console import BYTES, Console, Reporter
from animate_cli.cli.get import offer_download
from animate_cli.cli.options import (
    BatchSize,
    Device,
    Precision,
    Quiet,
    Verbose,
    Weights,
    examples,
    parse_rate,
    parse_reference,
    parse_time,
)
from animate_cli.machine import seconds_since_start
from animate_cli.motion import MotionOptions
from animate_cli.pipeline.job import (
    ANIMATING,
    AnimateJob,
    Crop,
    Cut,
    DrivingKeypoints,
    Encoding,
    Fit,
    Layout,
    parse_driving_for,
)

if TYPE_CHECKING:
    from animate_cli.animator import Animator
    from animate_cli.pipeline.inputs import Inputs

EXAMPLES = examples(
    "animate portrait.png talk.mp4 -o result.mp4",
    "animate portrait.png talk.mp4 -o three.mp4 --layout compare --end 0:05",
    "animate holiday.jpg talk.mp4 -o b.mp4 --paste-back   # in the whole picture",
    "animate group.jpg a.mp4 -o b.mp4 --face all --driving-for 2=c.mp4",
    "animate front.png talk.mp4 -o b.mp4 --also-source side.png",
    "animate cut-out.png wave.gif -o sticker.webm --background transparent",
    "animate drawing.png me.mp4 -o b.mp4 --driving-keypoints landmarks",
    "animate pictures/ talk.mp4 -o results/         # every picture of a folder",
    "animate portrait.png talk.mp4 -o a.mp4 --save-motion talk.safetensors",
    "animate other.png talk.safetensors -o b.mp4    # the same motion again",
)

JOB = AnimateJob(Path(), Path(), Path())
MOTION, CUT, ENCODING = MotionOptions(), Cut(), Encoding()

Kind = Literal["relative", "absolute"]


def animate(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            show_default=False,
            help="The picture to move: an image, the first frame of a video, or a folder of images.",
        ),
    ],
    driving: Annotated[
        Path,
        typer.Argument(
            metavar="DRIVING",
            show_default=False,
            help="What moves it: a video, GIF, folder of frames, stacked picture, image, or a saved motion.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            show_default=False,
            help="Result, by its ending: .mp4 .mov .webm .mkv .gif .png .jpg, or a folder for numbered frames.",
        ),
    ],
    weights: Weights = DEFAULT_MODEL,
    motion: Annotated[
        Kind, typer.Option("--motion", help="Follow the movement, or take the driving's very keypoints.")
    ] = "relative" if MOTION.relative else "absolute",
    adapt_scale: Annotated[
        bool, typer.Option("--adapt-scale/--no-adapt-scale", help="Fit the movement's size to the source's.")
    ] = MOTION.adapt_scale,
    reference_frame: Annotated[
        str,
        typer.Option(
            "--reference-frame",
            metavar="auto|N",
            parser=parse_reference,
            help="Driving frame in the source's pose; counts from 0 in the selected range.",
        ),
    ] = "auto",
    driving_keypoints: Annotated[
        DrivingKeypoints,
        typer.Option(
            "--driving-keypoints",
            help="Read the motion with the weights' network, or from the landmarks of a real face, with "
            "face-alignment; auto: landmarks where its networks are here and the weights know them.",
        ),
    ] = JOB.keypoints,
    smooth: Annotated[
        float,
        typer.Option("--smooth", metavar="SECONDS", min=0.0, help="Time constant of smoothing; 0 is off."),
    ] = MOTION.smooth,
    strength: Annotated[
        float, typer.Option("--strength", metavar="FACTOR", min=0.0, help="Scale the movement.")
    ] = MOTION.strength,
    steady: Annotated[
        float,
        typer.Option(
            "--steady",
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Keep up to this share of the frame before where the source shows nothing, so that what is "
            "painted there flickers less; slower; 0 is off.",
        ),
    ] = MOTION.steady,
    fit: Annotated[
        Fit,
        typer.Option("--fit", help="What to do with pictures that are not of the model's shape."),
    ] = JOB.fit,
    crop: Annotated[
        Crop,
        typer.Option(
            "--crop",
            help="Cut source and driving to the face; auto: where both have one that is framed otherwise than "
            "the weights are used to.",
        ),
    ] = JOB.crop,
    face: Annotated[
        str,
        typer.Option(
            "--face",
            metavar="largest|all|N",
            help="Which face of the source; N counts from 1, from the left; all are put back into it.",
        ),
    ] = JOB.face,
    driving_for: Annotated[
        list[str] | None,
        typer.Option(
            "--driving-for",
            metavar="N=FILE",
            help="A driving of its own for face N, with --face all; repeatable.",
        ),
    ] = None,
    also_source: Annotated[
        list[Path] | None,
        typer.Option(
            "--also-source",
            metavar="FILE",
            help="Another picture of the same figure before the same background, to show what is hidden in "
            "SOURCE; repeatable.",
        ),
    ] = None,
    paste_back: Annotated[
        bool, typer.Option("--paste-back", help="Put the moved face back into the uncropped source.")
    ] = JOB.put_back,
    size: Annotated[
        int | None,
        typer.Option(
            "--size", metavar="N", min=16, max=4096, help="Result's shorter side; default: the model's."
        ),
    ] = JOB.size,
    start: Annotated[
        Fraction | None,
        typer.Option(
            "--start", metavar="TIME", parser=parse_time, help="Start of the driving: seconds or [H:]M:S."
        ),
    ] = None,
    end: Annotated[
        Fraction | None,
        typer.Option(
            "--end", metavar="TIME", parser=parse_time, help="End of the driving: seconds or [H:]M:S."
        ),
    ] = CUT.end,
    fps: Annotated[
        Fraction | None,
        typer.Option(
            "--fps", metavar="RATE", parser=parse_rate, help="Resample to RATE; default: as the driving."
        ),
    ] = CUT.fps,
    audio: Annotated[
        bool, typer.Option("--audio/--no-audio", help="Keep the driving's sound.")
    ] = ENCODING.audio,
    layout: Annotated[
        Layout,
        typer.Option(
            "--layout", help="Result alone, beside source and driving, or with what the model sees."
        ),
    ] = JOB.layout,
    background: Annotated[
        str,
        typer.Option(
            "--background",
            metavar="COLOR|transparent",
            help="Behind a source with alpha; transparent for .png .webm .mov.",
        ),
    ] = JOB.background,
    save_motion: Annotated[
        Path | None,
        typer.Option("--save-motion", metavar="FILE", help="Save the driving's motion as .safetensors."),
    ] = JOB.save_motion,
    crf: Annotated[
        int | None, typer.Option("--crf", metavar="N", min=0, max=63, help="Video quality, lower is better.")
    ] = ENCODING.crf,
    codec: Annotated[
        str | None,
        typer.Option("--codec", metavar="NAME", help="Video codec: h264, hevc, av1, vp9, prores or ffv1."),
    ] = ENCODING.codec,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write into a folder that is not empty.")
    ] = False,
    device: Device = "auto",
    precision: Precision = "auto",
    batch_size: BatchSize = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Move SOURCE as DRIVING moves.

    Pictures of another shape than the model's are padded by their edge and the result has the source's shape
    again (--fit pad), or cut to their centre, or stretched.
    """
    from animate_cli.pipeline.checks import check_also_read, check_job
    from animate_cli.pipeline.inputs import open_inputs

    job = AnimateJob(
        source=source,
        driving=driving,
        out=out,
        also=tuple(also_source or ()),
        motion=MotionOptions(motion == "relative", adapt_scale, strength, smooth, steady),
        reference=None if reference_frame == "auto" else int(reference_frame),
        keypoints=driving_keypoints,
        cut=Cut(start or CUT.start, end, fps),
        encoding=Encoding(crf, codec, audio),
        fit=fit,
        crop=crop,
        face=face,
        driving_for=tuple(parse_driving_for(text) for text in driving_for or ()),
        put_back=paste_back,
        layout=layout,
        size=size,
        background=background,
        save_motion=save_motion,
        overwrite=overwrite,
    )
    check_job(job)
    inputs = open_inputs(job)
    console = Console(quiet=quiet, verbose=verbose)
    offer_download(weights, console)
    check_also_read(job, find_weights(weights))
    if driving_keypoints == "landmarks":
        _fetch_landmark_networks(console)
    _run(job, inputs, console, weights, device, precision, batch_size)


@dataclass(frozen=True)
class StartReporter(Reporter):
    """Says also, to the curious, how long after the command's start the first frame was written."""

    _told: list[float] = field(default_factory=list)

    def advance(self, count: int = 1) -> None:
        """Count what was finished."""
        super().advance(count)
        if self.bar.label.startswith(ANIMATING) and not self._told:
            self._told.append(seconds_since_start())
            self.console.detail(f"first frame after {self._told[0]:.2f} s")


def _fetch_landmark_networks(console: Console) -> None:
    with console.progress("Downloading", unit=BYTES) as bar:
        from animate_cli.faces.landmarks import fetch_networks

        fetch_networks(Reporter(console, bar))


def _run(
    job: AnimateJob,
    inputs: "Inputs",
    console: Console,
    weights: str,
    device: str,
    precision: str,
    batch_size: int | None,
) -> None:
    from animate_cli.pipeline.face_search import search_early

    early = search_early(job, inputs.driving, weights)
    with console.progress("Loading the model") as bar:
        from animate_cli.animator import Animator
        from animate_cli.pipeline.run import run_job
        from animate_cli.weights import load_model

        loaded = load_model(weights)
        animator = Animator(
            loaded.model, device=device, precision=precision, batch_size=batch_size, info=loaded.info
        )
        tell_choices(console, animator, weights, automatic="auto" in (device, precision))
        failed = run_job(job, animator, StartReporter(console, bar), lambda: loaded.sha256, inputs, early)
    if failed:
        raise typer.Exit(1)


def tell_choices(console: Console, animator: "Animator", weights: str, *, automatic: bool) -> None:
    """Say what `auto` chose, and once what cartoon weights are for."""
    (console.note if automatic else console.detail)(f"computing on {animator.acceleration}")
    console.detail(f"weights: {find_weights(weights)}, batches of {animator.batch_size}")
    if animator.info.style == "toon":
        console.note(
            f"{weights} was trained on cartoons; photographs come out poorly: `animate weights list` shows "
            f"weights for photographs and how to get them"
        )
