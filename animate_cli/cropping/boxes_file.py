"""Boxes from elsewhere: a CSV of bodies, animals or faces, or the metadata of the published data sets."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions
from animate_cli.cropping.segments import Segment, crop_boxes
from animate_cli.errors import DataError, MediaError
from animate_cli.media import VideoInfo, parse_time

OURS = ("source", "left", "top", "right", "bottom")
PUBLISHED = ("video_id", "start", "end", "bbox", "fps", "width", "height")
NO_END = 1 << 40


@dataclass(frozen=True)
class GivenBox:
    """A box in a stretch of a source: start and end in seconds, end None for the rest of it.

    size: (width, height) of the picture that the box was measured in, None for the source itself.
    """

    source: str
    start: Fraction
    end: Fraction | None
    box: tuple[float, float, float, float]
    size: tuple[float, float] | None = None
    name: str = ""
    split: str = ""

    @property
    def person(self) -> str:
        """Who is seen, where the file says so."""
        return self.name.partition("#")[0]

    def segment(self, number: int, info: VideoInfo, options: CropOptions) -> Segment:
        """Return what is cut from a clip or picture."""
        across, down = (info.width, info.height) if self.size is None else self.size
        scale = np.array([info.width / across, info.height / down] * 2)
        boxes = crop_boxes(np.array([self.box]) * scale, options, info.fps, info.width)
        end = NO_END if self.end is None else round(self.end * info.fps)
        if info.num_frames is not None:
            end = min(end, info.num_frames)
        return Segment(number, round(self.start * info.fps), end, boxes, name=self.name, split=self.split)


def read_boxes(path: Path) -> list[GivenBox]:
    """Read a CSV of boxes in either form.

    Raises:
        DataError: the file cannot be read, lacks a column, or a row cannot be understood.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            columns = table.fieldnames or []
            read = _choose_form(path, columns)
            return [_read_row(path, table.line_num, row, read) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as a CSV of boxes ({error})") from error


class BoxTable:
    """The boxes of many inputs."""

    def __init__(self, boxes: Iterable[GivenBox]) -> None:
        self._of: dict[str, list[tuple[int, GivenBox]]] = {}
        for number, box in enumerate(boxes):
            self._of.setdefault(box.source, []).append((number, box))

    def of(self, task: Task) -> list[GivenBox]:
        """Return an input's, in order: their source is its path, its file's name, or that without ending."""
        names = {str(task.path), task.path.name, task.path.stem, str(task.path.absolute())}
        found = [one for name in names for one in self._of.get(name, ())]
        return [box for _, box in sorted(found, key=lambda one: one[0])]


def _choose_form(path: Path, columns: Sequence[str]) -> "type[_Ours] | type[_Published]":
    for form in (_Published, _Ours):
        if set(form.columns) <= set(columns):
            return form
    raise DataError(
        f"{path}: has the columns {', '.join(columns) or 'of an empty file'}; "
        f"needed are {', '.join(OURS)} (start and end are optional), or {', '.join(PUBLISHED)}"
    )


def _read_row(
    path: Path, line: int, row: Mapping[str, str], form: "type[_Ours] | type[_Published]"
) -> GivenBox:
    try:
        given = form.read({key: (value or "").strip() for key, value in row.items() if key})
        left, top, right, bottom = given.box
        if right <= left or bottom <= top:
            raise ValueError("the box is empty")
        if given.end is not None and given.end <= given.start:
            raise ValueError("end does not come after start")
    except (ValueError, KeyError, ZeroDivisionError, MediaError) as error:
        raise DataError(f"{path}: line {line}: {error}") from None
    return given


class _Ours:
    columns = OURS

    @staticmethod
    def read(row: Mapping[str, str]) -> GivenBox:
        """Read source, start, end (seconds or [H:]M:S), left, top, right, bottom (pixels)."""
        left, top, right, bottom = (float(row[key]) for key in OURS[1:])
        start = parse_time(row["start"]) if row.get("start") else Fraction(0)
        end = parse_time(row["end"]) if row.get("end") else None
        return GivenBox(row["source"], start, end, (left, top, right, bottom))


class _Published:
    columns = PUBLISHED

    @staticmethod
    def read(row: Mapping[str, str]) -> GivenBox:
        """Read a row whose start and end are frames at ``fps`` and whose box is left-top-right-bottom."""
        left, top, right, bottom = (float(value) for value in row["bbox"].split("-"))
        start, end, rate = int(float(row["start"])), int(float(row["end"])), Fraction(row["fps"])
        video, person = row["video_id"], row.get("person_id")
        name = f"{person}#{video}" if person else video
        return GivenBox(
            video,
            start / rate,
            end / rate,
            (left, top, right, bottom),
            (float(row["width"]), float(row["height"])),
            f"{name}#{start:06d}#{end:06d}",
            row.get("partition", ""),
        )
