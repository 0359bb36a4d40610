"""What a command says: notes, warnings and progress on stderr, results on stdout."""

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import typer

from animate_cli.cli.streams import UNSPEAKABLE, say, show
from animate_cli.errors import AnimateError
from animate_cli.files import atomic_path, explain, is_special, show_bytes

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BEFORE_PROGRESS = 2.0
BYTES = "bytes"
"""The unit that makes a bar count sizes."""


def print_error(message: str) -> None:
    """Print the one line that says why the command failed."""
    say(f"error: {message}")


@dataclass(frozen=True)
class Console:
    """Says things on stderr: notes unless quiet, details only when verbose, warnings always."""

    quiet: bool = False
    verbose: bool = False

    def note(self, text: str) -> None:
        """Say something worth knowing."""
        if not self.quiet:
            say(text)

    def detail(self, text: str) -> None:
        """Say something that only the curious want to know."""
        if self.verbose and not self.quiet:
            say(text)

    def warn(self, text: str) -> None:
        """Say that the result is not all that was asked for."""
        say(f"warning: {text}")

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to answer: a terminal, and no wish for quiet."""
        return not self.quiet and sys.stdin is not None and sys.stdin.isatty() and _is_terminal()

    def ask(self, question: str) -> bool:
        """Ask on the terminal; anything but yes is no."""
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer.endswith("\n"):
            say("")
        return answer.strip().lower() in {"y", "yes"}

    def progress(self, label: str, unit: str = "fps") -> "ProgressBar":
        """Return a bar that shows itself on a terminal when the work takes over two seconds."""
        return ProgressBar(label, unit, enabled=not self.quiet and _is_terminal())


class ProgressBar:
    """A context that counts what is done; drawn late, so that short jobs stay silent."""

    def __init__(self, label: str, unit: str, *, enabled: bool) -> None:
        self.label, self.unit, self.done = label, unit, 0
        self.total: int | None = None
        self._timer = threading.Timer(SECONDS_BEFORE_PROGRESS, self._draw) if enabled else None
        self._lock = threading.Lock()
        self._ended = False
        self._started, self._before = time.monotonic(), 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> "ProgressBar":
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._ended = True
            if self._bar is not None:
                self._bar.stop()

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        """Start counting the next stretch of work; an unknown total shows no time left.

        ``done`` is what was there before, which says nothing about the rate.
        """
        self.label, self.total, self.done = label, total, done
        self._started, self._before = time.monotonic(), done
        self._show(reset=True)

    def advance(self, count: int = 1) -> None:
        """Count what was finished, in whichever thread."""
        with self._lock:
            self.done += count
        self._show()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the bar away while something else has the terminal."""
        with self._lock:
            if self._bar is not None:
                self._bar.stop()
            try:
                yield
            finally:
                if self._bar is not None:
                    self._bar.start()

    def _draw(self) -> None:
        with self._lock:
            if self._ended:  # while the timer waited for the lock
                return
            self._bar = _rich_bar()
            self._task = self._bar.add_task(
                self.label, total=self.total, completed=self.done, count=self._count(), rate=""
            )
            self._bar.start()

    def _show(self, *, reset: bool = False) -> None:
        with self._lock:
            if self._bar is None or self._task is None:
                return
            if reset:
                self._bar.reset(self._task, total=self.total, completed=self.done)
            self._bar.update(
                self._task,
                description=self.label,
                total=self.total,
                completed=self.done,
                count=self._count(),
                rate=self._rate(),
            )

    def _count(self) -> str:
        if self.unit != BYTES:
            return f"{self.done}/{'?' if self.total is None else self.total}"
        if self.total is None:
            return show_bytes(self.done) if self.done else ""
        return f"{show_bytes(self.done)} of {show_bytes(self.total)}"

    def _rate(self) -> str:
        elapsed, done = time.monotonic() - self._started, self.done - self._before
        if done <= 0 or elapsed <= 0:
            return ""
        return (
            f"{show_bytes(int(done / elapsed))}/s"
            if self.unit == BYTES
            else f"{done / elapsed:.1f} {self.unit}"
        )


@dataclass(frozen=True)
class Reporter:
    """Passes on what a job says: words to the console, counts to the bar."""

    console: Console
    bar: ProgressBar

    def note(self, text: str) -> None:
        """Say something worth knowing."""
        self.console.note(text)

    def warn(self, text: str) -> None:
        """Say that the result is not all that was asked for."""
        self.console.warn(text)

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        """Start counting a stretch of work, a part of which may be done."""
        self.bar.begin(label, total, done)

    def advance(self, count: int = 1) -> None:
        """Count what was finished."""
        self.bar.advance(count)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _rich_bar() -> "Progress":
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=RichConsole(stderr=True),
        transient=True,
    )


def print_result(text: str) -> None:
    """Print a result on stdout; where nobody reads it any more (`| head -1`), end without a word."""
    try:
        show(text)
    except BrokenPipeError:
        raise typer.Exit from None


def write_json(report: Mapping[str, Any], target: str) -> None:
    """Write a report as JSON to a file, a pipe or a device, or to stdout where the target is ``-``.

    Raises:
        AnimateError: the file cannot be written.
    """
    text = json.dumps(report, indent=2, ensure_ascii=False)
    if target == "-":
        print_result(text)
        return
    write_text(text + "\n", Path(target))


def write_text(text: str, path: Path) -> None:
    """Write a file, whole or not at all.

    Raises:
        AnimateError: it cannot be written.
    """
    try:
        if is_special(path):
            path.write_text(text, encoding="utf-8", errors=UNSPEAKABLE)
            return
        with atomic_path(path) as temporary:
            temporary.write_text(text, encoding="utf-8", errors=UNSPEAKABLE)
    except OSError as error:
        raise AnimateError(f"cannot write {path}: {explain(error)}") from error


def check_target(path: Path) -> None:
    """Make sure before long work that a file can be written there.

    Raises:
        AnimateError: it cannot.
    """
    if path.is_dir():
        raise AnimateError(f"{path}: is a folder; give the name of a file")
    if not path.absolute().parent.is_dir():
        raise AnimateError(f"{path}: the folder {path.parent} does not exist")
