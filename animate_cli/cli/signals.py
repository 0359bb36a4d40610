"""Ctrl-C and SIGTERM: stop once, clean up, and say so in one line."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from animate_cli.cli.streams import say

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORDS = {130: "interrupted", 143: "terminated"}


class Stopped(KeyboardInterrupt):
    """The interrupt that a signal raises.

    Where a plain KeyboardInterrupt has passed through `exec` of a text, as many imports do, Python ends itself
    by SIGINT at its exit, although the interrupt was caught and another exit code was chosen.
    """


class Signals:
    """Turns SIGINT and SIGTERM into one KeyboardInterrupt, and remembers that one came.

    An interrupt may hit in the middle of an import or of another thread's work and come out as another
    error; what was asked for is then still to stop. The first ends the work with care; a later one is
    ignored once, because terminals and job schedulers send several, and the next ends the process at once.
    """

    def __init__(self) -> None:
        self.exit_code: int | None = None

    def install(self) -> None:
        """Begin to receive."""
        for number in EXIT_CODES:
            signal.signal(number, self.receive)

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.exit_code is not None:
            signal.signal(number, signal.SIG_DFL)
            return
        self.exit_code = EXIT_CODES[signal.Signals(number)]
        raise Stopped

    def was_stopped(self) -> bool:
        """Tell whether a signal has come."""
        return self.exit_code is not None

    def report(self) -> None:
        """Say in one line that the work was stopped, where it was."""
        if self.exit_code is not None:
            say(WORDS[self.exit_code])


@contextmanager
def stopping_gently(what: str) -> Iterator[Callable[[], bool]]:
    """Let the first signal end the work where it can go on; the function given tells that one came.

    When the work has ended, the signal is raised again, as if it had come then. A second one is not kept waiting.
    ``what`` is said when the first comes.
    """
    usual = {number: signal.getsignal(number) for number in EXIT_CODES}
    came: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        came.append(number)
        restore()
        say(what)

    def restore() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    for number in EXIT_CODES:
        signal.signal(number, receive)
    try:
        yield lambda: bool(came)
    finally:
        restore()
    if came:
        signal.raise_signal(came[0])
