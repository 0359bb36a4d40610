import csv
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from animate_cli.config import Config
from animate_cli.data.toon_stream import ToonStream
from animate_cli.errors import DataError, DeviceError
from animate_cli.model.motion_model import MotionModel
from animate_cli.training import held_out
from animate_cli.training import trainer as trainer_module
from animate_cli.training.held_out import HeldOutPairs
from animate_cli.training.meter import Meter
from animate_cli.training.reconstruct import reconstruct
from animate_cli.training.run import train
from animate_cli.training.run_folder import RunFolder
from animate_cli.training.step import TrainingStep
from animate_cli.training.trainer import SAMPLE_NUMBER, Trainer, TrainOptions
from animate_cli.weights import load_model
from tests.training.runs import NAMES, FixedPairs, last_state, on_toons, on_videos, same


def make(tmp_path: Path, config: Config | None = None, **options: Any) -> Trainer:
    config = config or on_videos(max_steps=4)
    settings = TrainOptions(tmp_path / "run", device="cpu", log_every=2, save_every=2, **options)
    trainer = Trainer(config, FixedPairs(), config.optimizer.max_steps or 4, settings)
    trainer.folder.create(config, {"seed": settings.seed})
    trainer.save_checkpoint()
    return trainer


def break_step(monkeypatch: pytest.MonkeyPatch, trainer: Trainer, at: int, error: Exception) -> None:
    run = trainer.work.run

    def broken(batch: Any, number: int) -> dict[str, float]:
        if number == at:
            raise error
        return run(batch, number)

    monkeypatch.setattr(trainer.work, "run", broken)


def test_reports_are_means_and_land_in_the_table(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    reports = [report for report in trainer.run() if report.losses]
    assert [(report.step, report.total_steps) for report in reports] == [(2, 4), (4, 4)]
    rows = list(csv.DictReader(trainer.folder.metrics.read_text().splitlines()))
    assert [row["step"] for row in rows] == ["2", "4"]
    for row, report in zip(rows, reports, strict=True):
        assert float(row["reconstruction"]) == pytest.approx(report.losses["reconstruction"], rel=1e-4)
        assert float(row["samples_per_second"]) > 0


def test_a_run_leaves_everything_behind(tmp_path: Path) -> None:
    list(make(tmp_path).run())
    paths = [path for path in (tmp_path / "run").rglob("*.*") if "tfevents" not in path.name]
    found = sorted(str(path.relative_to(tmp_path / "run")) for path in paths)
    tables = ["config.yaml", "keypoints.csv", "metrics.csv", "run.json"]
    samples = [f"samples/step-{step}.{ending}" for step in (2, 4) for ending in ("keypoints.csv", "png")]
    assert found == [*tables, *samples, "weights.safetensors"]
    facts = load_model(tmp_path / "run" / "weights.safetensors").info.training
    assert facts == {"preset": "tiny", "steps": 4, "samples": 8, "seed": 0}


def test_every_step_has_a_batch_of_its_own_and_samples_another(tmp_path: Path) -> None:
    trainer = make(tmp_path, on_videos(max_steps=4, half_size_steps=2))
    list(trainer.run())
    assert isinstance(trainer.pairs, FixedPairs)
    steps = [(0, (32, 32)), (1, (32, 32)), (2, (64, 64)), (3, (64, 64))]
    assert [asked for asked in trainer.pairs.asked if asked[0] != SAMPLE_NUMBER] == steps
    assert trainer.pairs.asked.count((SAMPLE_NUMBER, (64, 64))) == 1


def test_a_run_that_is_stopped_keeps_its_last_step(tmp_path: Path) -> None:
    answers = iter([False, False, False, True])
    trainer = make(tmp_path, is_stopped=lambda: next(answers))
    list(trainer.run())
    assert trainer.folder.saved_checkpoints()[-1].name == "step-3"


def test_averaged_weights_are_the_result(tmp_path: Path) -> None:
    trainer = make(tmp_path, on_videos(max_steps=2, average_decay=0.9))
    list(trainer.run())
    saved = load_model(trainer.folder.weights).model
    assert torch.equal(saved.generator.final.weight, trainer.averaged.model.generator.final.weight)
    assert not torch.equal(saved.generator.final.weight, trainer.work.model.generator.final.weight)


def test_a_loss_that_is_no_number_keeps_the_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(tmp_path)
    good: dict[str, Any] = {}
    save = trainer.folder.save_checkpoint

    def remember(step: int, state: Any) -> None:
        save(step, state)
        good.update(last_state(tmp_path / "run"))

    monkeypatch.setattr(trainer.folder, "save_checkpoint", remember)
    pairs = trainer.pairs.batch
    monkeypatch.setattr(
        trainer.pairs,
        "batch",
        lambda number, size: (
            pairs(number, size)._replace(target=torch.full((2, 3, *size), torch.nan))
            if number == 3
            else pairs(number, size)
        ),
    )
    with pytest.raises(DataError) as caught:
        list(trainer.run())
    assert "\n" not in str(caught.value)
    assert "stopped at step 3: reconstruction is not a finite number; step-2 stays" in str(caught.value)
    assert good["step"] == 2
    assert same(good, last_state(tmp_path / "run"))
    assert all(torch.isfinite(tensor).all() for tensor in good["model"].values())


def test_a_lower_rate_in_the_config_takes_effect_on_resume(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    list(trainer.run())
    again = Trainer(on_videos(learning_rate=1e-5), FixedPairs(), 6, trainer.options)
    again.restore()
    list(again.run())
    assert again.work.updates.adam.param_groups[0]["lr"] == pytest.approx(1e-6)


def test_a_checkpoint_of_another_model_is_told(tmp_path: Path) -> None:
    trainer = make(tmp_path)
    config = on_videos()
    wider = replace(config, model=replace(config.model, num_keypoints=6))
    with pytest.raises(DataError, match="do not fit the model"):
        Trainer(wider, FixedPairs(), 4, trainer.options).restore()


def test_out_of_memory_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make(tmp_path)
    break_step(monkeypatch, trainer, 1, torch.OutOfMemoryError("CUDA out of memory"))
    with pytest.raises(DeviceError, match=r"try --set optimizer\.batch_size=1"):
        list(trainer.run())


@pytest.mark.parametrize("place", ["save_sample_grid", "HeldOutPairs.measure"])
def test_out_of_memory_beside_the_steps_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def refuse(*arguments: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    trainer = make(tmp_path, on_videos(max_steps=4, test_every=2))
    trainer.test = HeldOutPairs(FixedPairs(), 64)
    monkeypatch.setattr(f"animate_cli.training.trainer.{place}", refuse)
    with pytest.raises(DeviceError, match=r"try --set optimizer\.batch_size=1"):
        list(trainer.run())


def test_a_sample_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    trainer = make(tmp_path)
    monkeypatch.setattr(trainer_module, "save_sample_grid", refuse)
    with pytest.raises(DataError, match=r"step-2\.png: cannot be written \(the disk is full"):
        list(trainer.run())
    assert last_state(tmp_path / "run")["step"] == 2


def test_meter_starts_again_after_each_reading() -> None:
    meter = Meter(3)
    meter.add({"a": 1.0, "b": 4.0})
    meter.add({"a": 2.0, "b": 0.0})
    reading = meter.read()
    assert reading.losses == {"a": 1.5, "b": 2.0}
    assert reading.samples_per_second > 0
    assert reading.waiting == 0
    with meter.wait():
        time.sleep(0.01)
    meter.add({"a": 7.0})
    reading = meter.read()
    assert reading.losses == {"a": 7.0}
    assert 0.5 < reading.waiting <= 1


def test_a_loss_that_begins_to_count_is_a_mean_over_its_own_steps() -> None:
    meter = Meter(3)
    meter.add({"a": 1.0})
    meter.add({"a": 3.0, "b": 8.0})
    assert meter.read().losses == {"a": 2.0, "b": 8.0}


def test_the_time_left_is_told(tmp_path: Path) -> None:
    first, last = (report for report in make(tmp_path).run() if report.losses)
    assert first.seconds_left == pytest.approx(2 * 2 / first.samples_per_second)
    assert last.seconds_left == 0


def test_the_weights_of_the_lowest_test_error_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(tmp_path, on_videos(max_steps=4, test_every=1))
    trainer.test = HeldOutPairs(FixedPairs(), 2, first=50)
    errors = iter([0.3, 0.1, 0.2, 0.4])
    measured: list[dict[str, torch.Tensor]] = []

    def measure(_: HeldOutPairs, model: MotionModel) -> float:
        measured.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
        return next(errors)

    monkeypatch.setattr(HeldOutPairs, "measure", measure)
    list(trainer.run())
    best = load_model(trainer.folder.best)
    assert best.info.training["test_l1"] == 0.1
    assert same(dict(best.model.state_dict()), measured[1])
    table = trainer.folder.tests.read_text().split()
    assert table == ["step,l1", "1,0.3", "2,0.1", "3,0.2", "4,0.4"]


def test_the_test_error_is_the_l1_of_fixed_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "SAMPLES", 4)
    model = make(tmp_path).averaged.model
    pictures = HeldOutPairs(FixedPairs(), 2, first=7)
    error = pictures.measure(model)
    batches = [FixedPairs().batch(number, (64, 64)) for number in (7, 8)]
    with torch.no_grad():
        alone = [(reconstruct(model, one).prediction.image - one.target).abs().mean() for one in batches]
    assert error == pytest.approx(float(sum(alone)) / 2, rel=1e-5)
    assert error == pictures.measure(model)


def error_on_new_toons(model: MotionModel, config: Config) -> float:
    batch = ToonStream(config.data, 8, seed=99).batch(0, config.model.size)
    with torch.no_grad():
        return float((reconstruct(model.eval(), batch).prediction.image - batch.target).abs().mean())


def test_a_short_run_on_toons_learns_and_leaves_usable_weights(tmp_path: Path) -> None:
    config = on_toons(max_steps=18, learning_rate=6e-3, detector_learning_rate=6e-3, average_decay=0.7)
    out = tmp_path / "run"
    reports = list(train(config, TrainOptions(out, device="cpu", log_every=6, save_every=9)))
    assert [report.step for report in reports if report.losses] == [6, 12, 18]
    loaded = load_model(out / "weights.safetensors")
    untrained = TrainingStep(config, 1, device="cpu").model
    assert error_on_new_toons(loaded.model, config) < 0.94 * error_on_new_toons(untrained, config)
    assert loaded.info.keypoint_names == NAMES
    assert (loaded.info.domain, loaded.info.style) == ("face", "toon")
    samples = sorted(path.name for path in (out / "samples").iterdir())
    assert samples == ["step-18.keypoints.csv", "step-18.png", "step-9.keypoints.csv", "step-9.png"]
    assert [path.name for path in RunFolder(out).saved_checkpoints()] == ["step-9", "step-18"]
    assert RunFolder(out).config() == config
