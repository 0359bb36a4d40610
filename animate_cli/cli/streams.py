"""Writing to stdout and stderr, whoever reads them or has stopped to."""

import os
import sys
from io import TextIOWrapper
from typing import TextIO

from animate_cli.errors import AnimateError
from animate_cli.files import explain

UNSPEAKABLE = "backslashreplace"
"""What becomes of letters in file names that the output's encoding lacks."""


def say(text: str) -> None:
    """Print one line on stderr; where that is closed or full, the words are lost and the work goes on."""
    if sys.stderr is None:
        return
    try:
        print(printable(text), file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def printable(text: str) -> str:
    """Return a text as one line that leaves the terminal alone, whatever is in the names of files."""
    return "".join(" " if sign in "\r\n\t" else sign if sign.isprintable() else "�" for sign in text)


def speak_anything() -> None:
    """Let stdout take any file's name; stderr does so already."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=UNSPEAKABLE)


def show(text: str) -> None:
    """Print a result on stdout.

    Raises:
        BrokenPipeError: nobody reads it any more.
        AnimateError: it cannot be written, as on a full disk.
    """
    if sys.stdout is None:
        return
    try:
        print(text, flush=True)
    except OSError as error:
        discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise AnimateError(f"standard output: cannot be written ({explain(error)})") from error


def discard(stream: TextIO) -> None:
    """Send what a stream still holds to nowhere, so that nothing complains when the process ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
