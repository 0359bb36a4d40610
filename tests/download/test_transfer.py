"""Fetching a file: what comes is kept, gone on with, and never mixed up with another file."""

import errno
import os
import random
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from animate_cli.download import Partial, Patience, fetch
from animate_cli.errors import DownloadError, WeightsError
from tests.download.site import Handler, Page, Served, Site, answer, in_turn, redirect, status

CONTENT = random.Random(0).randbytes(200_000)
OTHER = random.Random(1).randbytes(200_000)
QUICK = Patience(timeout=5, tries=3, pause=0)
HURRIED = Patience(timeout=0.1, tries=2, pause=0)


@dataclass
class Heard:
    """Notes what a download says."""

    notes: list[str] = field(default_factory=list)
    stretches: list[tuple[int | None, int]] = field(default_factory=list)
    done: int = 0
    on_advance: Callable[[], None] | None = None

    def note(self, text: str) -> None:
        self.notes.append(text)

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        self.stretches.append((total, done))
        self.done = done

    def advance(self, count: int = 1) -> None:
        self.done += count
        if self.on_advance is not None:
            self.on_advance()


@pytest.fixture
def partial(tmp_path: Path) -> Partial:
    return Partial(tmp_path / "file.bin")


def get(site: Site, partial: Partial, patience: Patience = QUICK, heard: Heard | None = None) -> bool:
    return fetch(site.url("/file.bin"), partial, heard or Heard(), patience)


def fail(site: Site, partial: Partial, patience: Patience = QUICK) -> str:
    with pytest.raises(DownloadError) as caught:
        get(site, partial, patience)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(site.url("/file.bin") + ": ")
    return str(caught.value)


def test_a_whole_file(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"], heard = Served(CONTENT), Heard()
    assert get(site, partial, heard=heard) is False
    assert partial.path.read_bytes() == CONTENT
    assert (heard.stretches, heard.done, heard.notes) == ([(len(CONTENT), 0)], len(CONTENT), [])
    assert site.ranges == [None]


def test_a_whole_piece_is_not_asked_for_again(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = Served(CONTENT)
    get(site, partial)
    assert get(site, partial) is True
    assert len(site.asked) == 1


def test_a_cut_is_gone_on_with(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"], heard = Served(CONTENT, cuts=[70_000, 50_000]), Heard()
    assert get(site, partial, heard=heard) is True
    assert partial.path.read_bytes() == CONTENT
    assert site.ranges == [None, "bytes=70000-", "bytes=120000-"]
    assert site.asked[1][1]["If-Range"] == '"one"'
    assert heard.stretches == [(200_000, 0), (200_000, 70_000), (200_000, 120_000)]
    assert heard.notes == [
        "the connection broke off at 70 kB of 200 kB; trying again in 0 s",
        "the connection broke off at 120 kB of 200 kB; trying again in 0 s",
    ]


def test_a_later_run_goes_on(site: Site, partial: Partial) -> None:
    page = site.pages["/file.bin"] = Served(CONTENT, cuts=[70_000])
    said = fail(site, partial, Patience(tries=1))
    assert said.endswith("broke off at 70 kB of 200 kB; the 70 kB that came are kept for the next try")
    assert partial.path.read_bytes() == CONTENT[:70_000]
    page.etag = None
    get(site, partial)
    assert site.ranges == [None, "bytes=70000-"]
    assert partial.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("etag", "modified", "mark"),
    [
        ('"one"', "Mon, 02 Nov 2026 10:00:00 GMT", '"one"'),
        ('W/"weak"', "Mon, 02 Nov 2026 10:00:00 GMT", "Mon, 02 Nov 2026 10:00:00 GMT"),
        ('W/"weak"', None, None),
        (None, None, None),
    ],
)
def test_the_strongest_mark_is_sent(
    site: Site, partial: Partial, etag: str | None, modified: str | None, mark: str | None
) -> None:
    site.pages["/file.bin"] = Served(CONTENT, etag=etag, modified=modified, cuts=[70_000])
    get(site, partial)
    assert site.asked[1][1].get("If-Range") == mark
    assert site.ranges[1] == "bytes=70000-"
    assert partial.path.read_bytes() == CONTENT


def test_an_answer_that_leaves_the_whole_size_out(site: Site, partial: Partial) -> None:
    page = site.pages["/file.bin"] = Served(CONTENT, cuts=[70_000, 50_000], claims="bytes 70000-199999/*")
    fail(site, partial, Patience(tries=1))
    assert "broke off at 120 kB of 200 kB" in fail(site, partial, Patience(tries=1))
    page.claims = None
    get(site, partial)
    assert partial.path.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = Served(CONTENT, takes_ranges=False, cuts=[70_000])
    get(site, partial)
    assert site.ranges == [None, "bytes=70000-"]
    assert partial.path.read_bytes() == CONTENT


CHANGES = {
    "If-Range": Served(OTHER, etag='"two"'),
    "tag": Served(OTHER, etag='"two"', heeds_if_range=False),
    "date": Served(OTHER, etag=None, modified="Tue, 03 Nov 2026 10:00:00 GMT", heeds_if_range=False),
    "size": Served(OTHER[:150_000], etag=None),
    "range": Served(OTHER, claims="bytes 0-199999/200000"),
    "nonsense": Served(OTHER, claims="what?"),
}


@pytest.mark.parametrize("later", CHANGES.values(), ids=CHANGES)
def test_pieces_of_two_files_are_never_joined(site: Site, partial: Partial, later: Served) -> None:
    first = Served(CONTENT, modified="Mon, 02 Nov 2026 10:00:00 GMT", cuts=[70_000])
    site.pages["/file.bin"] = in_turn(first, later)
    get(site, partial)
    assert site.ranges[1] == "bytes=70000-"
    assert partial.path.read_bytes() == later.content


def test_a_file_that_became_shorter_than_the_piece(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = in_turn(Served(CONTENT, cuts=[70_000]), answer(416), Served(OTHER[:50_000]))
    get(site, partial)
    assert site.ranges == [None, "bytes=70000-", None]
    assert partial.path.read_bytes() == OTHER[:50_000]


def test_a_piece_from_elsewhere_is_not_gone_on_with(site: Site, partial: Partial) -> None:
    site.pages |= {"/a": Served(CONTENT, cuts=[70_000]), "/b": Served(OTHER)}
    with pytest.raises(DownloadError):
        fetch(site.url("/a"), partial, Heard(), Patience(tries=1))
    with pytest.raises(DownloadError) as caught:
        fetch(site.url("/c"), partial, Heard(), QUICK)
    assert "kept" not in str(caught.value)
    assert partial.size == 70_000
    fetch(site.url("/b"), partial, Heard(), QUICK)
    assert site.ranges == [None, None, None]
    assert partial.path.read_bytes() == OTHER


def test_a_piece_that_nothing_is_known_of_is_begun_again(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = Served(CONTENT)
    partial.path.write_bytes(OTHER[:1000])
    get(site, partial)
    assert site.ranges == [None]
    assert partial.path.read_bytes() == CONTENT


def test_a_length_that_is_too_great_ends(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = Served(CONTENT, length=300_000, takes_ranges=False)
    assert "broke off at 200 kB of 300 kB" in fail(site, partial)
    assert len(site.asked) == 3


def test_without_a_length_the_end_is_the_end(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"], heard = Served(CONTENT, says_length=False), Heard()
    get(site, partial, heard=heard)
    assert partial.path.read_bytes() == CONTENT
    assert heard.stretches == [(None, 0)]


def test_redirects_are_followed_with_the_range(site: Site, partial: Partial) -> None:
    site.pages |= {"/file.bin": redirect("/there"), "/there": Served(CONTENT, cuts=[70_000])}
    get(site, partial)
    assert [path for path, _ in site.asked] == ["/file.bin", "/there", "/file.bin", "/there"]
    assert site.ranges[3] == "bytes=70000-"
    assert partial.path.read_bytes() == CONTENT


REFUSALS: dict[str, tuple[Page, str]] = {
    "circle": (redirect("/file.bin"), "it redirects in a circle"),
    "file": (
        redirect("file:///etc/passwd"),
        "it redirects to something that is not an http or https address",
    ),
    "ftp": (redirect("ftp://127.0.0.1/x"), "it redirects to something that is not an http or https address"),
    "nowhere": (
        status(302),
        "it redirects to something that is not an http or https address",
    ),
    "404": (answer(404), "the server answered 404 Not Found"),
    "403": (answer(403), "the server answered 403 Forbidden"),
    "204": (status(204), "the server answered 204 No Content"),
    "html": (Served(b"<html>Sign in</html>", content_type="text/html; charset=utf-8"), "HTML page"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_is_refused_at_once(site: Site, partial: Partial, kind: str, tmp_path: Path) -> None:
    page, says = REFUSALS[kind]
    site.pages["/file.bin"] = page
    assert says in fail(site, partial)
    assert list(tmp_path.iterdir()) == []
    assert {path for path, _ in site.asked} == {"/file.bin"}


def test_a_sign_in_page_does_not_take_the_place_of_a_piece(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = Served(CONTENT, cuts=[70_000])
    fail(site, partial, Patience(tries=1))
    site.pages["/file.bin"] = Served(b"<html>", content_type="text/html")
    assert "the 70 kB that came are kept" in fail(site, partial)
    assert partial.path.read_bytes() == CONTENT[:70_000]


def test_a_busy_server_is_asked_again(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = in_turn(answer(503), answer(429), Served(CONTENT))
    get(site, partial)
    assert partial.path.read_bytes() == CONTENT
    site.pages["/file.bin"] = answer(500)
    partial.discard()
    assert fail(site, partial).endswith("the server answered 500 Internal Server Error")
    assert len(site.asked) == 3 + 3


def test_a_server_that_stops_sending(site: Site, partial: Partial) -> None:
    page = site.pages["/file.bin"] = Served(CONTENT, cuts=[70_000, 10_000, 0, 0, 0], stall=True)
    said = fail(site, partial, HURRIED)
    assert said.endswith("nothing came for 0.1 seconds; the 80 kB that came are kept for the next try")
    assert partial.path.read_bytes() == CONTENT[:80_000]
    page.cuts.clear()
    get(site, partial)
    assert partial.path.read_bytes() == CONTENT


def test_a_server_that_does_not_answer(site: Site, partial: Partial) -> None:
    def wait(handler: Handler) -> None:
        handler.server.closing.wait(20)

    site.pages["/file.bin"] = wait
    assert fail(site, partial, HURRIED).endswith("nothing came for 0.1 seconds")


def test_no_network(partial: Partial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/file.bin"
        with pytest.raises(DownloadError, match=r"the connection was refused$"):
            fetch(url, partial, Heard(), QUICK)

    def find_nothing(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)
    with pytest.raises(DownloadError, match=r"its host is not found; is there a network\?$"):
        fetch("http://nowhere.invalid/file.bin", partial, Heard(), QUICK)


def test_a_server_of_another_kind(site: Site, partial: Partial) -> None:
    def greet(handler: Handler) -> None:
        handler.wfile.write(b"220 mail.example ready\r\n\r\n")

    site.pages["/file.bin"] = greet
    assert fail(site, partial).endswith("the server does not speak proper HTTP")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/x", "/etc/passwd", "http://", "http://[::1", "C:\\x", ""]
)
def test_only_http(url: str, partial: Partial) -> None:
    with pytest.raises(DownloadError, match="only http and https addresses are fetched"):
        fetch(url, partial, Heard(), QUICK)


def test_secrets_in_an_address_are_not_shown(site: Site, partial: Partial) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(site.url("/a?token=secret").replace("//", "//user:secret@"), partial, Heard(), QUICK)
    assert "secret" not in str(caught.value)


def test_the_proxy_of_the_environment_is_used(
    site: Site, partial: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", site.url(""))
    site.pages["http://files.invalid/file.bin"] = Served(CONTENT)
    fetch("http://files.invalid/file.bin", partial, Heard(), QUICK)
    assert partial.path.read_bytes() == CONTENT


def test_an_interrupt_keeps_what_came(site: Site, partial: Partial) -> None:
    site.pages["/file.bin"] = Served(CONTENT, cuts=[70_000], stall=True)

    def interrupt() -> None:
        if heard.done == 70_000:
            raise KeyboardInterrupt

    heard = Heard(on_advance=interrupt)
    with pytest.raises(KeyboardInterrupt):
        get(site, partial, heard=heard)
    assert heard.notes == ["interrupted; the 70 kB that came are kept for the next try"]
    assert partial.path.read_bytes() == CONTENT[:70_000]
    get(site, partial)
    assert site.ranges == [None, "bytes=70000-"]
    assert partial.path.read_bytes() == CONTENT


class FullAfter:
    """A file on a disk that takes so many bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self.file, self.room = file, room

    def __enter__(self) -> "FullAfter":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, piece: memoryview) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken: int = self.file.write(piece[: self.room])
        self.room -= taken
        return taken


def test_a_disk_that_fills_up(site: Site, partial: Partial, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/file.bin"] = Served(CONTENT)
    real = Partial.open
    with monkeypatch.context() as patched:
        patched.setattr(Partial, "open", lambda self: FullAfter(real(self), 70_000))
        with pytest.raises(WeightsError) as caught:
            get(site, partial)
    assert str(caught.value) == (
        f"{partial.path.parent}: the disk is full; make room, or name another folder in ANIMATE_WEIGHTS_DIR; "
        "the 70 kB that came are kept for the next try"
    )
    assert not isinstance(caught.value, DownloadError), "another source would not help"
    assert partial.path.read_bytes() == CONTENT[:70_000]
    get(site, partial)
    assert partial.path.read_bytes() == CONTENT


def test_a_disk_without_room(site: Site, partial: Partial, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/file.bin"] = Served(CONTENT)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(
        WeightsError, match=r": 200 kB are needed and 1 kB are free; make room, or name another"
    ):
        get(site, partial)
    assert partial.size == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 kB, where the system lets us have one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("says_length", [True, False])
def test_a_disk_that_is_really_small(site: Site, small_disk: Path, says_length: bool) -> None:
    site.pages["/file.bin"] = Served(CONTENT, says_length=says_length)
    partial = Partial(small_disk / "file.bin")
    with pytest.raises(
        WeightsError, match="are free; make room" if says_length else "the disk is full; make"
    ):
        get(site, partial)
    names = {path.name for path in small_disk.iterdir()}
    assert names <= {"file.bin.partial", "file.bin.partial.json"}
    assert CONTENT.startswith(partial.path.read_bytes() if partial.size else b"")


def test_a_folder_that_cannot_be_written(site: Site, tmp_path: Path) -> None:
    site.pages["/file.bin"] = Served(CONTENT)
    with pytest.raises(WeightsError, match="cannot be written"):
        get(site, Partial(tmp_path / "missing" / "file.bin"))
