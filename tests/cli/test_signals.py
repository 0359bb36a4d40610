"""Signals become one interrupt and the right exit code."""

import signal
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_exit_code_holds_also_where_the_signal_met_executed_text(
    number: signal.Signals, code: int, word: str
) -> None:
    """Python would end itself by SIGINT after a plain KeyboardInterrupt there."""
    words = [sys.executable, "-c", CODE, str(int(number))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, f"{word}\n")
