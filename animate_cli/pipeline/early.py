"""Work that begins before it is asked for, in a thread of its own, while something else is waited for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from animate_cli.pipeline.stop import Stop

T = TypeVar("T")


class Early(Generic[T]):
    """Starts some work at once; `result` waits for what it gives, or raises what ended it.

    The work looks at the stop that it is given now and then. The thread ends with the process, also in the middle
    of the work.
    """

    def __init__(self, work: Callable[[Stop], T]) -> None:
        self._work, self._stop = work, Stop()
        self._found: T | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> T:
        """Return what the work gives."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found  # type: ignore[return-value]  # the work is done, and T may include None

    def cancel(self) -> None:
        """End work whose result nobody wants, and wait for its end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._found = self._work(self._stop)
        except BaseException as error:  # handed to the thread that asks
            self._error = error
