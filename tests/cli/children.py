"""The real command as a child process that is ended from outside, and what is left of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg

ROOT = Path(__file__).parents[2]
PATIENCE = 60
GRACE = 20
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}

SLOW_ASSEMBLY = """#!/bin/sh
case "$*" in *"-f nut -i pipe:0"*) ;; *) touch assembling; sleep 0.5 ;; esac
exec {ffmpeg} "$@"
"""
"""Stands before ffmpeg, so that the second run, which adds the sound, lasts long enough to be met."""


class Child:
    """A running command; its words go to a file, because nobody reads a pipe of a process that is killed."""

    def __init__(self, folder: Path, *words: str | Path, ffmpeg: Path | None = None) -> None:
        self.folder, self.said = folder, folder.parent / "stderr.txt"
        own = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        own |= {} if ffmpeg is None else {"IMAGEIO_FFMPEG_EXE": str(ffmpeg)}
        with self.said.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "animate_cli", *map(str, words)],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                env={**os.environ, **own},
            )

    def wait_for(self, state: Callable[["Child"], bool]) -> None:
        """Wait until something can be seen of the child."""
        deadline = time.monotonic() + PATIENCE
        while not state(self):
            assert self.process.poll() is None, f"ended too early: {self.words()}"
            assert time.monotonic() < deadline, f"never came to it: {self.words()}"
            time.sleep(0.002)

    def end(self, number: signal.Signals) -> int:
        """Send a signal to the whole group, as a terminal does, and return the exit code."""
        os.killpg(self.process.pid, number)
        return self.process.wait(GRACE)

    def words(self) -> str:
        return self.said.read_text()


@contextmanager
def running(folder: Path, *words: str | Path, ffmpeg: Path | None = None) -> Iterator[Child]:
    """Run the command; whatever happens to the test, it does not go on."""
    child = Child(folder, *words, ffmpeg=ffmpeg)
    try:
        yield child
    finally:
        child.process.kill()
        child.process.wait()


def slow_ffmpeg(folder: Path) -> Path:
    """Write the program that stands before ffmpeg."""
    program = folder / "ffmpeg.sh"
    program.write_text(SLOW_ASSEMBLY.format(ffmpeg=imageio_ffmpeg.get_ffmpeg_exe()))
    program.chmod(0o755)
    return program


def has_begun(child: Child) -> bool:
    """Whether the command's own code runs: it has said how signals are to be taken."""
    try:
        status = Path(f"/proc/{child.process.pid}/status").read_text()
    except OSError:
        return False
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def is_loading(child: Child) -> bool:
    """Whether the command's own code has begun to load libraries."""
    try:
        return "/av/" in Path(f"/proc/{child.process.pid}/maps").read_text()
    except OSError:
        return False


def is_reading(child: Child) -> bool:
    """Whether the model is there and the driving is being read."""
    return "computing on" in child.words()


def is_writing(child: Child) -> bool:
    """Whether pictures are being rendered and encoded."""
    return bool(hidden(child.folder))


def is_assembling(child: Child) -> bool:
    """Whether the sound is being added."""
    return (child.folder / "assembling").exists()


def hidden(folder: Path) -> list[str]:
    """Name what work in progress, or what was left of it, lies in a folder or below."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".*"))


def encoders(folder: Path) -> list[int]:
    """List the processes that were given a file below a folder and are no command of ours: ffmpeg."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if entry.name.isdecimal() and f"file:{folder}" in words:
            found.append(int(entry.name))
    return found


def wait_until_gone(folder: Path) -> bool:
    """Wait for encoders to end by themselves."""
    deadline = time.monotonic() + GRACE
    while encoders(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not encoders(folder)
