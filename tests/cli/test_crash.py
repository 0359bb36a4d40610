"""A command that is killed, interrupted or terminated leaves what was there, and nothing that lasts."""

import random
import signal
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from animate_cli.media import open_reader
from tests.cli.children import (
    CODES,
    Child,
    hidden,
    is_assembling,
    is_loading,
    is_reading,
    is_writing,
    running,
    slow_ffmpeg,
    wait_until_gone,
)
from tests.cli.conftest import Animate
from tests.media.click_track import RATES, make

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
OLD = "the old one"
KILL, TERM, INT = signal.SIGKILL, signal.SIGTERM, signal.SIGINT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip with sound that cannot be copied, and an old result."""
    folder = tmp_path / "work"
    folder.mkdir()
    make(folder / "clip.mkv", RATES["25"], Fraction(2), options=["-c:a", "pcm_s24le"])
    (folder / "out.mp4").write_text(OLD)
    return folder


def words(weights: Path, out: str = "out.mp4", size: int = 512) -> list[str | Path]:
    fixed: list[str | Path] = ["-w", weights, "--device", "cpu", "--precision", "auto", "--batch-size", "1"]
    return [*fixed, "clip.mkv", "clip.mkv", "-o", out, "--size", str(size)]


def check_end(child: Child, code: int, number: signal.Signals) -> None:
    """Make sure of the exit code and the words: one line for a stop that was asked for, never a traceback."""
    assert code == CODES[number], child.words()
    assert "Traceback" not in child.words()
    assert "Exception" not in child.words()
    assert "error" not in child.words()
    if number is not KILL:
        assert child.words().splitlines()[-1] == {INT: "interrupted", TERM: "terminated"}[number]


def check_folder(folder: Path, number: signal.Signals) -> None:
    """Make sure that the old result is there, no encoder, and nothing half done unless there was no time."""
    assert wait_until_gone(folder)
    assert (folder / "out.mp4").read_text() == OLD
    if number is not KILL:
        assert hidden(folder) == []


def check_next_run(folder: Path, animate: Animate, weights: Path) -> None:
    """Make sure that a later run to the same place works and sweeps up."""
    source = folder / "clip.mkv"
    outcome = animate("-q", "-w", weights, source, source, "-o", folder / "out.mp4", "--end", "0.1")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert hidden(folder) == []
    with open_reader(folder / "out.mp4") as reader:
        assert len(list(reader)) == 3


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        *((KILL, moment) for moment in (is_reading, is_writing, is_assembling)),
        *((TERM, moment) for moment in (is_loading, is_writing, is_assembling)),
        *((INT, moment) for moment in (is_loading, is_reading, is_writing)),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_stop_at_any_stage(
    folder: Path,
    animate: Animate,
    tiny_weights: Path,
    number: signal.Signals,
    moment: Callable[[Child], bool],
) -> None:
    slow = slow_ffmpeg(folder.parent) if moment is is_assembling else None
    size = 64 if moment is is_assembling else 512
    with running(folder, *words(tiny_weights, size=size), ffmpeg=slow) as child:
        child.wait_for(moment)
        code = child.end(number)
    check_end(child, code, number)
    check_folder(folder, number)
    check_next_run(folder, animate, tiny_weights)


def random_moments(number: signal.Signals, lasts: float, count: int = 20) -> list[float]:
    """Choose moments of a run that lasts so many seconds; the interpreter's own start is left out."""
    chosen = random.Random(int(number))
    return [0.1 + (lasts - 0.1) * chosen.random() for _ in range(count)]


def time_of_a_run(folder: Path, command: list[str | Path], out: str) -> float:
    """Run to the end once, and put the old result back."""
    began = time.monotonic()
    with running(folder, *command) as child:
        assert child.process.wait(PATIENCE) == 0
    (folder / out).write_text(OLD)
    return time.monotonic() - began


PATIENCE = 120


@pytest.mark.slow
@pytest.mark.parametrize("number", [KILL, TERM, INT])
def test_a_stop_at_twenty_random_moments(
    folder: Path, animate: Animate, tiny_weights: Path, number: signal.Signals
) -> None:
    command = words(tiny_weights, size=128)
    lasts = time_of_a_run(folder, command, "out.mp4")
    stopped = 0
    for moment in random_moments(number, lasts):
        (folder / "out.mp4").write_text(OLD)
        with running(folder, *command) as child:
            time.sleep(moment)
            finished = child.process.poll() is not None
            code = child.process.wait() if finished else child.end(number)
        if code == 0:  # the machine was quicker this time
            continue
        stopped += 1
        check_end(child, code, number)
        assert wait_until_gone(folder)
        if "wrote" not in child.words():
            assert (folder / "out.mp4").read_text() == OLD
        if number is not KILL:
            assert hidden(folder) == []
        check_next_run(folder, animate, tiny_weights)
    assert stopped >= 10
