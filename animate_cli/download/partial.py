"""What has come of a file so far, and what tells whether the rest would still fit."""

import json
import re
from dataclasses import asdict, dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO

from animate_cli.files import atomic_path


@dataclass(frozen=True)
class Origin:
    """A file as its server described it: whole size in bytes, and marks that change when the file does."""

    url: str
    total: int | None = None
    etag: str | None = None
    modified: str | None = None

    @property
    def mark(self) -> str | None:
        """What If-Range may compare; weak tags are not for that."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified

    def is_same_file(self, other: "Origin") -> bool:
        """Whether nothing that is known of both tells the files apart."""
        pairs = [(self.total, other.total), (self.etag, other.etag), (self.modified, other.modified)]
        return self.url == other.url and all(a == b for a, b in pairs if a is not None and b is not None)


class Partial:
    """The piece of ``target`` that is here: TARGET.partial, and its origin in TARGET.partial.json."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.partial")
        self._facts = target.with_name(f"{target.name}.partial.json")

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def origin(self) -> Origin | None:
        """Where the piece is from, or None where that is not known and it cannot be gone on with."""
        try:
            return Origin(**json.loads(self._facts.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def is_whole(self, url: str) -> bool:
        """Whether all of the file has come from this address."""
        origin = self.origin
        return origin is not None and origin.url == url and origin.total == self.size > 0

    def begin(self, origin: Origin) -> None:
        """Forget what is here and begin a file of this origin."""
        self.path.unlink(missing_ok=True)
        with atomic_path(self._facts) as temporary:
            temporary.write_text(json.dumps(asdict(origin), indent=2) + "\n", "utf-8")

    def open(self) -> BinaryIO:
        """Open the piece to add to its end, unbuffered: what was written is kept whatever happens next."""
        return self.path.open("ab", buffering=0)

    def discard(self) -> None:
        """Remove what is here."""
        self.path.unlink(missing_ok=True)
        self._facts.unlink(missing_ok=True)

    def move_to(self, target: Path) -> None:
        """Give the whole file its own name."""
        self.path.replace(target)
        self._facts.unlink(missing_ok=True)


def read_origin(url: str, response: HTTPResponse) -> tuple[Origin, int]:
    """Return what an answer says of the file that ``url`` names, and the byte that its piece begins at."""
    start, total = 0, _whole_number(response.headers.get("Content-Length"))
    if response.status == 206:
        start, total = _read_range(response.headers.get("Content-Range", ""))
    return Origin(url, total, response.headers.get("ETag"), response.headers.get("Last-Modified")), start


def _read_range(text: str) -> tuple[int, int | None]:
    """Read ``bytes 100-199/200`` into (100, 200); the start is -1 where it makes no sense."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", text.strip())
    return (int(found[1]), _whole_number(found[2])) if found else (-1, None)


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
