"""Which published files are trusted: those of a known SHA-256, and those that the user accepted once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from animate_cli.catalogue import ModelEntry
from animate_cli.errors import WeightsError
from animate_cli.files import atomic_path


@dataclass(frozen=True)
class Doubt:
    """A file that nothing vouches for: its SHA-256, and those that are known or were accepted before, if any."""

    file: str
    sha256: str
    known: str | None
    accepted: str | None = None

    @property
    def is_contradicted(self) -> bool:
        """Whether the file should be another, not merely an unknown one."""
        return self.known is not None or self.accepted is not None

    def __str__(self) -> str:
        if self.accepted is not None:
            return f"{self.file} has changed: its SHA-256 is {self.sha256}, but {self.accepted} was accepted before"
        if self.known is not None:
            return f"{self.file} is not the file that was published: its SHA-256 is {self.sha256}, not {self.known}"
        return f"{self.file} has the SHA-256 {self.sha256}, and nothing is known to compare it with"


Approve = Callable[[Doubt], bool]
"""Tells the user of a doubt, and whether the file is accepted all the same."""


class UntrustedError(WeightsError):
    """A file was not accepted; ``unanswered`` tells that there was nobody to ask."""

    def __init__(self, doubt: Doubt, advice: str, *, unanswered: bool) -> None:
        super().__init__(f"{doubt}; {advice}")
        self.doubt, self.unanswered = doubt, unanswered


def judge(entry: ModelEntry, sha256: str, folder: Path) -> Doubt | None:
    """Return the doubt about a file, or None where its hash is the known one or was accepted before.

    Raises:
        WeightsError: the record of what was accepted cannot be read.
    """
    accepted = _read(entry, folder)
    if sha256 in {entry.sha256, accepted}:
        return None
    return Doubt(entry.file, sha256, entry.sha256, accepted)


def settle(doubt: Doubt, folder: Path, approve: Approve | None) -> None:
    """Have a doubt removed by whoever can; a file that changed after it was accepted is always refused.

    Raises:
        UntrustedError: it is not removed.
    """
    if doubt.accepted is not None:
        advice = f"if that is right, remove {folder / _record_name(doubt.file)} and get it again"
        raise UntrustedError(doubt, advice, unanswered=False)
    if approve is None:
        raise UntrustedError(doubt, "--trust accepts it", unanswered=True)
    if not approve(doubt):
        raise UntrustedError(doubt, "it was not accepted", unanswered=False)


def remember(entry: ModelEntry, sha256: str, folder: Path) -> None:
    """Write down that a hash was accepted, as `sha256sum` writes it: a later file must be the same.

    Raises:
        WeightsError: the record cannot be written.
    """
    record = folder / _record_name(entry.file)
    try:
        with atomic_path(record) as temporary:
            temporary.write_text(f"{sha256}  {entry.file}\n", "utf-8")
    except OSError as error:
        raise WeightsError(f"{record}: cannot be written ({error.strerror or error})") from None


def _record_name(file: str) -> str:
    return f"{file}.sha256"


def _read(entry: ModelEntry, folder: Path) -> str | None:
    record = folder / _record_name(entry.file)
    try:
        found = re.match(r"\s*([0-9a-fA-F]{64})\b", record.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = None
    if found is None:
        raise WeightsError(f"{record}: holds no SHA-256; remove it to be asked about {entry.file} again")
    return found[1].lower()
