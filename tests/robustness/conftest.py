"""A command's outcome and what it left of its folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Animate, Outcome, _one_thread, animate, published, tiny_config, tiny_weights
from tests.robustness.material import clip_bytes, picture_bytes

__all__ = ["_one_thread", "animate", "published", "tiny_config", "tiny_weights"]

Job = Callable[..., Outcome]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a source, a driving of three frames and an old result."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "cache"))
    (here / "source.png").write_bytes(picture_bytes())
    (here / "driving.mp4").write_bytes(clip_bytes())
    (here / "out.mp4").write_text("the old one")
    return here


@pytest.fixture
def job(animate: Animate, tiny_weights: Path, place: Path) -> Job:
    """Run the main job with small weights."""

    def run(*words: str | Path) -> Outcome:
        return animate("-w", tiny_weights, "--device", "cpu", "--precision", "fp32", *words)

    return run


def contents(folder: Path) -> dict[str, bytes | str]:
    """Take stock of a folder: the bytes of files, where links lead, what else there is."""
    return {str(path.relative_to(folder)): content(path) for path in sorted(folder.rglob("*"))}


def content(path: Path) -> bytes | str:
    """Return what a path holds, without waiting for anything."""
    if path.is_symlink():
        return f"link to {path.readlink()}"
    return path.read_bytes() if path.is_file() else "folder" if path.is_dir() else "special"


def require_one_error(outcome: Outcome, code: int, words: tuple[str, ...]) -> None:
    """Assert that a command failed as it must: the exit code, one line, the words in it, nothing on stdout."""
    errors = [line for line in outcome.lines if line.startswith("error: ")]
    assert (outcome.code, outcome.stdout) == (code, ""), outcome
    assert errors == outcome.lines[-1:], outcome.stderr
    assert "Traceback" not in outcome.stderr
    for word in words:
        assert word in errors[0], f"{word!r} is not in: {errors[0]}"
