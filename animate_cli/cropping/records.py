"""What a run has done: a journal that survives an interruption, and the manifest for people."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from animate_cli.cropping.inputs import Task
from animate_cli.errors import DataError
from animate_cli.files import atomic_path

JOURNAL, MANIFEST = "crop.jsonl", "manifest.csv"
VERSION = 1


@dataclass(frozen=True)
class Row:
    """One result. output: relative to the folder. start, end: seconds; of a picture 0 and 0."""

    source: str
    output: str
    track: int
    start: float
    end: float
    frames: int
    left: float
    top: float
    right: float
    bottom: float
    size: int
    detector: str
    score: float | None


@dataclass(frozen=True)
class Finished:
    """An input that is done: its results, and how the file was then."""

    source: str
    state: tuple[int, int]
    split: str
    rows: tuple[Row, ...]

    def holds(self, task: Task, out: Path) -> bool:
        """Tell whether this still says all about an input: the file is the same and every result is there."""
        same = self.state == file_state(task.path)
        return same and all((out / row.output).exists() for row in self.rows)


def file_state(path: Path) -> tuple[int, int]:
    """Return a file's bytes and when it was changed."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


class Journal:
    """A file of one JSON text a line: the options first, then each input when it is done."""

    def __init__(self, out: Path, options: Mapping[str, Any]) -> None:
        self.path = out / JOURNAL
        self.options = json.loads(json.dumps(options))
        self.finished: dict[str, Finished] = {}

    def read(self) -> None:
        """Read what an earlier run has done; a line that was cut off counts for nothing.

        Raises:
            DataError: it was made with other options.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        values = [value for line in lines if (value := _parse(line)) is not None]
        if not values:
            return
        self._check(values[0])
        for value in values[1:]:
            one = _finished(value)
            self.finished[one.source] = one

    def begin(self) -> None:
        """Write what is known anew, whole, to go on from there."""
        head = {"version": VERSION, "options": self.options}
        texts = [json.dumps(value) for value in (head, *map(asdict, self.finished.values()))]
        with atomic_path(self.path) as temporary:
            temporary.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")

    def add(self, finished: Finished) -> None:
        """Note that an input is done."""
        self.finished[finished.source] = finished
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(finished)) + "\n")

    def _check(self, head: Mapping[str, Any]) -> None:
        before = head.get("options", {})
        changed = [key for key in self.options if before.get(key) != self.options[key]]
        if head.get("version") != VERSION or changed:
            key = changed[0].replace("_", "-") if changed else "version"
            raise DataError(
                f"{self.path.parent}: was made with another --{key}; give the same options to resume, or "
                f"choose another folder"
            )


def write_manifest(out: Path, rows: Iterable[Row]) -> None:
    """Write manifest.csv, a line a result, ordered by their names."""
    with atomic_path(out / MANIFEST) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Row)])
        table.writeheader()
        table.writerows(asdict(row) for row in sorted(rows, key=lambda row: row.output))


def _parse(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _finished(value: Mapping[str, Any]) -> Finished:
    size, changed = value["state"]
    rows = tuple(Row(**row) for row in value["rows"])
    return Finished(value["source"], (size, changed), value["split"], rows)
