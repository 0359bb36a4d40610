"""The console entry `animate`: the group of commands, exit codes, interrupts."""

import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, NoReturn

import typer

from animate_cli import __version__
from animate_cli.cli import animate, bench, doctor, toons, train, weights
from animate_cli.cli.console import UNSPEAKABLE, print_error
from animate_cli.cli.default_command import MAIN_JOB, AnimateGroup
from animate_cli.cli.options import HELP_SETTINGS, PlainUsage, examples, plain_usage
from animate_cli.errors import AnimateError
from animate_cli.pipeline.job import JobError

EXIT_PROBLEM, EXIT_USAGE, EXIT_INTERRUPTED, EXIT_TERMINATED = 1, 2, 130, 143

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
        "animate train vox-256 --data videos --out runs/first",
        "animate weights list",
        "animate ./train talk.mp4 -o result.mp4     # a picture that is called train",
    ),
)
app.command(MAIN_JOB, epilog=animate.EXAMPLES, options_metavar="[OPTIONS] -o OUT", cls=PlainUsage)(
    animate.animate
)
app.command("train", epilog=train.EXAMPLES, cls=PlainUsage)(train.train)
app.command("toons", epilog=toons.EXAMPLES, options_metavar="[OPTIONS] -o DIR", cls=PlainUsage)(toons.toons)
app.add_typer(weights.app, name="weights")
app.command("bench", epilog=bench.EXAMPLES, cls=PlainUsage)(bench.bench)
app.command("doctor", epilog=doctor.EXAMPLES, cls=PlainUsage)(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"animate {__version__}")
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


class _Signals:
    """Turn SIGINT and SIGTERM into exceptions once, and remember that one came.

    An interrupt may hit in the middle of an import or of another thread's work and come out as another
    error; what was asked for is then still to stop.
    """

    def __init__(self) -> None:
        self.exit_code: int | None = None

    def install(self) -> None:
        signal.signal(signal.SIGINT, self._receive)
        signal.signal(signal.SIGTERM, self._receive)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        first, self.exit_code = self.exit_code is None, _exit_code(number)
        if first:
            raise KeyboardInterrupt
        signal.signal(number, signal.SIG_DFL)


def _exit_code(number: int) -> int:
    return EXIT_INTERRUPTED if number == signal.SIGINT else EXIT_TERMINATED


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; errors that are bugs pass through.

    What the machine refuses (a name that is too long, no rights, no space, no memory) is no bug.
    """
    try:
        return _exit_of(app(args=args, prog_name="animate", standalone_mode=False))
    except typer.TyperException as error:
        return _report_usage(error)
    except JobError as error:
        print_error(" ".join(str(error).splitlines()))
        return EXIT_USAGE
    except AnimateError as error:
        print_error(" ".join(str(error).splitlines()))
        return EXIT_PROBLEM
    except ImportError as error:
        return _report_import(error)
    except (OSError, MemoryError) as error:
        print_error(_explain_surroundings(error))
        return EXIT_PROBLEM
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED


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


def main() -> NoReturn:
    """Be the console script: run, then leave with the right exit code and no stray output."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=UNSPEAKABLE)
    signals = _Signals()
    signals.install()
    try:
        code = run()
    except Exception:
        if signals.exit_code is None:
            raise
        code = signals.exit_code
    sys.exit(signals.exit_code or code)
