"""`animate weights get`, and the offer to download weights that a command needs."""

import hashlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from animate_cli import catalogue
from animate_cli.cli import console as console_module
from tests.cli.conftest import Animate
from tests.download.site import Served, Site

ROOT = Path(__file__).parents[2]
FILE = "mgif-cpk.pth.tar"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def mirror(site: Site, published: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that every model comes from, and that has only mgif, whose hash is not known."""
    site.pages[f"/{FILE}"] = Served(published.read_bytes())
    moved = [
        entry if entry.bundled else replace(entry, sources=(site.url(f"/{entry.file}"),))
        for entry in catalogue.MODELS
    ]
    monkeypatch.setattr(catalogue, "MODELS", tuple(moved))
    return site


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_get_with_trust(animate: Animate, cache: Path, mirror: Site, published: Path) -> None:
    outcome = animate("weights", "get", "mgif", "--trust")
    assert (outcome.code, outcome.stdout) == (0, "")
    digest = hashlib.sha256(published.read_bytes()).hexdigest()
    assert outcome.lines[0].startswith(f"{FILE} has the SHA-256 {digest}")
    assert re.fullmatch(rf"wrote {cache}/mgif\.safetensors \(.* kB, domain animal\)", outcome.lines[1])
    assert names(cache) == [f"{FILE}.sha256", "mgif.safetensors"]
    listed = json.loads(animate("weights", "list", "--json", "-").stdout)["models"]
    assert next(m for m in listed if m["name"] == "mgif")["path"] == str(cache / "mgif.safetensors")
    again = animate("weights", "get", "mgif")
    assert again == (0, "", f"mgif is here: {cache}/mgif.safetensors; --force gets it again\n")


def test_nobody_to_ask(animate: Animate, cache: Path, mirror: Site) -> None:
    outcome = animate("weights", "get", "mgif")
    assert (outcome.code, outcome.stdout, len(outcome.lines)) == (1, "", 1)
    assert outcome.lines[0].startswith(f"error: {FILE} has the SHA-256 ")
    assert outcome.lines[0].endswith("; --trust accepts it")
    assert names(cache) == [f"{FILE}.partial", f"{FILE}.partial.json"]


def test_quiet_says_nothing_and_half_is_smaller(animate: Animate, cache: Path, mirror: Site) -> None:
    assert animate("weights", "get", "mgif", "--trust", "-q") == (0, "", "")
    size = (cache / "mgif.safetensors").stat().st_size
    assert animate("weights", "get", "mgif", "--half", "--force", "--keep", "-q") == (0, "", "")
    assert (cache / "mgif.safetensors").stat().st_size < 0.7 * size
    assert FILE in names(cache)


def test_a_source_of_the_user_s_own(animate: Animate, cache: Path, mirror: Site) -> None:
    mirror.pages["/elsewhere"] = mirror.pages.pop(f"/{FILE}")
    assert "404 Not Found" in animate("weights", "get", "mgif", "--trust").stderr
    assert animate("weights", "get", "mgif", "--trust", "--source", mirror.url("/elsewhere")).code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mgfi"], "mgfi: no such model; did you mean mgif? (models: toon-face"),
        (["vox", "--source", "file:///etc/passwd"], "only http and https addresses are fetched"),
        (["vox"], "the server answered 404 Not Found"),
    ],
)
def test_get_fails_in_one_line(
    animate: Animate, cache: Path, mirror: Site, words: list[str], says: str
) -> None:
    outcome = animate("weights", "get", *words, "-q")
    assert (outcome.code, outcome.stdout, len(outcome.lines)) == (1, "", 1)
    assert outcome.lines[0].startswith("error: ")
    assert says in outcome.lines[0]
    assert not cache.exists() or names(cache) == []


def test_a_bundled_model_comes_with_the_package(animate: Animate, cache: Path) -> None:
    outcome = animate("weights", "get", "toon-face")
    assert outcome.code == 0
    assert outcome.stderr.startswith("toon-face comes with the package: ")


def test_the_list_says_how_to_get_a_model(animate: Animate, cache: Path) -> None:
    assert "729 MB, not here: animate weights get vox\n" in animate("weights", "list").stdout


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in ("s.png", "d.png"):
        Image.fromarray(random.integers(0, 255, (64, 64, 3), np.uint8)).save(folder / name)
    return folder


def test_weights_that_are_not_here_without_a_terminal(animate: Animate, cache: Path, pictures: Path) -> None:
    for words in (
        ["-w", "vox", pictures / "s.png", pictures / "d.png", "-o", pictures / "o.png"],
        ["train", "toon-face", "--init-from", "vox", "--out", pictures / "run"],
    ):
        outcome = animate(*words)
        assert outcome.code == 1
        assert outcome.lines[-1].startswith(
            "error: vox: not here yet; `animate weights get vox` downloads it (729 MB), or put vox-cpk.pth.tar"
        )
        assert names(pictures) == ["d.png", "s.png"]
    assert not cache.exists()


class Terminal:
    """A command on a pseudo-terminal: what it says on stderr, and what is typed."""

    def __init__(self, words: list[str], folder: Path, **environment: str) -> None:
        self.master, slave = pty.openpty()
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "animate_cli", *words],
            cwd=folder, stdin=slave, stderr=slave, stdout=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "no_proxy": "*", **environment},
        )  # fmt: skip
        os.close(slave)

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + 120
        while text not in self.said:
            assert time.monotonic() < deadline, f"{text!r} was not said: {self.said}"
            if select.select([self.master], [], [], 0.2)[0] and not self._read():
                break
        assert text in self.said

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        while self._read():
            pass
        return self.process.wait(60)

    def _read(self) -> bool:
        try:
            piece = os.read(self.master, 4096)
        except OSError:  # the other side is closed
            return False
        self.said += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(
    site: Site, published: Path, pictures: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Terminal]:
    site.pages[f"/{FILE}"] = Served(published.read_bytes())
    words = request.param if hasattr(request, "param") else "-w mgif s.png d.png -o o.png"
    opened = Terminal(
        words.split(),
        pictures,
        ANIMATE_WEIGHTS_DIR=str(tmp_path / "cache"),
        ANIMATE_WEIGHTS_MIRROR=site.url(""),
    )
    yield opened
    opened.close()


def test_an_offer_that_is_taken(terminal: Terminal, cache: Path, pictures: Path) -> None:
    terminal.wait_for("mgif is not here: download from http://127.0.0.1:")
    terminal.type("y\n")
    terminal.wait_for("Trust it, and require the same file from now on? [y/N] ")
    terminal.type("y\n")
    assert terminal.end() == 0, terminal.said
    assert names(cache) == [f"{FILE}.sha256", "mgif.safetensors"]
    assert names(pictures) == ["d.png", "o.png", "s.png"]
    assert "computing on" in terminal.said


def test_an_offer_that_is_declined(terminal: Terminal, cache: Path, pictures: Path, site: Site) -> None:
    terminal.wait_for(f"/{FILE}? [y/N] ")
    terminal.type("\n")
    assert terminal.end() == 1
    assert terminal.said.splitlines()[-1].startswith(
        "error: mgif: not here yet; `animate weights get mgif` downloads it, or put mgif-cpk.pth.tar"
    )
    assert site.asked == []
    assert not cache.exists()
    assert names(pictures) == ["d.png", "s.png"]


@pytest.mark.parametrize("terminal", ["train toon-face --init-from mgif --out run"], indirect=True)
def test_training_offers_too(terminal: Terminal, cache: Path, pictures: Path) -> None:
    terminal.wait_for("mgif is not here: download from http://127.0.0.1:")
    terminal.type("n\n")
    assert terminal.end() == 1
    assert "error: mgif: not here yet" in terminal.said
    assert names(pictures) == ["d.png", "s.png"]


@pytest.mark.parametrize("terminal", ["-q -w mgif s.png d.png -o o.png"], indirect=True)
def test_quiet_asks_nothing(terminal: Terminal, site: Site) -> None:
    assert terminal.end() == 1
    assert terminal.said.startswith("error: mgif: not here yet")
    assert "[y/N]" not in terminal.said


@pytest.mark.parametrize("terminal", ["weights get mgif"], indirect=True)
def test_a_question_that_is_interrupted(terminal: Terminal, cache: Path) -> None:
    terminal.wait_for("Trust it, and require the same file from now on? [y/N] ")
    os.killpg(terminal.process.pid, signal.SIGINT)
    assert terminal.end() == 130
    assert "Traceback" not in terminal.said
    assert names(cache) == [f"{FILE}.partial", f"{FILE}.partial.json"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_download_that_is_interrupted(
    site: Site, published: Path, cache: Path, tmp_path: Path, number: signal.Signals
) -> None:
    page = site.pages[f"/{FILE}"] = Served(published.read_bytes(), cuts=[20_000], stall=True)
    settings = {"ANIMATE_WEIGHTS_DIR": str(cache), "ANIMATE_WEIGHTS_MIRROR": site.url("")}
    terminal = Terminal(["weights", "get", "mgif", "--trust"], tmp_path, **settings)
    try:
        wait_for_size(cache / f"{FILE}.partial", 20_000)
        os.killpg(terminal.process.pid, number)
        assert terminal.end() == (130 if number == signal.SIGINT else 143)
        assert "interrupted; the 20 kB that came are kept for the next try" in terminal.said
        assert "Traceback" not in terminal.said
    finally:
        terminal.close()
    assert names(cache) == [f"{FILE}.partial", f"{FILE}.partial.json"]
    assert (cache / f"{FILE}.partial").read_bytes() == page.content[:20_000]


def wait_for_size(path: Path, size: int) -> None:
    deadline = time.monotonic() + 120
    while not (path.is_file() and path.stat().st_size >= size):
        assert time.monotonic() < deadline, "the download did not begin"
        time.sleep(0.02)


def test_a_bar_with_sizes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(console_module, "SECONDS_BEFORE_PROGRESS", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with console_module.Console().progress("Downloading", unit=console_module.BYTES) as bar:
        time.sleep(0.05)
        bar.begin("Downloading", 729_000_000, done=300_000_000)
        bar.advance(64_500_000)
    said = capsys.readouterr().err
    assert "364 MB of 729 MB" in said or "365 MB of 729 MB" in said
    assert re.search(r"\d B/s|[kMG]B/s", said)
