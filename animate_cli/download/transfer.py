"""Fetch a file from one address: go on where the last try ended, try again after a cut, stop at a full disk."""

import errno
import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import BinaryIO, Protocol

from animate_cli.download.connection import TransferFailure, read_pieces, request, show_url
from animate_cli.download.partial import Origin, Partial, read_origin
from animate_cli.errors import DownloadError, WeightsError
from animate_cli.files import show_bytes

FULL = {errno.ENOSPC, errno.EDQUOT}
MAKE_ROOM = "make room, or name another folder in ANIMATE_WEIGHTS_DIR"


class Listener(Protocol):
    """Whoever wants to know how it is going."""

    def note(self, text: str) -> None:
        """Hear something worth knowing."""

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        """Hear that a stretch of work begins, how long it is, and how much of it was done before."""

    def advance(self, count: int = 1) -> None:
        """Hear that more is done."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server.

    Seconds for a connection and for every piece, tries in a row that bring nothing new, and seconds before the
    second try, which double with each further one.
    """

    timeout: float = 30.0
    tries: int = 4
    pause: float = 1.0


def fetch(url: str, partial: Partial, listener: Listener, patience: Patience) -> bool:
    """Bring the whole file into ``partial``; what has come stays there when it fails or is interrupted.

    Returns:
        Whether the file was put together from the pieces of several answers.

    Raises:
        DownloadError: the address does not give the file; the message starts with the address.
        WeightsError: the disk is full, or the folder cannot be written.
    """
    if partial.is_whole(url):
        return True
    tries = _Tries(patience, furthest=_reusable(partial, url))
    pieced = tries.furthest > 0
    while True:
        try:
            _try_once(url, partial, listener, patience.timeout)
        except KeyboardInterrupt:
            listener.note(f"interrupted{_show_kept(_reusable(partial, url))}")
            raise
        except TransferFailure as failure:
            seconds = tries.count(failure, _reusable(partial, url))
            if failure.stale:
                partial.discard()
            if seconds is None:
                raise DownloadError(
                    f"{show_url(url)}: {failure}{_show_kept(_reusable(partial, url))}"
                ) from None
            listener.note(f"{failure}; trying again in {seconds:g} s")
            time.sleep(seconds)
            pieced = True
        else:
            return pieced


@dataclass
class _Tries:
    """Counts tries in a row that brought nothing beyond the furthest byte that ever came."""

    patience: Patience
    furthest: int
    failed: int = 0
    arrived: bool = False

    def count(self, failure: TransferFailure, size: int) -> float | None:
        """Return the seconds to wait before another try, or None where none is due."""
        gained = size > self.furthest
        self.arrived = self.arrived or gained
        self.furthest = max(self.furthest, size)
        self.failed = 1 if gained else self.failed + 1
        if self.failed >= self.patience.tries or not (failure.again or self.arrived):
            return None
        return self.patience.pause * 2.0 ** (self.failed - 1)


def _reusable(partial: Partial, url: str) -> int:
    return partial.size if (origin := partial.origin) is not None and origin.url == url else 0


def _try_once(url: str, partial: Partial, listener: Listener, timeout: float) -> None:
    with closing(request(url, _range_headers(partial, url), timeout)) as response:
        origin, start = read_origin(url, response)
        try:
            _check_answer(response)
            origin = _place(partial, origin, start, response.status)
            _check_space(partial, origin)
            listener.begin("Downloading", origin.total, partial.size)
            with partial.open() as file:
                _receive(response, file, listener, timeout)
        except OSError as error:
            raise _explain_disk(partial, error) from None
    if origin.total is not None and partial.size != origin.total:
        words = f"the connection broke off at {show_bytes(partial.size)} of {show_bytes(origin.total)}"
        raise TransferFailure(words, again=True, stale=partial.size > origin.total)


def _range_headers(partial: Partial, url: str) -> dict[str, str]:
    """Ask for what is missing, and for the whole file should it have changed since."""
    size, origin = _reusable(partial, url), partial.origin
    if size == 0 or origin is None:
        return {}
    return {"Range": f"bytes={size}-"} | ({"If-Range": origin.mark} if origin.mark else {})


def _check_answer(response: HTTPResponse) -> None:
    """Refuse what is no file before it takes the place of the piece that is here."""
    if response.status not in {200, 206}:
        raise TransferFailure(f"the server answered {response.status} {response.reason}")
    if response.headers.get_content_type() in {"text/html", "application/xhtml+xml"}:
        raise TransferFailure("the server sent an HTML page in place of the file")


def _place(partial: Partial, origin: Origin, start: int, status: int) -> Origin:
    """Make the end of what is here the place where the answer goes; return what is known of the whole file."""
    if status == 200:
        partial.begin(origin)
        return origin
    before = partial.origin
    if before is None or start != partial.size or not before.is_same_file(origin):
        raise TransferFailure("the file has changed since the last try", again=True, stale=True)
    return before if origin.total is None else origin


def _receive(response: HTTPResponse, file: BinaryIO, listener: Listener, timeout: float) -> None:
    for piece in read_pieces(response, timeout):
        rest = memoryview(piece)
        while rest:  # a disk that is nearly full takes a part
            rest = rest[file.write(rest) :]
        listener.advance(len(piece))


def _check_space(partial: Partial, origin: Origin) -> None:
    folder = partial.path.parent
    missing, free = (origin.total or 0) - partial.size, shutil.disk_usage(folder).free
    if missing > free:
        raise WeightsError(
            f"{folder}: {show_bytes(missing)} are needed and {show_bytes(free)} are free; {MAKE_ROOM}"
        )


def _explain_disk(partial: Partial, error: OSError) -> WeightsError:
    folder = partial.path.parent
    if error.errno in FULL:
        return WeightsError(f"{folder}: the disk is full; {MAKE_ROOM}{_show_kept(partial.size)}")
    return WeightsError(f"{folder}: cannot be written ({error.strerror or error})")


def _show_kept(size: int) -> str:
    return f"; the {show_bytes(size)} that came are kept for the next try" if size else ""
