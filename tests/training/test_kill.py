"""A run that is killed at a random moment and resumed ends as one that was left alone, to the last bit."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.training.runs import last_state, on_toons, on_videos, resume, same, start, write_videos
from tests.training.test_step import adversarial

STEPS = 30
RUN = """
import sys
from pathlib import Path
from tests.training import test_kill
from tests.training.runs import start
config, data, out = test_kill.CONFIGS[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
for report in start(config, out, data=data, seed=3):
    pass
"""
CONFIGS = {
    "toons": on_toons(max_steps=STEPS, half_size_steps=20, average_decay=0.9, clip_norm=5.0),
    "videos": on_videos(max_steps=STEPS, accumulation=2),
    "adversarial": adversarial(max_steps=STEPS),
}


def kill_after(seconds: float, name: str, data: Path, out: Path) -> None:
    """Begin a run in a process of its own, and kill it some time after its second checkpoint."""
    child = subprocess.Popen([sys.executable, "-c", RUN, name, data, out], cwd=Path(__file__).parents[2])
    try:
        deadline = time.monotonic() + 120
        while not (out / "checkpoints" / "step-2").exists():
            assert time.monotonic() < deadline, "the run does not begin"
            time.sleep(0.02)
        time.sleep(seconds)
    finally:
        child.kill()
        child.wait()


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_a_killed_run_ends_as_one_that_was_left_alone(name: str, tmp_path: Path) -> None:
    data = write_videos(tmp_path / "data")
    begun = time.monotonic()
    list(start(CONFIGS[name], tmp_path / "whole", data=data, seed=3))
    length = time.monotonic() - begun
    moments = random.Random(0)
    for attempt in range(3):
        out = tmp_path / f"killed-{attempt}"
        kill_after(moments.uniform(0, 0.8 * length), name, data, out)
        assert last_state(out)["step"] < STEPS
        resume(out)
        assert same(last_state(tmp_path / "whole"), last_state(out))
