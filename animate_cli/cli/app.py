"""The group of commands `animate`, its errors and exit codes."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from animate_cli import __version__
from animate_cli.cli import animate, bench, crop, doctor, evaluate, export, toons, train, visualize, weights
from animate_cli.cli.console import print_error, print_result
from animate_cli.cli.default_command import MAIN_JOB, AnimateGroup
from animate_cli.cli.options import HELP_SETTINGS, PlainUsage, examples, plain_usage
from animate_cli.cropping.job import CropJobError
from animate_cli.errors import AnimateError
from animate_cli.pipeline.job import JobError

EXIT_PROBLEM, EXIT_USAGE, EXIT_INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="animate",
    cls=AnimateGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=HELP_SETTINGS,
    epilog=examples(
        "animate portrait.png talk.mp4 -o result.mp4",
        "animate -w vox portrait.png talk.mp4 -o result.mp4 --layout compare",
        "animate crop videos/ -o data --split 90:10",
        "animate train vox-256 --data data --out runs/first",
        "animate evaluate data -w vox",
        "animate visualize-keypoints talk.mp4 -o keypoints.mp4",
        "animate weights list",
        "animate ./train talk.mp4 -o result.mp4     # a picture that is called train",
    ),
)
app.command(MAIN_JOB, epilog=animate.EXAMPLES, options_metavar="[OPTIONS] -o OUT", cls=PlainUsage)(
    animate.animate
)
app.command("crop", epilog=crop.EXAMPLES, options_metavar="[OPTIONS] -o OUT", cls=PlainUsage)(crop.crop)
app.command("train", epilog=train.EXAMPLES, cls=PlainUsage)(train.train)
app.command("toons", epilog=toons.EXAMPLES, options_metavar="[OPTIONS] -o DIR", cls=PlainUsage)(toons.toons)
app.command("evaluate", epilog=evaluate.EXAMPLES, cls=PlainUsage)(evaluate.evaluate)
app.command(
    "visualize-keypoints", epilog=visualize.EXAMPLES, options_metavar="[OPTIONS] -o OUT", cls=PlainUsage
)(visualize.visualize)
app.add_typer(weights.app, name="weights")
app.command("bench", epilog=bench.EXAMPLES, cls=PlainUsage)(bench.bench)
app.command("export", epilog=export.EXAMPLES, options_metavar="[OPTIONS] -o DIR", cls=PlainUsage)(
    export.export
)
app.command("doctor", epilog=doctor.EXAMPLES, cls=PlainUsage)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        print_result(f"animate {__version__}")
        raise typer.Exit


@app.callback()
def group(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Bring a still picture to life with the motion of a driving video.

    `animate SOURCE DRIVING -o OUT` is the main job; its options are in `animate animate --help`.
    """


def run(args: Sequence[str] | None = None, was_stopped: Callable[[], bool] = lambda: False) -> int:
    """Run the command line and return the exit code; errors that are bugs pass through.

    What the machine refuses (a name that is too long, no rights, no space, no memory) is no bug. Nothing is
    reported once the process was stopped: half an import or a broken pipe is then no news.
    """
    try:
        return _exit_of(app(args=args, prog_name="animate", standalone_mode=False))
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except Exception as error:
        if was_stopped():
            return EXIT_INTERRUPTED
        return _report(error)


def _report(error: Exception) -> int:
    """Say in one line what went wrong and return the exit code; a bug is raised again."""
    if isinstance(error, typer.TyperException):
        return _report_usage(error)
    if isinstance(error, AnimateError):
        print_error(" ".join(str(error).splitlines()))
        return EXIT_USAGE if isinstance(error, JobError | CropJobError) else EXIT_PROBLEM
    if isinstance(error, ImportError):
        return _report_import(error)
    if isinstance(error, OSError | MemoryError):
        print_error(_explain_surroundings(error))
        return EXIT_PROBLEM
    raise error


def _explain_surroundings(error: OSError | MemoryError) -> str:
    """Say what the machine refused, where nothing nearer to the work has said it better."""
    if isinstance(error, MemoryError):
        return "out of memory; close other programs, or work on smaller pictures or files"
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)


def _exit_of(result: object) -> int:
    return result if isinstance(result, int) else 0


def _report_import(error: ImportError) -> int:
    """Say that a library is missing or broken; where it is our own code, it is a bug."""
    if (error.name or "").partition(".")[0] == "animate_cli":
        raise error
    print_error(f"a library does not load ({' '.join(str(error).split())}); `animate doctor` says what to do")
    return EXIT_PROBLEM


def _report_usage(error: typer.TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return error.exit_code
    context = getattr(error, "ctx", None)
    hint = f"; see `{context.command_path} --help`" if context is not None else ""
    print_error(plain_usage(error.format_message()) + hint)
    return error.exit_code
