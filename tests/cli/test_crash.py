"""A command that is killed, interrupted or terminated leaves what was there, and nothing that lasts."""

import random
import signal
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.media import open_reader, write_image
from tests.cli.children import (
    CODES,
    Child,
    has_begun,
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
from tests.media.click_track import RATES, SIDE, make

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
OLD = "the old one"
PATIENCE = 120
STOPS = 20
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


def random_moments(number: signal.Signals, lasts: float, count: int) -> list[float]:
    """Choose moments of a run that lasts so many seconds."""
    chosen = random.Random(int(number))
    return [lasts * chosen.random() for _ in range(count)]


def end_after(child: Child, moment: float, number: signal.Signals) -> int:
    """Send a signal so many seconds after the command has begun, and return its exit code."""
    child.wait_for(has_begun)
    time.sleep(moment)
    code = child.process.poll()
    code = child.end(number) if code is None else code
    if "wrote" in child.words() and code == -number:
        return 0  # all was done, and Python itself was ending
    return code


def time_of_a_run(folder: Path, command: list[str | Path], out: str) -> float:
    """Run to the end once, and put the old result back."""
    with running(folder, *command) as child:
        child.wait_for(has_begun)
        began = time.monotonic()
        assert child.process.wait(PATIENCE) == 0
    (folder / out).write_text(OLD)
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("number", [KILL, TERM, INT])
def test_a_stop_at_twenty_random_moments(
    folder: Path, animate: Animate, tiny_weights: Path, number: signal.Signals
) -> None:
    command = words(tiny_weights, size=128)
    lasts = time_of_a_run(folder, command, "out.mp4")
    chosen, stopped = random.Random(int(number)), 0
    while stopped < STOPS:
        (folder / "out.mp4").write_text(OLD)
        with running(folder, *command) as child:
            code = end_after(child, lasts * chosen.random(), number)
        if code == 0:  # the machine is quicker now than it was
            lasts *= 0.8
            continue
        stopped += 1
        check_end(child, code, number)
        assert wait_until_gone(folder)
        if "wrote" not in child.words():
            assert (folder / "out.mp4").read_text() == OLD
        if number is not KILL:
            assert hidden(folder) == []
        check_next_run(folder, animate, tiny_weights)


OUTPUTS = ["out.mov", "out.webm", "out.mkv", "out.gif", "out.png", "frames", "results"]


@pytest.mark.slow
@pytest.mark.parametrize("out", OUTPUTS)
@pytest.mark.parametrize("number", [KILL, TERM, INT])
def test_a_stop_while_any_kind_of_output_is_written(
    folder: Path, animate: Animate, tiny_weights: Path, out: str, number: signal.Signals
) -> None:
    sources = folder / "pictures"
    sources.mkdir()
    for name in ("one.png", "two.png"):
        write_image(sources / name, np.full((SIDE, SIDE, 3), 90, np.uint8))
    command = words(tiny_weights, out)
    if out == "results":
        command[command.index("clip.mkv")] = "pictures"
    if "." in out:
        (folder / out).write_text(OLD)
    with running(folder, *command) as child:
        child.wait_for(is_writing)
        code = child.end(number)
    check_end(child, code, number)
    check_folder(folder, number)
    assert not (folder / "frames").exists()
    if "." in out:
        assert (folder / out).read_text() == OLD
    place = folder / out
    sources = folder / ("pictures" if out == "results" else "clip.mkv")
    outcome = animate(
        "-q", "-w", tiny_weights, sources, folder / "clip.mkv", "-o", place, "--overwrite", "--end", "0.1"
    )
    assert (outcome.code, outcome.stderr) == (0, "")
    assert hidden(folder) == []


TRAINING = (
    "num_keypoints=4 size=[64,64] detector.base_channels=4 detector.max_channels=16 detector.num_blocks=2 "
    "motion.base_channels=4 motion.max_channels=16 motion.num_blocks=2 occlusion.base_channels=8 "
    "generator.base_channels=4 generator.max_channels=16 generator.num_residual_blocks=1"
)


@pytest.mark.slow
@pytest.mark.parametrize("number", [KILL, TERM, INT])
def test_a_stopped_training_run_goes_on(folder: Path, animate: Animate, number: signal.Signals) -> None:
    sets = [word for value in TRAINING.split() for word in ("--set", f"model.{value}")]
    sets += [
        "--set",
        "optimizer.batch_size=1",
        "--set",
        "loss.perceptual=[]",
        "--set",
        "data.keypoint_landmarks=[]",
    ]
    sets += ["--set", "loss.keypoint_supervision=0", "--set", "loss.generator_gan=0"]
    command = ["train", "toon-face", "--out", "run", "--device", "cpu", "--max-steps", "55", *sets]
    with running(folder, *command) as child:
        child.wait_for(lambda child: (child.folder / "run" / "checkpoints" / "step-0").exists())
        code = child.end(number)
    assert code == CODES[number], child.words()
    assert "Traceback" not in child.words()
    if number is not KILL:
        assert "stopping after this step, saving it" in child.words()
        assert "go on with: animate train --resume run" in child.words()
        assert hidden(folder) == []
    outcome = animate("train", "--resume", folder / "run", "--device", "cpu")
    assert outcome.code == 0, outcome.stderr
    assert "step 55/55" in outcome.stderr
    assert hidden(folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [KILL, TERM, INT])
def test_a_stopped_import_leaves_the_old_weights(
    folder: Path, animate: Animate, tiny_weights: Path, number: signal.Signals
) -> None:
    target = folder / "w.safetensors"
    for moment in random_moments(number, 2.0, count=5):
        target.write_text(OLD)
        with running(folder, "weights", "import", tiny_weights, "-o", target) as child:
            code = end_after(child, moment, number)
        if code == 0:
            continue
        check_end(child, code, number)
        assert target.read_bytes() == OLD.encode() or animate("weights", "inspect", target).code == 0
        assert number is KILL or hidden(folder) == []
        assert animate("weights", "import", "-q", tiny_weights, "-o", target).code == 0
        assert hidden(folder) == []
