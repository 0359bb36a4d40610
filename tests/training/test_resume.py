"""A run that was interrupted and resumed equals one that was not, to the last bit."""

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from animate_cli.config import Config
from animate_cli.errors import DataError
from animate_cli.training import held_out
from animate_cli.training.run_folder import KEPT_CHECKPOINTS, RunFolder
from animate_cli.weights import load_model
from tests.training.runs import last_state, on_toons, on_videos, resume, same, start, write_videos
from tests.training.test_step import adversarial


def metrics(out: Path) -> list[str]:
    """Return the rows of metrics.csv without the speed."""
    lines = (out / "metrics.csv").read_text().splitlines()
    return [",".join(line.split(",")[:1] + line.split(",")[2:]) for line in lines]


def interrupt(config: Config, out: Path, after: int, **options: Any) -> None:
    """Begin a run and drop it after a step, whatever is not saved lost."""
    run = start(config, out, **options)
    for report in run:
        if report.step == after:
            break
    run.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "config",
    [
        on_toons(max_steps=4, half_size_steps=3, average_decay=0.9, clip_norm=5.0, test_every=1),
        adversarial(max_steps=4),
    ],
    ids=["toons", "folder, adversarial"],
)
def test_resumed_run_equals_one_that_went_through(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_out, "SAMPLES", 4)
    data = {"data": write_videos(tmp_path / "data"), "seed": 3}
    list(start(config, tmp_path / "whole", **data))
    interrupt(config, tmp_path / "cut", 3, **data)
    assert last_state(tmp_path / "cut")["step"] == 2
    assert [report.step for report in resume(tmp_path / "cut") if report.losses] == [3, 4]
    assert same(last_state(tmp_path / "whole"), last_state(tmp_path / "cut"))
    assert metrics(tmp_path / "whole") == metrics(tmp_path / "cut")
    results = ["weights.safetensors"]
    if config.optimizer.test_every:
        results.append("checkpoints/best")
        tests = [(tmp_path / name / "test.csv").read_text() for name in ("whole", "cut")]
        assert tests[0] == tests[1]
        assert len(tests[0].split()) == 5
    for result in results:
        whole, cut = (load_model(tmp_path / name / result) for name in ("whole", "cut"))
        assert whole.info == cut.info
        assert same(dict(whole.model.state_dict()), dict(cut.model.state_dict()))


def test_a_run_may_stop_before_its_first_save(tmp_path: Path) -> None:
    config = on_videos(max_steps=3)
    data = write_videos(tmp_path / "data")
    list(start(config, tmp_path / "whole", data=data))
    interrupt(config, tmp_path / "cut", 1, data=data)
    assert last_state(tmp_path / "cut")["step"] == 0
    resume(tmp_path / "cut")
    assert same(last_state(tmp_path / "whole"), last_state(tmp_path / "cut"))


def test_time_allowed_ends_a_run_that_goes_on_later(tmp_path: Path) -> None:
    data = write_videos(tmp_path / "data")
    assert {report.step for report in start(on_videos(), tmp_path / "run", data=data, max_time=1e-9)} == {0}
    assert {report.step for report in resume(tmp_path / "run", max_time=1e-9)} == {0}
    assert resume(tmp_path / "run")[-1].step == 6
    assert {report.step for report in resume(tmp_path / "run")} == {6}


def test_data_that_moved_is_given_again(tmp_path: Path) -> None:
    data = write_videos(tmp_path / "data")
    interrupt(on_videos(), tmp_path / "run", 3, data=data)
    (tmp_path / "data").rename(tmp_path / "moved")
    with pytest.raises(DataError, match="no such folder"):
        resume(tmp_path / "run")
    assert resume(tmp_path / "run", data=tmp_path / "moved")[-1].step == 6


def in_a_child(work: Callable[[], None]) -> int:
    """Run in a forked process and return the signal that ended it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_while_saving_keeps_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    folder.create(on_videos(), {})
    folder.save_checkpoint(1, {"step": 1})

    def killed(state: object, file: Any) -> None:
        file.write(b"half of it")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(torch, "save", killed)
    assert in_a_child(lambda: folder.save_checkpoint(2, {"step": 2})) == -signal.SIGKILL
    assert len(list(folder.checkpoints.iterdir())) == 2
    assert folder.load_checkpoint() == {"step": 1}
    folder.forget_after(1)
    assert [path.name for path in folder.checkpoints.iterdir()] == ["step-1"]


def test_the_last_checkpoints_are_kept(tmp_path: Path) -> None:
    list(start(on_videos(), tmp_path / "run", data=write_videos(tmp_path / "data")))
    saved = [path.name for path in RunFolder(tmp_path / "run").saved_checkpoints()]
    assert saved == ["step-4", "step-6"]
    assert len(saved) == KEPT_CHECKPOINTS
