"""Folders that are written to, and the room there is in them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from animate_cli.catalogue import cache_folder
from animate_cli.doctor.finding import Finding, note, ok, reason

LITTLE = 1_000_000_000
"""Bytes below which a download, or a long animation's draft, may not fit."""

TRIAL = b"\0" * 65536


def check_cache() -> Iterator[Finding]:
    """Report the folder for weights from elsewhere: whether it can be written, and the room in it."""
    folder = cache_folder()
    there = existing_part(folder)
    complaint = complaint_about_writing(there)
    if complaint:
        advice = "give yourself the right to write there, or name another folder with ANIMATE_WEIGHTS_DIR"
        yield note("cache folder", f"{folder} cannot be written: {complaint}", advice, path=str(folder))
        return
    yield _room("cache folder", folder, there, "weights are hundreds of megabytes")


def check_temporary() -> Iterator[Finding]:
    """Report the folder for temporary files: whether it can be written, and the room in it."""
    advice = "free some space there, or name another folder with TMPDIR"
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        yield note("temporary folder", f"there is none: {reason(error)}", advice)
        return
    complaint = complaint_about_writing(folder)
    if complaint:
        yield note("temporary folder", f"{folder} cannot be written: {complaint}", advice, path=str(folder))
        return
    yield _room("temporary folder", folder, folder, advice)


def existing_part(folder: Path) -> Path:
    """Return the folder, or the nearest above it that exists: what is missing will be made there."""
    folder = folder.absolute()
    return next((part for part in (folder, *folder.parents) if part.exists()), folder)


def complaint_about_writing(folder: Path) -> str:
    """Write a little into a folder, and return why that fails; empty where it works."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(TRIAL)
            file.flush()
    except OSError as error:
        return reason(error)
    return ""


def _room(subject: str, folder: Path, there: Path, why: str) -> Finding:
    free = shutil.disk_usage(there).free
    text = f"{folder}, {free / 1e9:.1f} GB free"
    if free < LITTLE:
        return note(subject, text, f"that is little: {why}", path=str(folder), free_bytes=free)
    return ok(subject, text, path=str(folder), free_bytes=free)
