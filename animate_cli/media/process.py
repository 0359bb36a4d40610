"""ffmpeg as a process of ours: fed through a pipe, watched, and never left behind."""

import atexit
import contextlib
import re
import signal
import subprocess
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import imageio_ffmpeg

from animate_cli.errors import MediaError
from animate_cli.files import DISK_FULL, tells_of_full_disk

KEPT_LINES = 40
LONGEST_LINE = 400
CHUNK = 1 << 20
GRACE_SECONDS = 10
TOO_LARGE = getattr(signal, "SIGXFSZ", None)
"""How the system ends a process that writes past `ulimit -f`."""
CONTEXT = re.compile(r"^(\[[^\]]*\]\s*)+")


def ffmpeg_executable() -> str:
    """Return the path of ffmpeg.

    Raises:
        MediaError: There is none on this machine.
    """
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MediaError("ffmpeg was not found; reinstall imageio-ffmpeg, which brings it along") from error


class Ffmpeg:
    """One run of ffmpeg, in a process group of its own.

    Ctrl-C at the terminal therefore reaches only us, and we end ffmpeg. If we are killed, its input pipe
    closes, which ends it too.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        command = [ffmpeg_executable(), "-hide_banner", "-nostats", "-loglevel", "error", "-y", *arguments]
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise MediaError(f"ffmpeg cannot be started ({error.strerror}): {command[0]}") from error
        atexit.register(self.kill)
        self.deaf = False
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.listener = Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self) -> None:
        """Keep the last lines that ffmpeg complains with."""
        assert self.process.stderr is not None  # noqa: S101
        while line := self.process.stderr.readline(LONGEST_LINE):
            self.lines.append(line.decode(errors="replace").strip())

    def write(self, data: bytes) -> int:
        """Feed ffmpeg's input; once it has ended, data is dropped and wait() tells why."""
        assert self.process.stdin is not None  # noqa: S101
        try:
            if not self.deaf:
                self.process.stdin.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.deaf = True
        return len(data)

    def read(self, path: Path) -> None:
        """Feed ffmpeg's input from a file."""
        with path.open("rb") as file:
            while not self.deaf and (data := file.read(CHUNK)):
                self.write(data)

    def wait(self) -> None:
        """End ffmpeg's input and wait for it to finish.

        Raises:
            MediaError: It failed; the message is its own reason.
        """
        self.close_input()
        self.process.wait()
        self.tidy()
        if self.process.returncode != 0:
            raise MediaError(self.reason())

    def kill(self) -> None:
        """End ffmpeg at once, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.close_input()
        self.tidy()

    def close_input(self) -> None:
        """Close the pipe that ffmpeg reads."""
        assert self.process.stdin is not None  # noqa: S101
        self.deaf = True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.process.stdin.close()

    def tidy(self) -> None:
        """Collect the listener and close its pipe."""
        atexit.unregister(self.kill)
        self.listener.join(GRACE_SECONDS)
        if self.process.stderr is not None and not self.listener.is_alive():
            self.process.stderr.close()

    @property
    def was_stopped(self) -> bool:
        """Whether the machine rather than the job ended ffmpeg: a signal or a full disk."""
        return self.process.returncode < 0 or self.disk_is_full

    @property
    def disk_is_full(self) -> bool:
        """Whether ffmpeg complained of a lack of space."""
        too_large = TOO_LARGE is not None and self.process.returncode == -TOO_LARGE
        return too_large or any(map(tells_of_full_disk, self.lines))

    def reason(self) -> str:
        """Say in one line why ffmpeg failed."""
        if self.disk_is_full:
            return DISK_FULL
        code = self.process.returncode
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return f"ffmpeg was killed ({name}), perhaps for lack of memory; try again or a smaller size"
        complaint = next((CONTEXT.sub("", line) for line in self.lines if line), "no reason given")
        return f"ffmpeg failed with code {code}: {complaint}"
