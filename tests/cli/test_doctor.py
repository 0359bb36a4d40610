"""`animate doctor` as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from animate_cli.doctor import Check, examine, note, ok, problem
from tests.cli.conftest import Animate

FINE = Check("python", lambda: [ok("python", "Python 3", version="3")])
LACKING = Check("detectors", lambda: [note("detectors", "none here", "put some there")])
BROKEN = Check("ffmpeg", lambda: [problem("ffmpeg", "was not found", "install it")])


def show_only(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> None:
    monkeypatch.setattr("animate_cli.doctor.examine", lambda: examine(checks))


def test_findings_with_what_to_do(animate: Animate, monkeypatch: pytest.MonkeyPatch) -> None:
    show_only(monkeypatch, FINE, LACKING)
    assert animate("doctor") == (
        0,
        "ok       python: Python 3\n"
        "note     detectors: none here\n"
        "         -> put some there\n"
        "\nanimate works here\n",
        "",
    )


def test_a_problem_exits_1(animate: Animate, monkeypatch: pytest.MonkeyPatch) -> None:
    show_only(monkeypatch, FINE, LACKING, BROKEN)
    outcome = animate("doctor")
    assert outcome.code == 1
    assert outcome.stdout.endswith("\nanimate does not work here: 1 problem\n")
    assert animate("doctor", "--quiet").stdout == "problem  ffmpeg: was not found\n         -> install it\n"


def test_report_as_json(animate: Animate, monkeypatch: pytest.MonkeyPatch) -> None:
    show_only(monkeypatch, FINE, BROKEN)
    outcome = animate("doctor", "--json", "-")
    report = json.loads(outcome.stdout)
    assert outcome.code == 1
    assert (report["schema"], report["works"]) == (1, False)
    assert report["findings"][0]["facts"] == {"version": "3"}
    assert [finding["status"] for finding in report["findings"]] == ["ok", "problem"]


def test_everything_broken_at_once_is_told_without_a_traceback(tmp_path: Path) -> None:
    for library in ("torch", "av", "PIL"):
        (tmp_path / f"{library}.py").write_text(f"raise ImportError('{library} is broken')")
    (tmp_path / "file").touch()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]),
        "IMAGEIO_FFMPEG_EXE": str(tmp_path / "nowhere"),
        "ANIMATE_WEIGHTS_DIR": str(tmp_path / "file" / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "animate_cli", "doctor", "--json", "-"],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    found = {finding["subject"]: finding["status"] for finding in json.loads(done.stdout)["findings"]}
    assert (done.returncode, done.stderr) == (1, "")
    assert [found[subject] for subject in ("torch", "decoding", "ffmpeg")] == ["problem"] * 3
    assert found["main job"] == "note"


@pytest.mark.slow
def test_the_doctor_finds_this_machine_well(animate: Animate) -> None:
    outcome = animate("doctor")
    assert outcome.code == 0
    assert "main job: animated 8 frames of 256x256" in outcome.stdout
    assert outcome.stdout.endswith("animate works here\n")
