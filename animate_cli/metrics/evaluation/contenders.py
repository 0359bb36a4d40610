"""Who is compared: a model that reconstructs each clip, or a folder of finished videos."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from animate_cli.animator import Animator, Source
from animate_cli.arrays import Picture, batches, to_tensor
from animate_cli.errors import DataError
from animate_cli.media import open_reader
from animate_cli.metrics.evaluation.clips import Clip, ClipFrame
from animate_cli.metrics.evaluation.folder import FileClip, named_clips
from animate_cli.metrics.restyling import RESTYLES
from animate_cli.metrics.values import Numbers
from animate_cli.motion import Motion, MotionOptions
from animate_cli.overlay import to_pixels

Size = tuple[int, ...]

LARGEST_SHEAR = 1.02
"""Ratio of aspects from which on two videos do not show the same."""


class Take(NamedTuple):
    """A frame of the truth and what a contender made of it.

    result: uint8 [H, W, 3]. keypoints: [K, 2] in the result's pixels, where a model made it. driven: results of
    other drivers, by name.
    """

    frame: ClipFrame
    result: Picture
    keypoints: Numbers | None
    driven: Mapping[str, Picture]


class Contender(Protocol):
    """Whoever makes results for clips. offers: what its takes hold beside the result."""

    @property
    def name(self) -> str: ...  # noqa: D102 - see above

    @property
    def offers(self) -> frozenset[str]: ...  # noqa: D102

    def fingerprint(self, clip: Clip) -> str:
        """Return a text that changes when the result of this clip would."""

    def perform(
        self, clip: Clip, frames: Iterable[ClipFrame], drivers: Sequence[str]
    ) -> Generator[Take, None, None]:
        """Make the result of every frame of a clip, as a stream; also with these other drivers.

        Args:
            clip: whose result it is.
            frames: the clip's, with these drivers.
            drivers: by their names.

        Raises:
            MediaError: the clip or its result cannot be read.
            DataError: there is no result for this clip, or it cannot be compared.
        """

    def check(self, clips: Sequence[Clip]) -> list[str]:
        """Return sentences on what of these clips it has no result for."""

    def remark(self, clip: Clip) -> list[str]:
        """Return sentences on how clip and result differ, once it was performed."""


class ModelContender:
    """Reconstructs each clip from its first frame, at the model's size, with the keypoints of every frame."""

    offers = frozenset({"keypoints", "other", "restyled"})

    def __init__(self, name: str, animator: Animator, fingerprint: str) -> None:
        self.name, self.animator, self.weights = name, animator, fingerprint

    def fingerprint(self, clip: Clip) -> str:
        """See Contender."""
        return f"{self.weights} {self.animator.acceleration}"

    def remark(self, clip: Clip) -> list[str]:
        """See Contender."""
        return []

    def check(self, clips: Sequence[Clip]) -> list[str]:
        """See Contender."""
        return []

    def perform(
        self, clip: Clip, frames: Iterable[ClipFrame], drivers: Sequence[str]
    ) -> Generator[Take, None, None]:
        """See Contender."""
        source: Source | None = None
        references: dict[str, Motion] = {}
        for batch in batches(frames, self.animator.batch_size):
            source = source or self.animator.set_source(batch[0].picture)
            moved = self._detect(frame.picture for frame in batch)
            plain = self.animator.animate(source, moved, options=MotionOptions(relative=False))
            driven = [self._drive(source, batch, driver, references) for driver in drivers]
            for frame, rendered, *others in zip(batch, plain, *driven, strict=True):
                places = to_pixels(rendered.motion.value, rendered.image.shape[:2])
                yield Take(frame, rendered.image, places, dict(zip(drivers, others, strict=True)))

    def _drive(
        self, source: Source, batch: Sequence[ClipFrame], driver: str, references: dict[str, Motion]
    ) -> list[Picture]:
        """Let another driver move the source; the clip's first frame is the reference, as in `animate`."""
        moved = self._detect(driving_picture(frame, driver) for frame in batch)
        reference = references.setdefault(driver, moved[0][0])
        return [rendered.image for rendered in self.animator.animate(source, moved, reference)]

    def _detect(self, pictures: Iterable[Picture]) -> list[tuple[Motion, Fraction]]:
        """Find each picture's keypoints; their times do not matter, since nothing is smoothed."""
        return [(motion, Fraction(0)) for motion in self.animator.detect(pictures)]


def driving_picture(frame: ClipFrame, driver: str) -> Picture:
    """Return the picture with which a driver of this name drives a frame."""
    return RESTYLES[driver](frame.picture) if driver in RESTYLES else frame.others[driver]


class FilesContender:
    """Finished videos, paired with the clips by name; a lone one is paired with whatever clip there is."""

    offers: frozenset[str] = frozenset()

    def __init__(self, path: Path, name: str | None = None, *, lone: bool = False) -> None:
        """List the results.

        Raises:
            DataError: the folder is missing or empty.
        """
        self.path, self.results, self.lone = path, named_clips(path), lone
        self.name = name or path.name or str(path)
        self._sizes: dict[str, tuple[Size, Size]] = {}

    def fingerprint(self, clip: Clip) -> str:
        """See Contender."""
        path = self._path_of(clip)
        return "" if path is None else FileClip(path, clip.name).fingerprint

    def remark(self, clip: Clip) -> list[str]:
        """See Contender."""
        notes, path = [], self._path_of(clip)
        assert path is not None, "it was performed"  # noqa: S101
        truth, result = self._sizes.get(clip.name, ((0, 0), (0, 0)))
        if truth != result:
            notes.append(
                f"{path}: is {shown(result)} and the truth {shown(truth)}; the truth was resized to it"
            )
        length, wanted = FileClip(path, clip.name).num_frames, clip.num_frames
        if length is not None and wanted is not None and length != wanted:
            notes.append(
                f"{path}: has {length} frames and the truth {wanted}; the first {min(length, wanted)} were compared"
            )
        return notes

    def _path_of(self, clip: Clip) -> Path | None:
        return next(iter(self.results.values())) if self.lone else self.results.get(clip.name)

    def check(self, clips: Sequence[Clip]) -> list[str]:
        """See Contender."""
        missing = [clip.name for clip in clips if self._path_of(clip) is None]
        extra = [] if self.lone else sorted(self.results.keys() - {clip.name for clip in clips})
        notes = []
        if missing:
            notes.append(f"{self.path}: has no result for {named(missing)}")
        if extra:
            notes.append(f"{self.path}: {named(extra)} is not among the truth's clips and is left out")
        return notes

    def perform(
        self, clip: Clip, frames: Iterable[ClipFrame], drivers: Sequence[str]
    ) -> Generator[Take, None, None]:
        """See Contender; what one of the two has more of is left out."""
        path = self._path_of(clip)
        if path is None:
            raise DataError(f"{self.path}: has no result for {clip.name}")
        with open_reader(path) as reader:
            for frame, result in zip(frames, reader, strict=False):
                check_aspect(frame.picture, result.image, path)
                self._sizes[clip.name] = frame.picture.shape[:2], result.image.shape[:2]
                yield Take(frame, result.image, None, {})


def named(names: Sequence[str], most: int = 3) -> str:
    """List names in a sentence, the first few of many."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def shown(size: Size) -> str:
    """Write a size (height, width) as people do."""
    return f"{size[1]}x{size[0]}"


def check_aspect(truth: Picture, result: Picture, path: Path) -> None:
    """Make sure that two pictures show the same field.

    Raises:
        DataError: they differ in shape.
    """
    (height, width), (other_height, other_width) = truth.shape[:2], result.shape[:2]
    ratio = (width / height) / (other_width / other_height)
    if not 1 / LARGEST_SHEAR < ratio < LARGEST_SHEAR:
        raise DataError(
            f"{path}: is {other_width}x{other_height} but the truth {width}x{height}; crop them to one shape"
        )


def resized(picture: Picture, size: tuple[int, ...]) -> Picture:
    """Bring a picture [H, W, 3] to (height, width), as the model's own input is."""
    if picture.shape[:2] == tuple(size):
        return picture
    return np.ascontiguousarray(to_tensor(picture, size).permute(1, 2, 0).numpy())
