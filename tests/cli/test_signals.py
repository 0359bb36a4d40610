"""Signals become one interrupt and the right exit code."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.children import ROOT

CODE = """
import sys
from animate_cli.cli.signals import Signals
signals = Signals()
signals.install()
try:
    exec("import os; os.kill(os.getpid(), int(sys.argv[1]))")
except KeyboardInterrupt:
    signals.report()
sys.exit(signals.exit_code)
"""

GENTLE = """
import os, signal, sys
from animate_cli.cli.signals import Signals, stopping_gently
signals = Signals()
signals.install()
try:
    with stopping_gently("wait") as is_stopped:
        assert not is_stopped()
        for _ in range(int(sys.argv[2])):
            os.kill(os.getpid(), int(sys.argv[1]))
        assert is_stopped()
        print("finished")
except KeyboardInterrupt:
    signals.report()
sys.exit(signals.exit_code)
"""

ENDS = pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)


def run_stopped(folder: Path, code: str, *words: int) -> subprocess.CompletedProcess[str]:
    """Run code as a module of a folder, as `python -m animate_cli` runs ours."""
    (folder / "stopped.py").write_text(code)
    return subprocess.run(
        [sys.executable, "-m", "stopped", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@ENDS
def test_exit_code_holds_also_where_the_signal_met_executed_text(
    tmp_path: Path, number: signal.Signals, code: int, word: str
) -> None:
    """Python would end itself by SIGINT after a plain KeyboardInterrupt there, in what `python -m` runs."""
    done = run_stopped(tmp_path, CODE, int(number))
    assert (done.returncode, done.stderr) == (code, f"{word}\n")


@ENDS
@pytest.mark.parametrize(("times", "finished"), [(1, "finished\n"), (2, "")])
def test_gentle_work_is_finished_unless_asked_twice(
    tmp_path: Path, number: signal.Signals, code: int, word: str, times: int, finished: str
) -> None:
    done = run_stopped(tmp_path, GENTLE, int(number), times)
    assert (done.returncode, done.stdout, done.stderr) == (code, finished, f"wait\n{word}\n")
