"""What the main job is asked to do. Light: the command line reads its defaults from here."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

from animate_cli.errors import AnimateError
from animate_cli.motion import MotionOptions

Fit = Literal["pad", "crop", "stretch"]
Layout = Literal["result", "compare", "grid"]
Crop = Literal["auto", "face", "off"]
DrivingKeypoints = Literal["auto", "model", "landmarks"]

ALPHA_ENDINGS = (".png", ".webm", ".mov")
FOLDER_ENDING = ".mp4"
"""What the results of a folder of sources end in."""

TRANSPARENT = "transparent"
REFERENCE_CANDIDATES = 50
"""Frames of the driving, evenly spaced, that are compared with the source before the first is written."""
READING = "Reading the motion"
"""What the stretch of work is called in which the driving is decoded and looked through."""
ANIMATING = "Animating"
"""How the stretch of work begins in which frames are written."""

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
    """The main job: who is moved, by what, into which file, and how.

    keypoints: what reads the driving's motion, the weights' own network or the landmarks of a real face.
    also: more pictures of the source's figure. face: ``largest``, ``all`` or a number from 1. driving_for: drivings
    of their own for faces by their numbers.
    put_back: put the result back into the uncropped source.
    """

    source: Path
    driving: Path
    out: Path
    also: tuple[Path, ...] = ()
    motion: MotionOptions = field(default_factory=MotionOptions)
    reference: int | None = None
    keypoints: DrivingKeypoints = "auto"
    cut: Cut = field(default_factory=Cut)
    encoding: Encoding = field(default_factory=Encoding)
    fit: Fit = "pad"
    crop: Crop = "auto"
    face: str = "largest"
    driving_for: tuple[tuple[int, Path], ...] = ()
    put_back: bool = False
    layout: Layout = "result"
    size: int | None = None
    background: str = "white"
    save_motion: Path | None = None
    overwrite: bool = False

    @property
    def transparent(self) -> bool:
        """Whether the result keeps the source's alpha."""
        return self.background == TRANSPARENT

    @property
    def given(self) -> tuple[Path, ...]:
        """All that is read."""
        return self.source, *self.also, self.driving, *(path for _, path in self.driving_for)

    @property
    def needs_face(self) -> bool:
        """Whether there is nothing to do without a face."""
        return self.crop == "face" or self.pastes or self.face != "largest"

    @property
    def pastes(self) -> bool:
        """Whether the result is the whole source with its faces moved; several faces have no other place."""
        return self.put_back or self.face == "all"


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
    if job.keypoints == "landmarks" and not job.motion.relative:
        raise JobError(
            "--driving-keypoints landmarks gives movement, not places of the weights' own keypoints; leave "
            "--motion absolute out"
        )
    _check_faces(job)
    if job.save_motion is not None and job.save_motion.suffix != ".safetensors":
        raise JobError(f"--save-motion must end in .safetensors, not {job.save_motion.name!r}")


def _check_faces(job: AnimateJob) -> None:
    if not re.fullmatch(r"largest|all|[1-9]\d*", job.face):
        raise JobError(
            f"--face {job.face!r} is neither largest, all nor a face's number, which counts from 1"
        )
    if job.driving_for and job.face != "all":
        raise JobError("--driving-for gives faces drivings of their own; it goes with --face all")
    if job.also and job.face == "all":
        raise JobError("--also-source shows one figure again; it does not go with --face all")
    if job.crop == "off" and job.needs_face:
        raise JobError("--paste-back and --face need the face to be cropped; leave --crop off out")
    if job.pastes and job.transparent:
        raise JobError(
            "--paste-back puts the face into the whole source, which is opaque then; leave out "
            "--background transparent"
        )
    if job.pastes and job.layout == "grid":
        raise JobError("--layout grid shows one cropped face; --paste-back goes with result or compare")


def parse_driving_for(text: str) -> tuple[int, Path]:
    """Read N=FILE: a face's number, from 1, and what drives it.

    Raises:
        JobError: the text is something else.
    """
    number, sign, path = text.partition("=")
    if not (sign and path and re.fullmatch(r"[1-9]\d*", number)):
        raise JobError(
            f"--driving-for {text!r} is not N=FILE; write 2=smile.mp4 for the second face from the left"
        )
    return int(number), Path(path)


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
