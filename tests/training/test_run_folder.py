import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from animate_cli.config import Framing
from animate_cli.errors import AnimateError, DataError
from animate_cli.training.run_folder import RunFacts, RunFolder
from animate_cli.weights import load_model
from tests.tiny import tiny_model
from tests.training.runs import NAMES, on_toons, on_videos


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.create(on_toons(), {"seed": 4, "data": None})
    return folder


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_config_and_facts_come_back(folder: RunFolder) -> None:
    assert folder.config() == on_toons()
    assert folder.facts() == RunFacts(seed=4)


def test_a_folder_holds_one_run(folder: RunFolder) -> None:
    with pytest.raises(DataError, match="already holds a run; continue it with --resume"):
        folder.create(on_videos(), {})


def test_a_folder_without_a_run_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no run to resume"):
        RunFolder(tmp_path).config()
    assert RunFolder(tmp_path).facts() == RunFacts()


def test_damaged_facts_are_told(folder: RunFolder) -> None:
    (folder.path / "run.json").write_text("{")
    with pytest.raises(DataError, match=r"run\.json is damaged"):
        folder.facts()


def test_losses_that_begin_to_count_in_mid_run_get_a_column(folder: RunFolder) -> None:
    folder.log({"step": 1.0, "loss": 0.123456789})
    folder.log({"step": 2.0, "other": 5.0})
    folder.log({"loss": 0.5, "step": 3.0})
    assert folder.metrics.read_text().splitlines() == ["step,loss,other", "1,0.123457,", "2,,5", "3,0.5,"]


def test_metrics_after_the_checkpoint_are_forgotten(folder: RunFolder) -> None:
    for step in range(1, 5):
        folder.log({"step": float(step), "loss": 1.0})
    with folder.metrics.open("a") as file:
        file.write("5")
    folder.forget_after(2)
    folder.log({"step": 3.0, "loss": 2.0})
    assert folder.metrics.read_text().splitlines() == ["step,loss", "1,1", "2,1", "3,2"]


def test_nothing_to_forget(folder: RunFolder) -> None:
    folder.forget_after(0)
    assert not folder.metrics.exists()


def test_checkpoints_come_back_and_hold_no_code(folder: RunFolder) -> None:
    folder.save_checkpoint(10, {"step": 10, "model": {"weight": torch.ones(2)}})
    folder.save_checkpoint(9, {"step": 9})
    (folder.checkpoints / "step-copy").write_text("mine")
    assert torch.equal(folder.load_checkpoint()["model"]["weight"], torch.ones(2))
    folder.save_checkpoint(11, {"path": folder.path})
    with pytest.raises(DataError):
        folder.load_checkpoint()


def test_no_checkpoint(folder: RunFolder) -> None:
    with pytest.raises(DataError, match="holds no checkpoint"):
        folder.load_checkpoint()


@pytest.mark.parametrize("length", [0, 100, 1000])
def test_damaged_checkpoints_are_told_with_the_one_before(folder: RunFolder, length: int) -> None:
    folder.save_checkpoint(1, {"weight": torch.ones(1000)})
    newest = folder.checkpoints / "step-2"
    newest.write_bytes((folder.checkpoints / "step-1").read_bytes()[:length])
    with pytest.raises(DataError) as caught:
        folder.load_checkpoint()
    assert str(caught.value) == f"{newest} is damaged; delete it to resume from step-1"


def test_weights_are_taken_by_every_command(folder: RunFolder) -> None:
    model = tiny_model()
    framing = Framing(0.4, 0.5, 0.6)
    folder.save_weights(model, replace(on_toons(), framing=framing), {"steps": 7})
    loaded = load_model(folder.weights)
    assert loaded.info.keypoint_names == NAMES
    assert loaded.info.framing == framing
    assert (loaded.info.domain, loaded.info.style, loaded.info.licence) == ("face", "toon", "MIT")
    assert loaded.info.training == {"steps": 7}
    assert torch.equal(loaded.model.generator.final.weight, model.generator.final.weight)


def test_keypoints_without_landmarks_have_no_names(folder: RunFolder) -> None:
    folder.save_weights(tiny_model(), on_videos(), {})
    assert load_model(folder.weights).info.keypoint_names is None


def test_a_full_disk_is_one_line_and_costs_nothing(folder: RunFolder) -> None:
    folder.save_checkpoint(1, {"step": 1})
    folder.log({"step": 1.0})
    with full_disk(20_000):
        with pytest.raises(DataError) as checkpoint:
            folder.save_checkpoint(2, {"weight": torch.ones(100_000)})
        with pytest.raises(AnimateError) as weights:
            folder.save_weights(tiny_model(), on_toons(), {})
    with full_disk(1), pytest.raises(DataError) as metrics:
        folder.log({"step": 2.0})
    for caught in (checkpoint, weights, metrics):
        assert "\n" not in str(caught.value)
        assert "cannot be written" in str(caught.value)
    assert folder.load_checkpoint() == {"step": 1}
    assert [path.name for path in folder.path.rglob(".*")] == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be written"):
        RunFolder(tmp_path / "file" / "run").create(on_toons(), {})
