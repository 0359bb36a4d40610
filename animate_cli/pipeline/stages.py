"""Stages of a pipeline that overlap: small bounded queues between threads.

An error in any stage ends all of them and is raised once, in the thread that runs the job.
"""

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")

CAPACITY = 4
PATIENCE = 0.1
"""Seconds after which a waiting stage looks whether the job was stopped."""


class _End:
    """Marks the end of a stage's items; carries the error that ended it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Iterable[T], capacity: int = CAPACITY) -> Generator[T, None, None]:
    """Yield the items while a thread already makes the next ones, at most ``capacity`` of them."""
    waiting: queue.Queue[T | _End] = queue.Queue(capacity)
    stopped = threading.Event()
    thread = threading.Thread(target=_produce, args=(items, waiting, stopped), daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        thread.join()


def _produce(items: Iterable[T], waiting: "queue.Queue[T | _End]", stopped: threading.Event) -> None:
    try:
        for item in items:
            if not _put(waiting, item, stopped):
                break
    except BaseException as error:  # handed to the thread that runs the job
        _put(waiting, _End(error), stopped)
    else:
        _put(waiting, _End(), stopped)
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _put(waiting: "queue.Queue[T | _End]", item: "T | _End", stopped: threading.Event) -> bool:
    while not stopped.is_set():
        try:
            waiting.put(item, timeout=PATIENCE)
        except queue.Full:
            continue
        return True
    return False


class Behind(Generic[T]):
    """Do something with items in a thread of its own, in order, at most ``capacity`` of them waiting.

    Leaving the context waits for what is left, unless an error ends it: then the rest is dropped.
    """

    def __init__(self, consume: Callable[[T], None], capacity: int = CAPACITY) -> None:
        self._consume = consume
        self._waiting: queue.Queue[T | _End] = queue.Queue(capacity)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Behind[T]":
        self._thread.start()
        return self

    def put(self, item: T) -> None:
        """Hand over an item; raises the error of an earlier one."""
        if not _put(self._waiting, item, self._stopped):
            self._raise()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            _put(self._waiting, _End(), self._stopped)
        else:
            self._stopped.set()
        self._thread.join()
        if error is None:
            self._raise()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                item = self._waiting.get(timeout=PATIENCE)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                return
            self._do(item)

    def _do(self, item: T) -> None:
        try:
            self._consume(item)
        except BaseException as error:  # handed to the thread that runs the job
            self._error = error
            self._stopped.set()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
