"""What the crop command is asked to do. Light: the command line reads its defaults from here."""

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from animate_cli.errors import AnimateError

DetectorName = Literal["auto", "face-alignment", "lbp", "toon"]
Format = Literal["mp4", "png"]
ALL, LARGEST = "all", "largest"


class CropJobError(AnimateError):
    """The options contradict each other or cannot work: wrong usage."""


@dataclass(frozen=True)
class CropOptions:
    """How faces are found and cut out; the same for every input of a run.

    size: side of the results. margin: share of the box's side that is added on each side; None is 0.1, or 0 for
    boxes from a file. min_frames, max_frames: length of a clip. iou: least overlap of a fixed box with the face.
    min_size: least side of a box, in pixels. face: ``all``, ``largest`` or a number from 1. still: one fixed box
    a track. every: look for faces in every n-th frame; None for six times a second. split: train and test shares.
    """

    size: int = 256
    detector: str = "auto"
    boxes: Path | None = None
    margin: float | None = None
    min_frames: int = 64
    max_frames: int = 1024
    iou: float = 0.25
    min_size: int = 0
    face: str = ALL
    still: bool = True
    every: int | None = None
    format: Format = "mp4"
    split: tuple[int, int] | None = None
    preview: Path | None = None
    device: str = "cpu"

    @property
    def grown(self) -> float:
        """The margin that holds."""
        usual = 0.1 if self.boxes is None else 0.0
        return usual if self.margin is None else self.margin

    @property
    def results(self) -> dict[str, Any]:
        """Return what the results depend on, as plain values: a run is resumed with the same."""
        values = asdict(self)
        for key in ("preview", "device"):
            del values[key]
        return {key: str(value) if isinstance(value, Path) else value for key, value in values.items()}


@dataclass(frozen=True)
class CropJob:
    """The inputs, the folder for the results, and how they are made."""

    inputs: tuple[Path, ...]
    out: Path
    options: CropOptions = field(default_factory=CropOptions)
    jobs: int = 1
    resume: bool = False
    overwrite: bool = False


def check_options(job: CropJob) -> None:
    """Make sure that the options can work together, without looking at any file.

    Raises:
        CropJobError: they cannot.
    """
    options = job.options
    if options.max_frames < options.min_frames:
        raise CropJobError(
            f"--max-frames {options.max_frames} must be at least --min-frames {options.min_frames}"
        )
    if options.boxes is not None and not options.still:
        raise CropJobError("--follow smooths the boxes of a detector; boxes from a file stay as they are")
    if job.resume and job.overwrite:
        raise CropJobError(
            "--resume goes on with what is there and --overwrite begins anew; give one of them"
        )


def parse_face(text: str) -> str:
    """Check which faces are meant: ``all``, ``largest`` or a number from 1.

    Raises:
        CropJobError: none of these.
    """
    if text not in (ALL, LARGEST) and not re.fullmatch(r"[1-9]\d*", text):
        raise CropJobError(
            f"--face {text!r} is neither all, largest nor a face's number, which counts from 1"
        )
    return text


def parse_split(text: str) -> tuple[int, int]:
    """Read shares such as 90:10 for train and test.

    Raises:
        CropJobError: the text does not name two shares.
    """
    match = re.fullmatch(r"(\d+):(\d+)", text)
    if match is None or int(match[1]) + int(match[2]) == 0:
        raise CropJobError(f"--split {text!r} does not name two shares; write TRAIN:TEST, such as 90:10")
    return int(match[1]), int(match[2])


class Listener(Protocol):
    """Whoever wants to know how the job is going."""

    def note(self, text: str) -> None:
        """Take something worth knowing."""

    def warn(self, text: str) -> None:
        """Take something that makes the result less than what was asked for."""

    def begin(self, label: str, total: int | None) -> None:
        """Take the start of a stretch of work and its length, None where unknown."""

    def advance(self) -> None:
        """Take one step done."""
