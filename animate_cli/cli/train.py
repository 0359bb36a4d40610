"""`animate train`: from a config to weights."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from animate_cli.cli.console import (
    BYTES,
    Console,
    ProgressBar,
    Reporter,
    check_target,
    print_result,
    write_json,
)
from animate_cli.cli.get import offer_download
from animate_cli.cli.options import Device, Quiet, Verbose, complete_presets, examples, parse_duration
from animate_cli.cli.signals import stopping_gently
from animate_cli.config import VARIANTS
from animate_cli.config_rules import LARGEST_INTEGER
from animate_cli.download import show_url
from animate_cli.errors import AnimateError, DataError
from animate_cli.files import show_bytes

if TYPE_CHECKING:
    from animate_cli.config import Config
    from animate_cli.data.check import DataReport
    from animate_cli.training.trainer import StepReport, TrainOptions

EXAMPLES = examples(
    "animate train toon-face --out runs/toons --max-time 2h",
    "animate train vox-256 --data videos --set optimizer.batch_size=8",
    "animate train mine.yaml --data videos --init-from vox.safetensors",
    "animate train vox-256 --data videos --check-data --json report.json",
    "animate train vox-256 --data videos --devices 4",
    "animate train --resume runs/toons",
)

LARGEST_SEED = 2**32 - 1
GENTLY = "stopping after this step, saving it; once more to stop at once"
MOST_NAMES = 5


def complete_variants(incomplete: str) -> list[str]:
    """Offer the variants of the ablation."""
    return [name for name in VARIANTS if name.startswith(incomplete)]


def train(
    config: Annotated[
        str | None,
        typer.Argument(
            metavar="CONFIG",
            show_default=False,
            help="A preset's name or a YAML file; not needed with --resume.",
            autocompletion=complete_presets,
        ),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option(
            "--variant",
            metavar="|".join(VARIANTS),
            help="Variant of the network; default: the config's, which is paper.",
            autocompletion=complete_variants,
        ),
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY.PATH=VALUE", help="Change one value of the config; repeatable."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Folder with train/ and test/ clips.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Where the run goes; default: runs/NAME-DATE."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="DIR", help="Go on with a run that was interrupted.")
    ] = None,
    init_from: Annotated[
        str | None,
        typer.Option(
            "--init-from", metavar="WEIGHTS", help="Start from weights: ours or a published checkpoint."
        ),
    ] = None,
    device: Device = "auto",
    devices: Annotated[
        int | None,
        typer.Option(
            "--devices",
            metavar="N",
            min=1,
            help="How many devices share every batch; default: 1, or torchrun's.",
        ),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option("--nodes", metavar="N", min=1, help="On how many machines; each runs the same command."),
    ] = None,
    max_steps: Annotated[
        int | None,
        typer.Option("--max-steps", metavar="N", min=1, max=LARGEST_INTEGER, help="Stop after N steps."),
    ] = None,
    max_time: Annotated[
        float | None,
        typer.Option(
            "--max-time", metavar="TIME", parser=parse_duration, help="Stop after TIME: 90, 45m, 2h."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of all that is random.")
    ] = 0,
    check_data: Annotated[
        bool,
        typer.Option(
            "--check-data",
            help="Read every video, compare train and test, and exit: 1 where a video cannot be used.",
        ),
    ] = False,
    json: Annotated[
        str | None,
        typer.Option(
            "--json", metavar="FILE", help="With --check-data: write its report as JSON; - for stdout."
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train a model on clips, or on endless cartoons that need no data.

    Writes config, metrics, sample grids, checkpoints and weights.safetensors, which --weights takes.
    """
    follows = _follows(devices, nodes)
    console = Console(quiet=quiet or follows, verbose=verbose)
    if (config is None) == (resume is None):
        raise typer.BadParameter("give a CONFIG to start a run, or --resume DIR to go on with one")
    if resume is not None:
        _refuse_changes(
            {
                "--set": overrides,
                "--variant": variant,
                "--init-from": init_from,
                "--out": out,
                "--max-steps": max_steps,
            }
        )
    if json is not None and not check_data:
        raise typer.BadParameter("--json goes with --check-data only")
    chosen = None if config is None else _load(config, overrides or [], variant, max_steps)
    if check_data:
        _check_data(data, json, console)
        return
    start = init_from or (chosen.init_from if chosen else None)
    if start is not None:
        offer_download(start, console)
    if chosen is not None:
        _offer_vgg19(chosen, console)
    from animate_cli.training.trainer import TrainOptions

    options = TrainOptions(
        out=resume or out or _new_folder(chosen),
        data=data,
        resume=resume is not None,
        init_from=init_from,
        device=device,
        devices=devices,
        nodes=nodes,
        max_time=max_time,
        seed=seed,
    )
    try:
        _run(chosen, options, console)
    except AnimateError:
        if follows:  # the first process says what is wrong
            raise typer.Exit(1) from None
        raise


def _load(name: str, overrides: list[str], variant: str | None, max_steps: int | None) -> "Config":
    from animate_cli.presets import load_config

    config = load_config(name, overrides=overrides, variant=variant)
    if max_steps is None:
        return config
    return replace(config, optimizer=replace(config.optimizer, max_steps=max_steps))


def _follows(devices: int | None, nodes: int | None) -> bool:
    """Tell whether another process of the run does the talking."""
    if not {"LOCAL_RANK", "NODE_RANK"} & os.environ.keys():
        return False
    from animate_cli.training.distribution import follows, plan_crew

    return follows(plan_crew(devices, nodes))


def _offer_vgg19(config: "Config", console: Console) -> None:
    """Offer to download VGG-19; where nobody can be asked, the trainer says what is missing."""
    from animate_cli.training.vgg import FILE_NAME, SIZE, URL, fetch_vgg19, lacks_vgg19

    if not (lacks_vgg19(config.loss) and console.can_ask):
        return
    if console.ask(
        f"the perceptual loss needs {FILE_NAME}: download {show_bytes(SIZE)} from {show_url(URL)}?"
    ):
        with console.progress("Downloading", unit=BYTES) as bar:
            fetch_vgg19(Reporter(console, bar))


def _refuse_changes(options: Mapping[str, object]) -> None:
    """Refuse what would change a resumed run: it goes on exactly as it began."""
    for name, value in options.items():
        if value:
            raise typer.BadParameter(
                f"{name} cannot go with --resume, which goes on exactly as the run began"
            )


def _new_folder(config: "Config | None") -> Path:
    name = "run" if config is None else config.name
    return Path("runs") / f"{name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"


def _check_data(data: Path | None, target: str | None, console: Console) -> None:
    if data is None:
        raise typer.BadParameter("--check-data needs --data DIR")
    if target not in (None, "-"):
        check_target(Path(target))
    from animate_cli.data.check import check_videos, compare_splits

    checked = []
    with console.progress("Checking videos", unit="videos/s") as bar:
        for one in check_videos(data):
            checked.append(one)
            bar.advance()
            for found in (one.problem, *one.warnings):
                if found:
                    console.warn(found)
    _show_report(compare_splits(data, checked), target, console)


def _show_report(report: "DataReport", target: str | None, console: Console) -> None:
    """Say what was found; fails where videos cannot be trained on."""
    from animate_cli.data.check import describe_splits

    if target is not None:
        write_json(report.to_mapping(), target)
    if target != "-":
        for line in describe_splits(report):
            print_result(line)
    for overlap in report.overlaps:
        console.warn(str(overlap))
    if report.shared_identities:
        names = ", ".join(report.shared_identities[:MOST_NAMES])
        more = ", …" if len(report.shared_identities) > MOST_NAMES else ""
        console.warn(f"in both splits: {len(report.shared_identities)} identities: {names}{more}")
    if report.unusable:
        first = report.unusable[0].problem
        raise DataError(
            f"{len(report.unusable)} of {len(report.checked)} videos cannot be used, first {first}"
        )


def _run(config: "Config | None", options: "TrainOptions", console: Console) -> None:
    from animate_cli.training.run import train as run_training

    with console.progress("Training", unit="steps/s") as bar:
        try:
            with stopping_gently(GENTLY) as is_stopped:
                for number, report in enumerate(
                    run_training(config, replace(options, is_stopped=is_stopped))
                ):
                    if number == 0:
                        console.note(f"training into {options.out}")
                        bar.begin("Training", None, report.step)
                    _show(report, console, bar)
        except KeyboardInterrupt:
            if (options.out / "config.yaml").exists():
                console.note(f"go on with: animate train --resume {shlex.quote(str(options.out))}")
            raise
    console.note(f"weights: {options.out / 'weights.safetensors'}")


def _show(report: "StepReport", console: Console, bar: ProgressBar) -> None:
    from animate_cli.training.trainer import ENDLESS

    endless = report.total_steps >= ENDLESS
    bar.total = None if endless else report.total_steps
    bar.advance(report.step - bar.done)
    for warning in report.warnings:
        console.warn(warning)
    for note in report.notes:
        console.note(note)
    if report.losses:
        losses = ", ".join(f"{name} {value:.4g}" for name, value in report.losses.items())
        of_all = "" if endless else f"/{report.total_steps}"
        speed = f"{report.samples_per_second:.3g} samples/s, {report.waiting:.0%} waiting for data"
        left = "" if report.seconds_left is None else f", {show_seconds(report.seconds_left)} left"
        console.note(f"step {report.step}{of_all}: {losses}, {speed}{left}")


def show_seconds(seconds: float) -> str:
    """Write a duration by its two largest units: 3h 12m."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        f"{value}{unit}" for value, unit in ((days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")) if value
    ]
    return " ".join(parts[:2]) or "0s"
