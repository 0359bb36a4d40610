"""How those at work in other threads hear that nobody waits for them."""

import threading


class StoppedError(Exception):
    """The work is not wanted any more, since other work failed, made it needless, or the user stopped the job."""


class Stop:
    """Tells those at work that nobody waits for them."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Tell it."""
        self._event.set()

    def check(self) -> None:
        """Go on, or not.

        Raises:
            StoppedError: it was told.
        """
        if self._event.is_set():
            raise StoppedError
