"""Ctrl-C and SIGTERM, as the terminal and the system send them: to the whole group, in the middle of work."""

import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.media import open_writer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip that takes long to follow at a large size."""
    (tmp_path / "out.mp4").write_text("the old one")
    with open_writer(tmp_path / "long.mp4", width=64, height=64, fps=Fraction(25)) as writer:
        for i in range(60):
            writer.write(np.full((64, 64, 3), i % 200, np.uint8))
    return tmp_path


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupt_leaves_nothing_behind(
    folder: Path, tiny_weights: Path, number: signal.Signals, code: int
) -> None:
    words = [
        "-v",
        "-w",
        str(tiny_weights),
        "long.mp4",
        "long.mp4",
        "-o",
        "out.mp4",
        "--size",
        "768",
        "--batch-size",
        "1",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "animate_cli", *words],
        cwd=folder, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        wait_for_a_draft(folder)
        os.killpg(process.pid, number)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code
    assert "Traceback" not in said
    assert "error" not in said
    assert (folder / "out.mp4").read_text() == "the old one"
    assert sorted(path.name for path in folder.iterdir()) == ["long.mp4", "out.mp4"]


def wait_for_a_draft(folder: Path) -> None:
    """Wait until the result is being written."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any(path.name.startswith(".") for path in folder.iterdir()):
            return
        time.sleep(0.05)
    pytest.fail("writing did not begin")
