"""Whether a library loads: tried in another process, since a build for another processor ends the one it is in."""

import signal
import subprocess
import sys

PATIENCE = 180
"""Seconds that loading may take."""


def load_elsewhere(module: str) -> str:
    """Import a module in another process, and return in one line why it could not be; empty where it could."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"],
            capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it took over {PATIENCE} seconds"
    if done.returncode < 0:
        return f"it ended the process ({_signal_name(-done.returncode)}), as builds for other processors do"
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1] if done.returncode else ""


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
