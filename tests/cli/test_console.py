"""What is said, and when a bar is drawn."""

import sys
import time

import pytest

from animate_cli.cli import console as console_module
from animate_cli.cli.console import Console


def test_quiet_keeps_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True, verbose=True)
    console.note("a note")
    console.detail("a detail")
    console.warn("half of it is missing")
    assert capsys.readouterr() == ("", "warning: half of it is missing\n")


def test_details_are_for_the_curious(capsys: pytest.CaptureFixture[str]) -> None:
    Console().detail("a detail")
    Console(verbose=True).detail("another detail")
    assert capsys.readouterr().err == "another detail\n"


def work(console: Console) -> None:
    with console.progress("Animating") as bar:
        bar.begin("Animating", 4)
        for _ in range(4):
            time.sleep(0.05)
            bar.advance()


def test_no_bar_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_module, "SECONDS_BEFORE_PROGRESS", 0.0)
    work(Console())
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("quiet", "delay", "drawn"), [(False, 0.0, True), (True, 0.0, False), (False, 2.0, False)]
)
def test_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    quiet: bool,
    delay: float,
    drawn: bool,
) -> None:
    monkeypatch.setattr(console_module, "SECONDS_BEFORE_PROGRESS", delay)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    work(Console(quiet=quiet))
    said = capsys.readouterr().err
    assert ("Animating" in said) == drawn
    assert ("4/4" in said) == drawn
    assert ("fps" in said) == drawn


def test_no_bar_appears_when_all_is_over(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time to draw comes while a question hides the bar, and the answer ends the command first."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Console().progress("Asking") as bar:
        pass
    bar._draw()
    assert bar._bar is None
    assert capsys.readouterr().err == ""
