"""`animate train`: what reaches the trainer, and what is shown of it."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.cli.console import Console, ProgressBar
from animate_cli.config import Config
from animate_cli.media import open_writer
from animate_cli.training import run
from animate_cli.training.trainer import StepReport, TrainOptions
from tests.cli.conftest import Animate

Started = list[tuple[Config | None, TrainOptions]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """Stand in for the trainer, and keep what it was asked for."""
    calls: Started = []

    def train(config: Config | None, options: TrainOptions) -> Iterator[StepReport]:
        calls.append((config, options))
        yield StepReport(50, 100, {"reconstruction": 1.5}, 12.0)

    monkeypatch.setattr(run, "train", train)
    monkeypatch.chdir(tmp_path)
    return calls


def test_options_reach_the_trainer(animate: Animate, started: Started) -> None:
    words = "vox-256 --variant fomm --set optimizer.batch_size=3 --data clips --out here --device cpu"
    outcome = animate(
        "train",
        *words.split(),
        "--max-steps",
        "7",
        "--max-time",
        "1h30m",
        "--seed",
        "5",
        "--init-from",
        "vox",
    )
    config, options = started[0]
    assert outcome.code == 0
    assert config is not None
    assert (config.optimizer.batch_size, config.optimizer.max_steps) == (3, 7)
    assert config.model.motion.attention == "none"
    assert options == TrainOptions(
        Path("here"), Path("clips"), init_from="vox", device="cpu", max_time=5400.0, seed=5
    )
    assert "step 50/100: reconstruction 1.5, 12 samples/s, 0% waiting for data" in outcome.stderr


def test_run_gets_a_folder_of_its_own(animate: Animate, started: Started) -> None:
    assert animate("train", "toon-face").code == 0
    out = started[0][1].out
    assert out.parent == Path("runs")
    assert out.name.startswith("toon-face-2")


def test_more_steps_than_a_config_holds_are_refused(animate: Animate, started: Started) -> None:
    assert animate("train", "toon-face", "--max-steps", 10**9).code == 0
    outcome = animate("train", "toon-face", "--max-steps", 10**9 + 1)
    assert (outcome.code, len(started)) == (2, 1)


def test_quiet(animate: Animate, started: Started) -> None:
    assert animate("train", "toon-face", "-q") == (0, "", "")


def test_resume_goes_on_in_the_runs_folder(animate: Animate, started: Started) -> None:
    assert animate("train", "--resume", "runs/first").code == 0
    config, options = started[0]
    assert config is None
    assert (options.out, options.resume) == (Path("runs/first"), True)


def test_steps_of_before_say_nothing_of_the_rate(
    animate: Animate, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = ProgressBar("Training", "steps/s", enabled=False)
    monkeypatch.setattr(Console, "progress", lambda *_, **__: bar)
    assert animate("train", "--resume", "runs/first").code == 0
    assert (bar.done, bar.total, bar._rate()) == (50, 100, "")


@pytest.mark.parametrize(
    "option", ["--set a=1", "--variant fomm", "--out x", "--init-from vox", "--max-steps 3"]
)
def test_resume_changes_nothing(animate: Animate, started: Started, option: str) -> None:
    outcome = animate("train", "--resume", "runs/first", *option.split())
    assert outcome.code == 2
    assert option.split()[0] in outcome.lines[0]
    assert started == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("vox-257", "vox-256"),
        ("vox-256 --set optimizer.batchsize=3", "batchsize"),
        ("vox-256 --variant best", "best"),
        ("missing.yaml", "missing.yaml"),
    ],
)
def test_configs_that_cannot_be(animate: Animate, started: Started, words: str, says: str) -> None:
    outcome = animate("train", *words.split())
    assert (outcome.code, len(outcome.lines)) == (1, 1)
    assert says in outcome.lines[0]
    assert started == []


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("train/a#1.mp4", "train/a#2.mp4", "test/b#1.mp4"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        with open_writer(tmp_path / "data" / name, width=32, height=32, fps=Fraction(25)) as writer:
            for _ in range(4):
                writer.write(np.zeros((32, 32, 3), np.uint8))
    return tmp_path / "data"


def test_check_data_counts(animate: Animate, started: Started, data: Path) -> None:
    outcome = animate("train", "vox-256", "--data", data, "--check-data")
    assert outcome.code == 0
    assert outcome.stdout.splitlines() == [
        "train: 2 videos of 1 identities, 8 frames (4 to 4 a video), 32x32",
        "test: 1 videos of 1 identities, 4 frames (4 to 4 a video), 32x32",
    ]
    assert started == []


def test_check_data_as_json(animate: Animate, data: Path, tmp_path: Path) -> None:
    (data / "test" / "a#3.mp4").write_bytes((data / "train" / "a#1.mp4").read_bytes())
    words = ("train", "vox-256", "--data", data, "--check-data", "--json")
    outcome = animate(*words, tmp_path / "report.json")
    assert outcome.code == 0
    assert "in both splits: 1 identities: a" in outcome.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["schema"], report["shared_identities"]) == (1, ["a"])
    assert json.loads(animate(*words, "-").stdout) == report
    assert animate(*words, tmp_path / "no" / "report.json").code == 1
    assert animate("train", "vox-256", "--data", data, "--json", "report.json").code == 2


def test_check_data_finds_what_cannot_be_read(animate: Animate, data: Path) -> None:
    (data / "train" / "broken.mp4").write_bytes(b"nothing" * 99)
    outcome = animate("train", "vox-256", "--data", data, "--check-data")
    assert outcome.code == 1
    assert "1 of 4 videos cannot be used" in outcome.lines[-1]
    assert "broken.mp4" in outcome.lines[-1]
    assert animate("train", "vox-256", "--data", data / "no", "--check-data").code == 1
    assert animate("train", "vox-256", "--check-data").code == 2
