"""The group: help, version, exit codes, what is said on a mistake."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from animate_cli import __version__
from animate_cli.cli import app
from tests.cli.conftest import Animate

HEAVY = {"torch", "numpy", "yaml", "pydantic", "av", "PIL"}
COMMANDS = [
    "",
    "animate",
    "crop",
    "train",
    "weights",
    "weights list",
    "weights get",
    "weights inspect",
    "weights import",
    "bench",
    "doctor",
    "evaluate",
    "toons",
    "visualize-keypoints",
]


def test_version(animate: Animate) -> None:
    assert animate("--version") == (0, f"animate {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_fits_the_terminal(
    animate: Animate, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    outcome = animate(*command.split(), "--help")
    assert outcome.code == 0
    assert outcome.stderr == ""
    examples = outcome.stdout.split("Examples:\n")[1].splitlines()
    assert len(examples) >= 2
    assert all(line.strip().startswith("animate ") for line in examples)
    assert max(map(len, outcome.stdout.splitlines())) <= 80


def test_main_job_comes_first(animate: Animate) -> None:
    commands = animate("--help").stdout.split("Commands:\n")[1]
    assert commands.split()[0] == "animate"


def test_no_words_show_the_help(animate: Animate) -> None:
    outcome = animate()
    assert outcome.code == 2
    assert "Usage: animate SOURCE DRIVING -o OUT" in outcome.stderr


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = f"import sys, animate_cli.cli.app as a; a.run(['--help']); print(*({HEAVY} & set(sys.modules)))"
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert time.monotonic() - start < 1.5
    assert done.stdout.splitlines()[-1] == ""


WRONG = [
    ("--bogus s.png d.mp4", "No such option"),
    ("s.png", "Missing argument"),
    ("animate s.png d.mp4", "Missing option"),
    ("s.png d.mp4 -o o.mp4 --fit squeeze", "--fit"),
    ("s.png d.mp4 -o o.mp4 --start soon", "is not a time"),
    ("s.png d.mp4 -o o.mp4 --fps 0", "is not a frame rate"),
    ("s.png d.mp4 -o o.mp4 --device gpu", "is not a device"),
    ("s.png d.mp4 -o o.mp4 --batch-size 0", "--batch-size"),
    ("s.png d.mp4 -o o.mp4 --batch-size -3", "--batch-size"),
    ("s.png d.mp4 -o o.mp4 --reference-frame -1", "frame's number"),
    ("s.png d.mp4 -o o.mp4 --start 2 --end 1", "--start 2 must come before --end 1"),
    ("s.png d.mp4 -o o.mp4 --start 1:00 --end 60", "must come before"),
    ("s.png d.mp4 -o o.mp4 --strength nan", "--strength"),
    ("s.png d.mp4 -o o.mp4 --strength -1", "must be at least 0"),
    ("s.png d.mp4 -o o.mp4 --size big", "must be a whole number"),
    ("s.png d.mp4 extra -o o.mp4", "(extra)"),
    ("s.png d.mp4 -o o.mp4 --motion both", "'--motion': 'both' is not one of"),
    ("s.png d.mp4 -o o.mp4 --background transparent", "alpha"),
    ("s.png d.mp4 -o o.mp4 --background whiteish", "not a colour"),
    ("s.png d.mp4 -o o.webm --background transparent --layout grid", "--layout result"),
    ("s.png d.mp4 -o o.mp4 --save-motion m.npz", ".safetensors"),
    ("s.png d.mp4 -o o.mp4 --crop none", "'--crop': 'none' is not one of"),
    ("s.png d.mp4 -o o.mp4 --crop off --paste-back", "--paste-back"),
    ("crop a.mp4", "--out"),
    ("crop a.mp4 -o out --detector eye", "'--detector': 'eye' is not one of"),
    ("trian vox-256", "did you mean `train`"),
    ("train", "CONFIG"),
    ("train vox-256 --resume run", "CONFIG"),
    ("train vox-256 --max-time soon", "length of time"),
    ("train vox-256 --max-time 0", "length of time"),
    ("weights fetch", "No such command"),
]


@pytest.mark.parametrize(("line", "says"), WRONG, ids=[line for line, _ in WRONG])
def test_wrong_usage_exits_2_and_says_what(
    animate: Animate, line: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = animate(*line.split())
    assert outcome.code == 2
    assert outcome.stdout == ""
    assert outcome.lines[0].startswith("error: ")
    assert says in outcome.lines[0]
    assert len(outcome.lines) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_does_not_load_is_one_line(
    animate: Animate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "animate_cli.bench.measure", None)
    with pytest.raises(ImportError):
        animate("bench")
    (tmp_path / "torch.py").write_text("raise ImportError('libtorch.so is not there')")
    done = subprocess.run(
        [sys.executable, "-m", "animate_cli", "bench"], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "error: a library does not load (libtorch.so is not there); `animate doctor` says what to do\n"
    )


def test_closed_stdout_ends_cleanly() -> None:
    command = f"{sys.executable} -m animate_cli weights list | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.startswith("toon-face")


def test_errors_after_a_stop_are_no_news(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def half_an_import(**_: object) -> None:
        raise ImportError("cannot load module more than once per process", name="numpy")

    monkeypatch.setattr(app, "app", half_an_import)
    assert app.run([], was_stopped=lambda: True) == 130
    assert capsys.readouterr().err == ""
    assert app.run([]) == 1
    assert "a library does not load" in capsys.readouterr().err
