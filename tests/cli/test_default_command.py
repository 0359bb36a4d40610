"""Which words name a command, and which are the main job's."""

from pathlib import Path

import pytest
import typer

from animate_cli.cli.app import app
from animate_cli.cli.default_command import (
    AnimateGroup,
    UnknownCommandError,
    mistyped_command,
    name_command,
    options_with_value,
)


@pytest.fixture(scope="module")
def group() -> AnimateGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, AnimateGroup)
    return group


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


MAIN = [
    "s.png d.mp4 -o o.mp4",
    "-w vox s.png d.mp4 -o o.mp4",
    "-wvox s.png d.mp4 -o o.mp4",
    "--weights vox s.png d.mp4 -o o.mp4",
    "--weights=vox s.png d.mp4 -o o.mp4",
    "-o o.mp4 s.png d.mp4",
    "-o train s.png d.mp4",
    "--out weights s.png d.mp4",
    "-w train s.png d.mp4 -o o.mp4",
    "-qw train s.png d.mp4 -o o.mp4",
    "-q s.png d.mp4 -o o.mp4",
    "-qv -o train s.png d.mp4",
    "--no-audio --strength -1 s.png d.mp4 -o o.mp4",
    "--start 0:01 --end 0:02 s.png d.mp4 -o o.mp4",
    "--json train s.png d.mp4",
    "./train d.mp4 -o o.mp4",
    "folder/train d.mp4 -o o.mp4",
    "train.png d.mp4 -o o.mp4",
    "-- train d.mp4",
    "-o o.mp4 -- -s.png d.mp4",
    "- d.mp4 -o o.mp4",
    "s.png train -o o.mp4",
    "-w vox",
    "-o o.mp4 --help",
    "--bogus s.png d.mp4",
    "missing-picture d.mp4 -o o.mp4",
]


@pytest.mark.parametrize("line", MAIN)
def test_main_job_needs_no_name(group: AnimateGroup, line: str) -> None:
    words = line.split()
    assert name_command(words, list(group.commands), options_with_value(group)) == ["animate", *words]


OTHERS = [
    ("train vox-256", "train vox-256"),
    ("animate s.png d.mp4 -o o.mp4", "animate s.png d.mp4 -o o.mp4"),
    ("animate train d.mp4 -o o.mp4", "animate train d.mp4 -o o.mp4"),
    ("weights list", "weights list"),
    ("-v train vox-256", "train -v vox-256"),
    ("--set a.b=1 train vox-256", "train --set a.b=1 vox-256"),
    ("-w vox animate s.png d.mp4", "animate -w vox s.png d.mp4"),
    ("", ""),
]


@pytest.mark.parametrize(("line", "named"), OTHERS)
def test_commands_keep_their_words(group: AnimateGroup, line: str, named: str) -> None:
    assert name_command(line.split(), list(group.commands), options_with_value(group)) == named.split()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("trian", "train"),
        ("Train", "train"),
        ("weigths", "weights"),
        ("animte", "animate"),
        ("portrait", None),
    ],
)
def test_mistyped_commands_are_recognised(word: str, meant: str | None) -> None:
    assert mistyped_command(word, ["animate", "train", "weights"]) == meant


def test_mistyped_command_stops_unless_a_file_is_called_so(group: AnimateGroup, tmp_path: Path) -> None:
    words, table = ["trian", "d.mp4", "-o", "o.mp4"], options_with_value(group)
    with pytest.raises(UnknownCommandError, match="did you mean `train`"):
        name_command(words, list(group.commands), table)
    (tmp_path / "trian").touch()
    assert name_command(words, list(group.commands), table) == ["animate", *words]


def test_file_called_like_a_command_does_not_win(group: AnimateGroup, tmp_path: Path) -> None:
    (tmp_path / "train").touch()
    assert name_command(["train", "x"], list(group.commands), options_with_value(group)) == ["train", "x"]
