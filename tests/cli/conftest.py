"""What the command line's tests share: run it as a function, and small weights made on the spot."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from animate_cli.cli import app


class Outcome(NamedTuple):
    """How a command ended and what it said."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


Animate = Callable[..., Outcome]


@pytest.fixture
def animate(capfd: pytest.CaptureFixture[str]) -> Animate:
    def run(*words: str | Path) -> Outcome:
        code = app.run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run
