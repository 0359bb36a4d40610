"""A full disk, a killed encoder and readers that go away: one line, the old result, nothing half done."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.cli.children import ROOT, encoders, hidden
from tests.cli.conftest import Animate
from tests.media.click_track import RATES, make

OLD = "old"
PAGE = 4096


@pytest.fixture(params=["small disk", "limit"])
def tight(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder that holds a few kilobytes: a disk of that size, or else files that may not grow larger."""
    folder = tmp_path / "tight"
    folder.mkdir()
    if request.param == "limit":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (PAGE, hard))
        yield folder
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={2 * PAGE}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk is not allowed here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    make(path, RATES["25"], Fraction(1))
    return path


def check(outcome_code: int, lines: list[str], name: Path, says: str) -> None:
    assert outcome_code == 1
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    assert name.name in lines[0]
    assert says in lines[0]


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".webm", ".mkv", ".gif", ".png", ""])
def test_full_disk_while_writing(
    animate: Animate, tiny_weights: Path, tight: Path, clip: Path, ending: str
) -> None:
    target = tight / f"out{ending}"
    if ending:
        target.write_text(OLD)
    outcome = animate("-q", "-w", tiny_weights, clip, clip, "-o", target, "--layout", "grid", "--size", "256")
    check(outcome.code, outcome.lines, target, "the disk is full")
    assert (target.read_text() if ending else target.exists()) == (OLD if ending else False)
    assert hidden(tight) == []


def test_full_disk_while_saving_a_motion_or_weights(
    animate: Animate, tiny_weights: Path, tight: Path, clip: Path, tmp_path: Path
) -> None:
    motion, weights = tight / "m.safetensors", tight / "w.safetensors"
    job = (
        "-q",
        "-w",
        tiny_weights,
        clip,
        clip,
        "-o",
        tmp_path / "out.mp4",
        "--fps",
        "60",
        "--save-motion",
        motion,
    )
    for words, target in ((job, motion), (("weights", "import", tiny_weights, "-o", weights), weights)):
        target.write_text(OLD)
        outcome = animate(*words)
        check(outcome.code, outcome.lines, target, "the disk is full")
        assert target.read_text() == OLD
        target.unlink()
    assert hidden(tight) == []


def test_full_disk_while_a_report_is_written(animate: Animate, tight: Path) -> None:
    report = tight / "report.json"
    report.write_text(OLD)
    (tight / "filler").write_bytes(bytes(PAGE))
    outcome = animate("weights", "list", "--json", report)
    check(outcome.code, outcome.lines, report, "the disk is full")
    assert report.read_text() == OLD
    assert hidden(tight) == []


def test_encoder_killed_in_the_middle(
    animate: Animate, tiny_weights: Path, clip: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    target = folder / "out.mp4"
    target.write_text(OLD)
    killer = threading.Thread(target=kill_encoder, args=(folder,))
    killer.start()
    outcome = animate("-q", "-w", tiny_weights, clip, clip, "-o", target, "--size", "512")
    killer.join()
    check(outcome.code, outcome.lines, target, "ffmpeg was killed (SIGKILL)")
    assert target.read_text() == OLD
    assert hidden(folder) == []


def kill_encoder(folder: Path) -> None:
    """Kill the first ffmpeg that writes into the folder."""
    deadline = time.monotonic() + 60
    while not (found := encoders(folder)) and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(found[0], 9)


PIPES = [
    ("weights list | true", 0, ""),
    ("weights list | head -1", 0, ""),
    ("weights list --json - | true", 0, ""),
    ("--version | true", 0, ""),
    ("weights list > /dev/full", 1, "error: standard output: cannot be written (the disk is full"),
    ("weights list >&-", 0, ""),
    ("weights list 2>&- >&-", 0, ""),
    ("weights fetch 2>&-", 2, ""),
    ("weights fetch 2> /dev/full", 2, ""),
    ("weights list --json /dev/stdout | tail -1 | grep -q 'not here'", 0, ""),
]


@pytest.mark.parametrize(("line", "code", "says"), PIPES, ids=[line for line, _, _ in PIPES])
def test_closed_and_full_streams(line: str, code: int, says: str, tmp_path: Path) -> None:
    command, *rest = line.partition(" ")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m animate_cli {command}{''.join(rest)}"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(says) if says else done.stderr == ""
    assert len(done.stderr.splitlines()) <= 1
    assert list(tmp_path.iterdir()) == []


def test_words_that_nobody_reads_do_not_stop_the_work(tiny_weights: Path, clip: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "animate_cli", "-v", "-w", str(tiny_weights), str(clip), str(clip)]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*words, "-o", "out.mp4", "--end", "0.1"], stderr=writing, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_a_device_is_written_to_and_not_replaced(animate: Animate, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.append(pipe.read_text()))
    reader.start()
    assert animate("weights", "list", "--json", pipe).code == 0
    reader.join()
    assert said[0].startswith("{")
    assert pipe.is_fifo()
