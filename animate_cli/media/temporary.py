"""Names for work in progress beside its target, and the removal of what dead runs left."""

import contextlib
import os
import re
import shutil
import socket
import zlib
from itertools import count
from pathlib import Path

from animate_cli.files import real_place

NUMBERS = count()
PATTERN = re.compile(r"\.animate-([0-9a-f]{8})-(\d+)-\d+(\..*)?")


def host_mark() -> str:
    """Return eight letters for this machine, because process numbers mean nothing on another."""
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def temporary_beside(target: Path, suffix: str) -> Path:
    """Return an unused hidden name in the folder where target really lies; it tells whose it is."""
    return real_place(target).parent / f".animate-{host_mark()}-{os.getpid()}-{next(NUMBERS)}{suffix}"


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
