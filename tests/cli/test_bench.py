"""`animate bench` as it is typed."""

import json
from pathlib import Path

import pytest

from animate_cli.bench import limit
from tests.cli.conftest import Animate


@pytest.fixture(autouse=True)
def _quick_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "SECONDS", 0.01)
    monkeypatch.setattr(limit, "CHANNELS", 16)


FEW = ("--frames", "3", "--rounds", "1", "--device", "cpu", "--precision", "fp32", "--batch-size", "2")


def test_json_on_stdout_is_nothing_but_json(animate: Animate, tiny_weights: Path) -> None:
    outcome = animate("bench", "-w", tiny_weights, *FEW, "--json", "-")
    report = json.loads(outcome.stdout)
    assert outcome.code == 0
    assert report["model"]["name"] == str(tiny_weights)
    assert report["model"]["frames"] == 3
    assert outcome.lines == [f"measuring {tiny_weights} on cpu, fp32, batches of 2"]


def test_tables_name_both_ways_and_every_stage(animate: Animate, tiny_weights: Path, tmp_path: Path) -> None:
    outcome = animate("bench", "-w", tiny_weights, *FEW, "-q", "--json", tmp_path / "report.json")
    assert (outcome.code, outcome.stderr) == (0, "")
    words = ("plain loop, fp32", "engine, fp32, batches of 2", "keypoints", "alone", "times as fast")
    assert [word for word in words if word not in outcome.stdout] == []
    assert json.loads((tmp_path / "report.json").read_text())["schema"] == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("-w toon-face --preset vox-256", 2, "--preset"),
        ("--variant fomm", 2, "--variant needs --preset"),
        ("--frames 0", 2, "--frames"),
        ("--rounds 0", 2, "--rounds"),
        ("--preset voxx", 1, "voxx"),
        ("--preset vox-256 --variant best", 1, "unknown variant"),
        ("-w nobody", 1, "no such model"),
        ("-w nobody --json nowhere/report.json", 1, "the folder nowhere does not exist"),
        ("--driving gone.mp4", 1, "gone.mp4: no such file"),
        ("--source words.txt", 1, "words.txt"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_line(
    animate: Animate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, code: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_text("no picture")
    outcome = animate("bench", *words.split(), "-q")
    assert (outcome.code, outcome.stdout, len(outcome.lines)) == (code, "", 1)
    assert says in outcome.stderr
