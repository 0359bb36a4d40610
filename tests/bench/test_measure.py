"""The whole measurement, on a tiny model and a few frames."""

import json
import tempfile
from pathlib import Path
from statistics import median

import pytest
import torch

from animate_cli.bench import limit
from animate_cli.bench.agreement import compare_frames
from animate_cli.bench.measure import NamedModel, from_preset, measure
from animate_cli.bench.memory import PeakMemory
from animate_cli.bench.overlap import STAGES
from animate_cli.bench.report import BenchReport
from animate_cli.bench.settings import BenchSettings
from animate_cli.errors import ConfigError, MediaError
from tests.bench.listening import Heard
from tests.tiny import pictures, tiny_model


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def report(heard: Heard) -> BenchReport:
    quickly = pytest.MonkeyPatch()
    quickly.setattr(limit, "SECONDS", 0.01)
    quickly.setattr(limit, "CHANNELS", 16)
    settings = BenchSettings(frames=5, rounds=2, device="cpu", precision="fp32", batch_size=2)
    found = measure(NamedModel(tiny_model(), "tiny"), settings, heard)
    quickly.undo()
    return found


def test_report_has_the_schema_and_its_numbers_fit(report: BenchReport) -> None:
    found = json.loads(json.dumps(report.to_mapping(), allow_nan=False))
    assert found["schema"] == 1
    assert {"machine", "plain", "engine", "ratio", "stages", "limit"} <= found.keys()
    plain, engine, most = found["plain"], found["engine"], found["limit"]
    for way in (plain, engine):
        assert len(way["rounds"]) == 2
        assert way["fps"] == pytest.approx(median(way["rounds"]), rel=1e-3)
        assert way["slowest"] <= way["fps"] <= way["fastest"]
    assert found["ratio"] == pytest.approx(engine["fps"] / plain["fps"], rel=1e-3)
    share = most["needed_gflop_per_frame"] * engine["fps"] / most["conv_gflops"]
    assert most["share"] == pytest.approx(share, rel=1e-3)
    slowest = [
        most["needed_gflop_per_frame"] / most["conv_gflops"],
        most["needed_mb_per_frame"] / 1000 / most["memory_gb_per_s"],
    ]
    assert most["floor_ms"] == pytest.approx(1000 * max(slowest), rel=1e-3)
    assert (engine["precision"], engine["batch_size"]) == ("fp32", 2)
    assert (found["machine"]["device"], found["machine"]["precision"]) == ("cpu", "fp32")


def test_both_ways_show_the_same_frames(report: BenchReport) -> None:
    assert report.agreement.frames == 5
    assert report.agreement.largest <= 1
    assert report.agreement.psnr is None or report.agreement.psnr > 48


def test_every_stage_takes_time_in_the_job_and_alone(report: BenchReport) -> None:
    assert set(report.stages) == {*STAGES, "rest"}
    assert set(report.stages_alone) == set(STAGES)
    assert all(seconds > 0 for seconds in (*report.stages.values(), *report.stages_alone.values()))


def test_the_job_takes_no_less_than_its_slowest_thread(report: BenchReport) -> None:
    found = report.to_mapping()["overlap"]
    assert found["ratio"] >= 1 or found["slowest"] != "the networks"
    assert found["ratio"] * found["ms"] == pytest.approx(1000 * sum(report.stages.values()), rel=1e-3)


def test_both_ways_take_turns(report: BenchReport, heard: Heard) -> None:
    rounds = [label.lower() for label in heard.stretches if label.startswith("Round")]
    turns = ["plain" if "plain loop" in label else "engine" for label in rounds if "motion" not in label]
    assert turns == ["plain", "engine"] * len(report.plain.rounds)
    assert heard.notes == ["measuring tiny on cpu, fp32, batches of 2"]


def test_presets_are_measured_with_random_weights() -> None:
    named = from_preset("toon-face", "fomm")
    assert named.name == "toon-face fomm (random weights)"
    assert not named.model.training
    with pytest.raises(ConfigError, match="unknown variant"):
        from_preset("toon-face", "best")


def test_frames_that_differ_are_told_apart() -> None:
    frames = list((pictures(2).permute(0, 2, 3, 1) * 200).byte().numpy())
    same = compare_frames(frames, frames)
    assert (same.largest, same.mean, same.psnr) == (0, 0.0, None)
    apart = compare_frames(frames, [frame + 2 for frame in frames])
    assert (apart.frames, apart.largest, apart.mean) == (2, 2, 2.0)
    assert apart.psnr == pytest.approx(42.11, abs=0.01)


def test_no_temporary_folder_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(MediaError, match="TMPDIR"):
        measure(NamedModel(tiny_model(), "tiny"), BenchSettings(frames=1, rounds=1), Heard())


def test_the_limit_is_operations_over_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "CHANNELS", 8)
    monkeypatch.setattr(limit, "SIDE", 10)
    monkeypatch.setattr(limit, "_time", lambda convolution, pictures, count, device: 0.25 * count)
    operations = 2 * (3 * 8 * 10 * 10) * (8 * 3 * 3)
    rate = limit.convolution_rate(torch.device("cpu"), torch.float32, 3)
    assert rate == pytest.approx(operations / 0.25)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells a process's peak")
def test_peak_memory_is_that_of_the_block() -> None:
    with PeakMemory(torch.device("cpu")) as large:
        torch.ones(60_000_000, dtype=torch.uint8)
    with PeakMemory(torch.device("cpu")) as small:
        torch.ones(6_000_000, dtype=torch.uint8)
    assert large.bytes is not None
    assert small.bytes is not None
    assert 55_000_000 < large.bytes < 90_000_000
    assert small.bytes < 30_000_000
