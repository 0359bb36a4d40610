"""Clips from files: a folder of videos, with the masks and landmarks that lie beside them; or a single clip."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from animate_cli.data.videos import list_videos
from animate_cli.errors import DataError
from animate_cli.media import open_reader
from animate_cli.media.sniff import Kind, sniff
from animate_cli.metrics.evaluation.clips import ClipFrame
from animate_cli.metrics.values import Landmarks

MASK_ENDING, LANDMARKS_ENDING = ".mask.mp4", ".landmarks.npz"
ON_OBJECT = 128
"""Values of a mask video from here on are the object."""


@dataclass(frozen=True)
class FileClip:
    """A video, GIF, stacked picture or folder of frames."""

    path: Path
    name: str
    subsets: tuple[str, ...] = ()

    @cached_property
    def _info(self) -> tuple[Fraction, int | None]:
        with open_reader(self.path) as reader:
            return reader.info.fps, reader.info.num_frames

    @property
    def fps(self) -> Fraction:
        """Frames a second."""
        return self._info[0]

    @property
    def num_frames(self) -> int | None:
        """As the file promises."""
        return self._info[1]

    @property
    def fingerprint(self) -> str:
        """Names, sizes and times of all files that the clip is read from."""
        inside = sorted(self.path.iterdir()) if self.path.is_dir() else [self.path]
        files = [*inside, *(path for path in (self.mask_path, self.landmarks_path) if path)]
        facts = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        return f"{self.path.resolve()}:{facts}"

    @property
    def mask_path(self) -> Path | None:
        """The video of the object's mask beside the clip."""
        return self.beside(MASK_ENDING)

    @property
    def landmarks_path(self) -> Path | None:
        """The file of true landmarks beside the clip."""
        return self.beside(LANDMARKS_ENDING)

    def beside(self, ending: str) -> Path | None:
        """Return the file of this ending beside the clip, or None."""
        path = self.path.parent / f"{self.path.stem}{ending}"
        return path if path.is_file() else None

    def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
        """See Clip.

        Raises:
            MediaError: the clip or its mask cannot be read.
            DataError: its landmarks cannot be read.
        """
        with ExitStack() as stack:
            reader = stack.enter_context(open_reader(self.path))
            masks: Iterable[NDArray[np.bool_] | None] = repeat(None)
            if self.mask_path:
                masks = stack.enter_context(closing(read_masks(self.mask_path)))
            marks = read_marks(self.landmarks_path) if self.landmarks_path else repeat(None)
            for frame, mask, mark in zip(reader, masks, marks, strict=False):
                yield ClipFrame(frame.image, mask, mark)


def read_masks(path: Path) -> Generator[NDArray[np.bool_], None, None]:
    """Yield the masks [H, W] of a mask video."""
    with open_reader(path) as reader:
        for frame in reader:
            yield frame.image[..., 0] >= ON_OBJECT


def read_marks(path: Path) -> Iterator[Landmarks]:
    """Yield the true landmarks of each frame, a batch of one each.

    Raises:
        DataError: the file holds no landmarks.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            points, visible = file["points"].astype(np.float64), file["visible"].astype(bool)
            names = tuple(map(str, file["names"])) if "names" in file else ()
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: holds no landmarks (points and visible); delete it or make it anew"
        ) from error
    if points.ndim != 3 or points.shape[2] != 2 or visible.shape != points.shape[:2]:
        raise DataError(f"{path}: points must be [T, L, 2] and visible [T, L], not {points.shape}")
    if len(names) not in (0, points.shape[1]):
        raise DataError(f"{path}: has {len(names)} names for {points.shape[1]} landmarks")
    for index in range(len(points)):
        yield Landmarks(points[index : index + 1], visible[index : index + 1], names)


class FolderClips:
    """The clips of a folder, or of its ``test`` folder; a single file or folder of frames is one clip."""

    def __init__(self, path: Path, limit: int | None = None) -> None:
        """List the clips; only the first ``limit`` of them where it is given.

        Raises:
            DataError: the folder is missing or empty, or two clips have one name.
        """
        self.path = path
        self._clips = [FileClip(one, name) for name, one in named_clips(path).items()][:limit]
        kinds = {"mask": MASK_ENDING, "marks": LANDMARKS_ENDING}
        self.offers = frozenset(
            kind for kind, ending in kinds.items() if all(clip.beside(ending) for clip in self._clips)
        )

    @property
    def facts(self) -> Mapping[str, Any]:
        """See DataSet."""
        return {"name": self.path.name or str(self.path), "path": str(self.path), "videos": len(self._clips)}

    def clips(self) -> Sequence[FileClip]:
        """See DataSet."""
        return self._clips


def named_clips(path: Path) -> dict[str, Path]:
    """Name the clips of a folder by their names without ending, sorted.

    Raises:
        DataError: the folder is missing or empty, or two clips have one name.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if not path.is_dir() or holds_frames(path):
        return {clip_name(path): path}
    clips: dict[str, Path] = {}
    for video in list_videos(path, "test"):
        name = clip_name(video.path)
        if name in clips:
            raise DataError(f"{video.path} and {clips[name].name} have one name; rename or remove one")
        clips[name] = video.path
    return clips


def clip_name(path: Path) -> str:
    """Return what a clip is called: its name without ending."""
    return path.name if path.is_dir() else path.stem


def holds_frames(folder: Path) -> bool:
    """Tell a folder of frames, all of them single pictures, from a folder of clips."""
    entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
    if not entries or any(entry.is_dir() for entry in entries):
        return False
    endings = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"}
    pictures = [entry for entry in entries if entry.suffix.lower() in endings]
    return len(pictures) == len(entries) and all(sniff(entry) is Kind.PICTURE for entry in pictures[:3])
