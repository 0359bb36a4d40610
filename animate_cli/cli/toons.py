"""`animate toons`: clips of procedural cartoons with their truth, as a data set."""

from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from animate_cli.cli.console import Console, print_result, write_json
from animate_cli.cli.options import JsonTarget, Quiet, Verbose, examples, parse_rate

if TYPE_CHECKING:
    from animate_cli.data.toon_clips import ClipPlan, ClipReport

EXAMPLES = examples(
    "animate toons toon-body -o data/bodies",
    "animate toons toon-body -o data/bodies --split test --identities 5",
    "animate toons toon-animal -o data/animals --identities 200 --jobs 4",
    "animate toons toon-face -o data/faces --size 128 --frames 100 --json -",
)

FamilyName = Literal["toon-face", "toon-body", "toon-animal"]
Split = Literal["train", "validation", "test"]


def toons(
    family: Annotated[
        FamilyName,
        typer.Argument(metavar="FAMILY", show_default=False, help="toon-face, toon-body or toon-animal."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", show_default=False, help="Where SPLIT/ is written."),
    ],
    split: Annotated[
        Split, typer.Option("--split", help="Whose identities to draw; those of two splits never meet.")
    ] = "train",
    identities: Annotated[
        int, typer.Option("--identities", metavar="N", min=1, help="How many different toons.")
    ] = 10,
    clips: Annotated[int, typer.Option("--clips", metavar="N", min=1, help="Clips of each toon.")] = 1,
    frames: Annotated[int, typer.Option("--frames", metavar="N", min=2, help="Frames of each clip.")] = 64,
    size: Annotated[
        int, typer.Option("--size", metavar="PX", min=16, max=2048, help="Side of the square pictures.")
    ] = 256,
    fps: Annotated[
        Fraction, typer.Option("--fps", metavar="F", parser=parse_rate, help="Frames a second.")
    ] = Fraction(25),
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, help="Another seed draws other toons.")
    ] = 0,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, max=256, help="Clips drawn at the same time.")
    ] = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what DIR/SPLIT holds when the new clips are done.")
    ] = False,
    json: JsonTarget = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Draw clips of cartoon people or animals, with the truth known.

    Writes SPLIT/IDENTITY#CLIP.mp4 with IDENTITY#CLIP.landmarks.npz (points [T, L, 2] in pixels, visible
    [T, L], names [L]) and IDENTITY#CLIP.mask.mp4 (white on the toon) beside it. The same words draw the same
    clips again.
    """
    from animate_cli.data.toon_clips import plan_clips, write_clips

    console = Console(quiet=quiet, verbose=verbose)
    plans = plan_clips(
        family,
        identities=identities,
        clips=clips,
        num_frames=frames,
        fps=fps,
        size=size,
        seed=seed,
        split=split,
    )
    reports = []
    with console.progress("Drawing", unit="clips/s") as bar:
        bar.begin("Drawing", len(plans))
        for report in write_clips(plans, output, jobs=jobs, overwrite=overwrite):
            bar.advance()
            console.detail(
                f"{report.name}: {report.visible:.0%} of landmarks visible, moved {report.moved:.0f} px"
            )
            reports.append(report)
    _report(plans, sorted(reports, key=lambda report: report.name), output / split, json)


def _report(plans: list["ClipPlan"], reports: list["ClipReport"], folder: Path, json: str | None) -> None:
    plan = plans[0]
    if json is not None:
        from animate_cli.data.toons.families import FAMILIES

        facts = {
            "schema": 1,
            "family": plan.family,
            "split": plan.split,
            "seed": plan.seed,
            "size": plan.size,
            "fps": float(plan.fps),
            "landmarks": list(FAMILIES[plan.family].landmarks),
            "folder": str(folder),
            "clips": [asdict(report) for report in reports],
        }
        write_json(facts, json)
    if json != "-":
        clips = counted(len(reports), "clip")
        identities = counted(len({plan.identity for plan in plans}), "toon")
        print_result(
            f"wrote {folder}: {clips} of {identities}, {plan.num_frames} frames each, {plan.size}x{plan.size}"
        )


def counted(count: int, noun: str) -> str:
    """Write a number of things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
