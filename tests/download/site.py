"""A web server on this machine whose pages misbehave as asked."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Page = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Remembers a request and gives the page that stands there."""

    server: "Site"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers.items())))
        page = self.server.pages.get(self.path)
        if page is None:
            self.send_error(404)
        else:
            page(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def say(self, status: int, headers: Mapping[str, str | int | None]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()

    def hang_up(self) -> None:
        """Close the connection in the middle of things."""
        self.wfile.flush()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Site(ThreadingHTTPServer):
    """The pages by their paths, and what was asked for: path and headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Take no notice of those who hang up."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    @property
    def ranges(self) -> list[str | None]:
        """The Range of each request."""
        return [headers.get("Range") for _, headers in self.asked]


@contextlib.contextmanager
def open_site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        site.shutdown()
        thread.join()
        site.server_close()


@dataclass
class Served:
    """A file. Each of ``cuts`` ends one answer after so many bytes; ``stall`` stops there without hanging up."""

    content: bytes
    etag: str | None = '"one"'
    modified: str | None = None
    takes_ranges: bool = True
    heeds_if_range: bool = True
    cuts: list[int] = field(default_factory=list)
    stall: bool = False
    length: int | None = None
    says_length: bool = True
    content_type: str = "application/octet-stream"
    claims: str | None = None
    """A Content-Range that is not the true one."""

    def __call__(self, handler: Handler) -> None:
        start = self._start(handler.headers.get("Range"), handler.headers.get("If-Range"))
        body, total = self.content[start:], len(self.content)
        length = len(body) if self.length is None else self.length - start
        headers = {
            "Content-Type": self.content_type,
            "Content-Length": length if self.says_length else None,
            "ETag": self.etag,
            "Last-Modified": self.modified,
        }
        if start:
            headers["Content-Range"] = self.claims or f"bytes {start}-{total - 1}/{total}"
        handler.say(206 if start else 200, headers)
        cut = self.cuts.pop(0) if self.cuts else None
        handler.wfile.write(body[:cut])
        if cut is not None and self.stall:
            handler.wfile.flush()
            handler.server.closing.wait(20)
        if cut is not None or length != len(body):
            handler.hang_up()

    def _start(self, wanted: str | None, condition: str | None) -> int:
        if wanted is None or not self.takes_ranges:
            return 0
        changed = self.heeds_if_range and condition not in {None, self.etag, self.modified}
        return 0 if changed else int(wanted.removeprefix("bytes=").removesuffix("-"))


def redirect(to: str) -> Page:
    return lambda handler: handler.say(302, {"Location": to, "Content-Length": 0})


def status(number: int) -> Page:
    """Give nothing but a status."""
    return lambda handler: handler.say(number, {})


def answer(number: int) -> Page:
    """Give an error's page."""
    return lambda handler: handler.send_error(number)


def in_turn(*pages: Page) -> Page:
    """Give one page after the other, the last for good."""
    waiting = list(pages)
    return lambda handler: (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)
