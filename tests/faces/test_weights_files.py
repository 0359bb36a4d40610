"""The detectors' own weights: looked for, downloaded, taken up again, checked against the hash in the name."""

import hashlib
from pathlib import Path

import pytest

from animate_cli.download import Patience
from animate_cli.errors import WeightsError
from animate_cli.faces import weights_files
from animate_cli.faces.detectors import fetch_weights, open_detector
from animate_cli.faces.weights_files import Silence, WeightsFile
from tests.download.site import Handler, Page, Site, open_site

CONTENT = bytes(range(256)) * 400
NAME = f"net-{hashlib.sha256(CONTENT).hexdigest()[:10]}.pth"
QUICK = Patience(timeout=5, tries=2, pause=0.01)


class Told(Silence):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.stretches: list[tuple[int | None, int]] = []
        self.bytes = 0

    def note(self, text: str) -> None:
        self.notes.append(text)

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        self.stretches.append((total, done))

    def advance(self, count: int = 1) -> None:
        self.bytes += count


def give(content: bytes, stop: int | None = None) -> Page:
    """Give a file, or break off before its end; ranges are kept to."""

    def page(handler: Handler) -> None:
        start = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
        handler.say(206 if start else 200, {
            "Content-Length": len(content) - start, "ETag": '"one"',
            "Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}" if start else None,
        })  # fmt: skip
        handler.wfile.write(content[start : None if start else stop])
        if stop is not None and not start:
            handler.hang_up()

    return page


def file_at(site: Site) -> WeightsFile:
    return WeightsFile(NAME, site.url("/net"), 1, otherwise="use another")


def test_a_file_is_downloaded_once_and_counted(no_weights: Path) -> None:
    told = Told()
    with open_site() as site:
        site.pages["/net"] = give(CONTENT)
        path = file_at(site).fetch(told, QUICK)
        assert file_at(site).fetch(told, QUICK) == path == no_weights / NAME
        assert len(site.asked) == 1
    assert path.read_bytes() == CONTENT
    assert told.stretches == [(len(CONTENT), 0)]
    assert told.bytes == len(CONTENT)


def test_a_download_that_was_cut_off_goes_on(no_weights: Path) -> None:
    with open_site() as site:
        site.pages["/net"] = give(CONTENT, stop=60_000)
        path = file_at(site).fetch(Silence(), QUICK)
        assert site.ranges == [None, "bytes=60000-"]
    assert path.read_bytes() == CONTENT
    assert sorted(entry.suffix for entry in no_weights.iterdir()) == [".lock", ".pth"]


def test_another_file_is_refused_and_not_kept(no_weights: Path) -> None:
    with open_site() as site:
        site.pages["/net"] = give(b"something else" * 99)
        with pytest.raises(WeightsError, match="SHA-256 does not begin with") as caught:
            file_at(site).fetch(Silence(), QUICK)
    assert f"put the file from {site.url('/net')} (1 MB) into {no_weights}, or use another" in str(
        caught.value
    )
    assert not list(no_weights.glob("net*"))


def test_a_mirror_comes_first(no_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_site() as site:
        monkeypatch.setenv("ANIMATE_WEIGHTS_MIRROR", site.url("/mirror"))
        site.pages[f"/mirror/{NAME}"] = give(CONTENT)
        assert file_at(site).fetch(Silence(), QUICK).is_file()
        assert [path for path, _ in site.asked] == [f"/mirror/{NAME}"]


def test_torchs_cache_is_looked_into(no_weights: Path) -> None:
    file = WeightsFile(NAME, "http://127.0.0.1:9/none", 1, otherwise="")
    assert file.find() is None
    hub = file.places[1]
    hub.parent.mkdir(parents=True)
    hub.write_bytes(CONTENT)
    assert file.fetch() == hub


def test_damaged_weights_are_told(no_weights: Path) -> None:
    no_weights.mkdir()
    (no_weights / "s3fd-619a316812.pth").write_bytes(b"PK not a network")
    with pytest.raises(WeightsError, match=r"s3fd-619a316812\.pth: is damaged"):
        open_detector("face-alignment")


def test_without_network_the_message_says_where_to_put_the_file(
    no_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_files, "mirrored", lambda file, sources: ("http://127.0.0.1:9/none",))
    told = Told()
    with pytest.raises(WeightsError, match="connection was refused") as caught:
        fetch_weights("face-alignment", told)
    assert str(no_weights) in str(caught.value)
    assert "--detector lbp" in str(caught.value)
    assert "86 MB" in told.notes[0]
