"""Runs of several real processes, connected by gloo on the CPU."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from animate_cli.config import Config
from animate_cli.errors import DeviceError
from animate_cli.presets import save_config
from animate_cli.training.distribution import Crew, follows, open_processes, plan_crew
from animate_cli.weights import load_model
from tests.training.runs import last_state, on_toons, same

TORCHRUN = ("-m", "torch.distributed.run", "--nproc-per-node", "2")


def animate(*words: str, launcher: Sequence[str] = ()) -> "subprocess.Popen[str]":
    """Begin `animate train` in a process of its own, one thread for each of its processes."""
    command = [sys.executable, *launcher, "-m", "animate_cli", "train", *words, "--device", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(run: "subprocess.Popen[str]") -> str:
    """Wait for its end and return what it said."""
    said = run.communicate(timeout=300)[1]
    assert run.returncode == 0, said
    return said


def saved(config: Config, folder: Path) -> str:
    save_config(config, folder / "tiny.yaml")
    return str(folder / "tiny.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [(), TORCHRUN], ids=["--devices", "torchrun"])
def test_two_processes_give_the_weights_of_one(launcher: Sequence[str], tmp_path: Path) -> None:
    config = saved(on_toons(batch_size=4, max_steps=3), tmp_path)
    finish(animate(config, "--out", str(tmp_path / "one")))
    devices = () if launcher else ("--devices", "2")
    said = finish(animate(config, "--out", str(tmp_path / "two"), *devices, launcher=launcher))
    assert said.count("weights:") == 1
    one, two = (
        load_model(tmp_path / name / "weights.safetensors").model.state_dict() for name in ("one", "two")
    )
    errors = np.concatenate([(one[name] - two[name]).abs().double().flatten().numpy() for name in one])
    assert (
        np.quantile(errors, 0.99) < 1e-5
    )  # Adam takes a whole step along the sign of a gradient that is rounding
    rows = [
        (tmp_path / name / "metrics.csv").read_text().splitlines()[1].split(",") for name in ("one", "two")
    ]
    assert np.array(rows[0][2:], float) == pytest.approx(np.array(rows[1][2:], float), rel=1e-4)


@pytest.mark.slow
def test_what_is_wrong_is_said_once_and_nobody_is_left_behind(tmp_path: Path) -> None:
    config = saved(on_toons(batch_size=3), tmp_path)
    run = animate(config, "--out", str(tmp_path / "run"), "--devices", "2")
    said = run.communicate(timeout=120)[1]
    assert run.returncode != 0
    assert said.count("error: optimizer.batch_size 3 cannot be shared by 2 processes") == 1
    assert "Traceback" not in said


DRIVER = """
import sys
from pathlib import Path
from animate_cli.presets import load_config
from animate_cli.training.run import train
from animate_cli.training.trainer import TrainOptions
config, out, resume = load_config(sys.argv[1]), Path(sys.argv[2]), len(sys.argv) > 3
options = TrainOptions(out, device="cpu", resume=resume, log_every=1, save_every=3)
for report in train(None if resume else config, options):
    print(report.step, flush=True)
"""


def drive(*words: str) -> "subprocess.Popen[str]":
    """Begin a run that saves often and prints its steps."""
    return subprocess.Popen([sys.executable, "-c", DRIVER, *words], text=True, stdout=subprocess.PIPE)


@pytest.mark.slow
def test_a_run_that_was_killed_and_resumed_equals_one_that_was_not(tmp_path: Path) -> None:
    config = saved(on_toons(max_steps=16, average_decay=0.9, half_size_steps=4, test_every=5), tmp_path)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    drive(config, str(whole)).communicate(timeout=600)
    run, last = drive(config, str(cut)), int(np.random.default_rng().integers(1, 16))
    assert run.stdout is not None
    for line in run.stdout:
        if int(line) == last:
            break
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    assert last_state(cut)["step"] <= last + 1
    drive(config, str(cut), "--resume").communicate(timeout=600)
    assert last_state(cut)["step"] == 16
    assert same(last_state(whole), last_state(cut)), f"killed at step {last}"
    tables = [[row.split(",")[::2] for row in (run / "test.csv").read_text().split()] for run in (whole, cut)]
    assert tables[0] == tables[1]


def test_one_process_needs_nobody() -> None:
    with open_processes("cpu", plan_crew(None, None)) as (processes, device):
        assert (processes.rank, processes.count, device) == (0, 1, torch.device("cpu"))


def test_torchrun_decides_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"TORCHELASTIC_RUN_ID": "1", "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2", "LOCAL_RANK": "0"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert plan_crew(None, None) == plan_crew(2, 2) == Crew(2, 2)
    with pytest.raises(DeviceError, match="torchrun has started 2 nodes of 2 processes"):
        plan_crew(4, None)


@pytest.mark.parametrize(
    ("environment", "helper"), [({}, False), ({"LOCAL_RANK": "1"}, True), ({"NODE_RANK": "1"}, True)]
)
def test_one_process_does_the_talking(
    environment: dict[str, str], helper: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOCAL_RANK", "NODE_RANK", "GROUP_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert follows(Crew(2)) == helper
    assert not follows(Crew(1))


@pytest.mark.parametrize(
    ("device", "crew", "words"),
    [
        ("cpu", Crew(2, 2), "MASTER_ADDR"),
        pytest.param(
            "cuda",
            Crew(99),
            "CUDA devices found",
            marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"),
        ),
    ],
)
def test_devices_that_are_not_there_are_told(
    device: str, crew: Crew, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    with pytest.raises(DeviceError, match=words), open_processes(device, crew):
        pass
