"""A media file opened for demuxing, told by its contents."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import av
from av.container import InputContainer

PATTERN = frozenset("%*?[{")
"""Signs that let ffmpeg take a name like 100%d.png for a pattern of many pictures."""


@contextmanager
def opened_container(path: Path) -> Iterator[InputContainer]:
    """Open a file; where its name looks like a pattern, ffmpeg gets the contents without the name.

    Raises:
        av.error.FFmpegError: no demuxer takes it.
        ValueError: likewise.
    """
    with ExitStack() as stack:
        file: Any = f"file:{path.absolute()}"
        if not PATTERN.isdisjoint(path.name):
            file = without_name(stack.enter_context(path.open("rb")))
        yield stack.enter_context(av.open(file, "r", metadata_errors="replace"))


def without_name(file: BinaryIO) -> SimpleNamespace:
    """Return what reads an open file, and nothing that tells what it is called."""
    return SimpleNamespace(read=file.read, seek=file.seek, tell=file.tell)


def demuxer_of(container: InputContainer) -> str:
    """Return what ffmpeg calls the file's format."""
    return container.format.name.split(",")[0]
