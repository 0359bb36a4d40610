"""Writing to stdout and stderr, whoever reads them or has stopped to."""

import os
import sys
from typing import TextIO

from animate_cli.errors import AnimateError
from animate_cli.files import explain


def say(text: str) -> None:
    """Print a line on stderr; where that is closed or full, the words are lost and the work goes on."""
    if sys.stderr is None:
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


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
