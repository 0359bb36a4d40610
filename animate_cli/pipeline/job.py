"""What the main job is asked to do. Light: the command line reads its defaults from here."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

from animate_cli.errors import AnimateError
from animate_cli.motion import MotionOptions

Fit = Literal["pad", "crop", "stretch"]
Layout = Literal["result", "compare", "grid"]

ALPHA_ENDINGS = (".png", ".webm", ".mov")
FOLDER_ENDING = ".mp4"
"""What the results of a folder of sources end in."""

TRANSPARENT = "transparent"
REFERENCE_CANDIDATES = 200
LARGEST_FACTOR = 1000
"""More strength, or more seconds of smoothing, is a slip."""


class JobError(AnimateError):
    """The job's options contradict each other or cannot work: wrong usage."""


@dataclass(frozen=True)
class Cut:
    """Which part of the driving is used, and at which rate. None keeps the clip's own."""

    start: Fraction = Fraction(0)
    end: Fraction | None = None
    fps: Fraction | None = None


@dataclass(frozen=True)
class Encoding:
    """How the result is written. None takes the format's own default."""

    crf: int | None = None
    codec: str | None = None
    audio: bool = True


@dataclass(frozen=True)
class AnimateJob:
    """The main job: who is moved, by what, into which file, and how."""

    source: Path
    driving: Path
    out: Path
    motion: MotionOptions = field(default_factory=MotionOptions)
    reference: int | None = None
    cut: Cut = field(default_factory=Cut)
    encoding: Encoding = field(default_factory=Encoding)
    fit: Fit = "pad"
    layout: Layout = "result"
    size: int | None = None
    background: str = "white"
    save_motion: Path | None = None
    overwrite: bool = False

    @property
    def transparent(self) -> bool:
        """Whether the result keeps the source's alpha."""
        return self.background == TRANSPARENT


def check_options(job: AnimateJob) -> None:
    """Make sure that the options can work together, without looking at any file.

    Raises:
        JobError: they cannot.
    """
    if job.cut.end is not None and job.cut.end <= job.cut.start:
        raise JobError(f"--start {float(job.cut.start):g} must come before --end {float(job.cut.end):g}")
    if not (0 <= job.motion.strength <= LARGEST_FACTOR and 0 <= job.motion.smooth <= LARGEST_FACTOR):
        raise JobError(f"--strength and --smooth must be plain numbers from 0 to {LARGEST_FACTOR}")
    if job.transparent and job.out.suffix.lower() not in ("", *ALPHA_ENDINGS):
        raise JobError(
            f"--background transparent needs an OUT that holds alpha ({', '.join(ALPHA_ENDINGS)}, or a folder), "
            f"not {job.out.suffix}"
        )
    if job.transparent and job.layout != "result":
        raise JobError(f"--background transparent goes with --layout result only, not {job.layout}")
    if job.save_motion is not None and job.save_motion.suffix != ".safetensors":
        raise JobError(f"--save-motion must end in .safetensors, not {job.save_motion.name!r}")


class Listener(Protocol):
    """Whoever wants to know how the job is going."""

    def note(self, text: str) -> None:
        """Take something worth knowing."""

    def warn(self, text: str) -> None:
        """Take something that makes the result less than what was asked for."""

    def begin(self, label: str, total: int | None) -> None:
        """Take the start of a stretch of work and its number of frames, None where unknown."""

    def advance(self) -> None:
        """Take one frame done."""
