"""Names for work in progress beside its target, and the removal of what dead runs left."""

import atexit
import contextlib
import os
import re
import shutil
import socket
import zlib
from functools import cache
from itertools import count
from pathlib import Path

NUMBERS = count()
PATTERN = re.compile(r"\.animate-([0-9a-f]{8})-(\d+)-\d+(\..*)?")
NAMESPACE = Path("/proc/self/ns/pid")


@cache
def host_mark() -> str:
    """Return eight letters for this machine and container, because process numbers mean nothing in another."""
    where = socket.gethostname()
    with contextlib.suppress(OSError):
        where += str(NAMESPACE.readlink())
    return f"{zlib.crc32(where.encode()):08x}"


def temporary_beside(target: Path, suffix: str) -> Path:
    """Return an unused hidden name in the folder where target really lies; it tells whose it is.

    Whatever has the name when this process exits is removed, as a last resort after interrupts.
    """
    while True:
        name = f".animate-{host_mark()}-{os.getpid()}-{next(NUMBERS)}{suffix}"
        path = real_place(target).parent / name
        if not os.path.lexists(path):
            atexit.register(remove, path)
            return path


def real_place(path: Path) -> Path:
    """Return where a file lies or will lie: links are followed, so that writing leaves them what they are."""
    return Path(os.path.realpath(path))


def remove_stale(folder: Path) -> None:
    """Remove what runs on this machine that are no longer alive left in folder."""
    with contextlib.suppress(OSError):
        for entry in list(folder.iterdir()):
            match = PATTERN.fullmatch(entry.name)
            if match and match[1] == host_mark() and not is_alive(int(match[2])):
                remove(entry)


def is_alive(process: int) -> bool:
    """Tell whether a process of this number may run; Windows cannot be asked without harm."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def remove(path: Path) -> None:
    """Remove a file or folder if it is there and we can."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
