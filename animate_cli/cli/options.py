"""Options that commands share, and the kinds of values that are their own."""

import contextlib
import math
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.core import TyperCommand

from animate_cli.errors import MediaError

if TYPE_CHECKING:
    from typer._click.core import Context

HELP_SETTINGS = {"help_option_names": ["--help", "-h"], "max_content_width": 100}


class PlainUsage(TyperCommand):
    """A command whose usage line names required words without braces."""

    def collect_usage_pieces(self, ctx: "Context") -> list[str]:
        """List the pieces of the usage line."""
        pieces = super().collect_usage_pieces(ctx)
        return [piece.replace("{", "").replace("}", "") for piece in pieces]


def examples(*lines: str) -> str:
    """Lay out examples for the end of a command's help, one a line and never refilled."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


PLAIN = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "must be a whole number",
    "Input should be a valid number, unable to parse string as a number": "must be a number",
    "Input should be a finite number": "must be a plain number",
    "Input should be greater than or equal to": "must be at least",
    "Input should be less than or equal to": "must be at most",
    "Got unexpected extra argument(s)": "one word too many, or a name with spaces that needs quotes:",
}
"""How a library's words for wrong values are better said."""


def plain_usage(message: str) -> str:
    """Return a message on wrong usage as one line in plain words, without its full stop."""
    line = " ".join(message.split())
    for words, better in PLAIN.items():
        line = line.replace(words, better)
    return line.removesuffix(".")


def parse_time(text: str) -> Fraction:
    """Parse seconds or [H:]M:S, such as 12.5, 1:02.5 or 1:00:00.

    Raises:
        typer.BadParameter: the text is no time.
    """
    from animate_cli.media.times import parse_time as parse

    try:
        return parse(text)
    except MediaError as error:
        raise typer.BadParameter(str(error)) from None


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str) -> float:
    """Parse a length of time, such as 90, 45m, 2h or 1h30m, or [H:]M:S, into seconds.

    Raises:
        typer.BadParameter: the text is no length of time above 0.
    """
    seconds = 0.0
    if re.fullmatch(r"(?:\d+(?:\.\d+)?[smhd])+", text):
        parts = re.findall(r"(\d+(?:\.\d+)?)([smhd])", text)
        seconds = sum(float(number) * UNITS[unit] for number, unit in parts)
    else:
        with contextlib.suppress(typer.BadParameter, OverflowError):
            seconds = float(parse_time(text))
    if not 0 < seconds < math.inf:
        raise typer.BadParameter(f"{text!r} is not a length of time; write 90, 45m, 2h or 1h30m")
    return seconds


def parse_rate(text: str) -> Fraction:
    """Parse frames a second: 25, 29.97 or 30000/1001.

    Raises:
        typer.BadParameter: the text is no positive number.
    """
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise typer.BadParameter(f"{text!r} is not a frame rate; write a number such as 25 or 30000/1001")
    return rate


def parse_device(text: str) -> str:
    """Check a device's name, not yet whether it is there.

    Raises:
        typer.BadParameter: no device is called so.
    """
    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", text):
        raise typer.BadParameter(f"{text!r} is not a device; use auto, cpu, cuda, cuda:N or mps")
    return text


def parse_reference(text: str) -> str:
    """Check that a reference frame is ``auto`` or a frame's number.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text != "auto" and not text.isdecimal():
        raise typer.BadParameter(f"{text!r} is neither auto nor a frame's number, which counts from 0")
    return text


def complete_weights(incomplete: str) -> list[str]:
    """Offer the names of known models."""
    from animate_cli.catalogue import MODELS

    return [model.name for model in MODELS if model.name.startswith(incomplete)]


def complete_presets(incomplete: str) -> list[str]:
    """Offer the names of the presets."""
    from animate_cli.presets import preset_names

    return [name for name in preset_names() if name.startswith(incomplete)]


Weights = Annotated[
    str,
    typer.Option(
        "--weights",
        "-w",
        metavar="NAME|FILE",
        help="A model's name or a file.",
        autocompletion=complete_weights,
    ),
]
Device = Annotated[
    str,
    typer.Option("--device", metavar="auto|cpu|cuda[:N]|mps", help="Where to compute.", parser=parse_device),
]
Precision = Annotated[
    Literal["auto", "fp32", "bf16", "fp16", "int8"],
    typer.Option("--precision", help="How precisely to compute."),
]
BatchSize = Annotated[
    int | None,
    typer.Option("--batch-size", metavar="N", min=1, help="Frames computed at once; default: by device."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but warnings and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
JsonTarget = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="Write the report as JSON; - for stdout.")
]
