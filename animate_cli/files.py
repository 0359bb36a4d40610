"""Outputs that appear whole or not at all (write beside the target, then rename), and sizes in words."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target`` to write to; rename it when the block ends well, else remove it.

    Raises:
        OSError: nothing can be written there, or the target is a device or a pipe.
    """
    target = real_place(target)
    if is_special(target):
        raise OSError(errno.EINVAL, "not a regular file", str(target))
    handle, name = tempfile.mkstemp(prefix=".animate-", suffix=".partial", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def show_bytes(count: int) -> str:
    """Write a size as people do: 729 MB."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def real_place(path: Path) -> Path:
    """Return where a file lies or will lie: links are followed, so that writing leaves them what they are."""
    return Path(os.path.realpath(path))


def same_place(path: Path, other: Path) -> bool:
    """Tell whether two names mean the same file, through links and other spellings."""
    with contextlib.suppress(OSError):
        return path.samefile(other)
    return real_place(path) == real_place(other)


def is_special(path: Path) -> bool:
    """Tell whether something is there that a file must not take the place of: a device, a pipe, a lost link."""
    place = real_place(path)
    return place.is_symlink() or (place.exists() and not place.is_file() and not place.is_dir())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
