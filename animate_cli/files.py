"""Outputs that appear whole or not at all (write beside the target, then rename), and sizes in words."""

import contextlib
import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from animate_cli.temporary import real_place, remove, remove_stale, temporary_beside

DISK_FULL = "the disk is full; free some space or write elsewhere"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SIGNS = ("No space left on device", "Disk quota exceeded", "File too large")
"""What the system, or a library that hides its error's number, says of a full disk."""


def hash_file(path: Path) -> str:
    """Return a file's SHA-256 as hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target`` to write to; rename it when the block ends well, else remove it.

    A link stays, and what it points to is replaced.

    Raises:
        OSError: nothing can be written there, or the target is a device or a pipe.
    """
    target = real_place(target)
    if is_special(target):
        raise OSError(errno.EINVAL, "not a regular file", str(target))
    _clear(target.parent)
    temporary = temporary_beside(target, ".partial")
    try:
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode
        yield temporary
        temporary.chmod(mode)  # a library may have put a file of its own in the place, for the owner only
        temporary.replace(target)
    finally:
        remove(temporary)


@cache
def _clear(folder: Path) -> None:
    """Remove what dead runs left in a folder, once: a cache of many files is not searched for each of them."""
    remove_stale(folder)


def explain(error: Exception) -> str:
    """Say in a few words why writing failed: the system's reason, or in plain words that the disk is full."""
    if tells_of_full_disk(str(error)) or (isinstance(error, OSError) and error.errno in FULL):
        return DISK_FULL
    return (isinstance(error, OSError) and error.strerror) or str(error)


def tells_of_full_disk(text: str) -> bool:
    """Tell whether a message complains of a lack of space."""
    return any(sign in text for sign in SIGNS)


def show_bytes(count: int) -> str:
    """Write a size as people do: 729 MB."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def same_place(path: Path, other: Path) -> bool:
    """Tell whether two names mean the same file, through links and other spellings."""
    with contextlib.suppress(OSError):
        return path.samefile(other)
    return real_place(path) == real_place(other)


def is_special(path: Path) -> bool:
    """Tell whether something is there that a file must not take the place of: a device, a pipe, a lost link."""
    if real_place(path).is_symlink():
        return True
    return (
        path.exists() and not path.is_file() and not path.is_dir()
    )  # the name behind /dev/stdout leads nowhere
