"""A folder of videos as the trainer sees it: names, identities, and any frame at once.

Each video is decoded once, resized to the model's size, and kept as an array file that is mapped into memory.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.arrays import to_tensor
from animate_cli.errors import DataError, MediaError
from animate_cli.files import atomic_path, explain
from animate_cli.media import open_reader

MIN_FRAMES = 2
MASK_ENDING = ".mask.mp4"
NOT_VIDEOS = {".npz", ".csv", ".txt", ".yaml", ".json", ".md"}


@dataclass(frozen=True)
class Video:
    """One video, GIF, stacked picture or folder of frames; its identity is its name before ``#``."""

    path: Path

    @property
    def name(self) -> str:
        """What it is called, without an ending."""
        return self.path.name if self.path.is_dir() else self.path.stem

    @property
    def identity(self) -> str:
        """Who is seen: exactly what stands before the first ``#`` of the name, or the whole name."""
        return self.name.partition("#")[0]

    @property
    def mask(self) -> "Video | None":
        """NAME.mask.mp4 beside it, white on the object, where there is one."""
        path = self.path.with_name(f"{self.name}{MASK_ENDING}")
        return Video(path) if path.is_file() else None


def list_videos(folder: Path, split: str = "train") -> list[Video]:
    """List the videos of ``folder/split``, or of ``folder`` where it has no such folder, sorted by name.

    Raises:
        DataError: the folder is missing or holds no videos.
    """
    inside = folder / split
    return list_folder(inside if inside.is_dir() else folder)


def list_folder(root: Path) -> list[Video]:
    """List the videos that lie in a folder, sorted by name.

    Raises:
        DataError: the folder is missing or holds no videos.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder of training videos")
    videos = [
        Video(path) for path in sorted(root.iterdir()) if not path.name.startswith(".") and is_video(path)
    ]
    if not videos:
        raise DataError(
            f"{root}: holds no videos; put videos, GIFs, stacked pictures or folders of frames there"
        )
    return videos


def is_video(path: Path) -> bool:
    """Whether an entry of a data folder is a video of its own, not the truth or mask beside one."""
    return path.is_dir() or not (path.name.endswith(MASK_ENDING) or path.suffix.lower() in NOT_VIDEOS)


class FrameStore:
    """Random access to the frames of videos, uint8 [T, H, W, 3], through a cache folder."""

    def __init__(self, cache: Path, size: tuple[int, int]) -> None:
        self.cache = cache
        self.size = size
        self.stored: dict[Path, Path] = {}

    def frames(self, video: Video) -> NDArray[np.uint8]:
        """Return a video's frames, mapped from the cache; nothing stays open, however many videos there are.

        Raises:
            DataError: the video is unreadable or has too few frames, or the cache cannot be written or is damaged.
        """
        try:
            if video.path not in self.stored:
                self.stored[video.path] = self._store(video)
            frames: NDArray[np.uint8] = np.load(self.stored[video.path], mmap_mode="r")
        except OSError as error:
            raise DataError(f"{error.filename or self.cache}: {explain(error)}") from None
        except (ValueError, EOFError):  # the latter of a file that a power cut left empty
            raise DataError(
                f"{self.stored[video.path]}: is damaged; delete {self.cache} and resume"
            ) from None
        return frames

    def _store(self, video: Video) -> Path:
        target = self._place(video)
        if not target.exists():
            frames = decode(video, self.size)
            self.cache.mkdir(parents=True, exist_ok=True)
            with atomic_path(target) as temporary, temporary.open("wb") as file:
                np.save(file, frames.numpy())
        return target

    def _place(self, video: Video) -> Path:
        """Name the cache's file after all that its contents depend on."""
        parts = sorted(video.path.iterdir()) if video.path.is_dir() else [video.path]
        facts = [(part.name, part.stat().st_size, part.stat().st_mtime_ns) for part in parts]
        key = f"{video.path.resolve()}:{facts}:{self.size}"
        digest = hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()  # names need not be UTF-8
        return self.cache / f"{digest[:24]}.npy"


def decode(video: Video, size: tuple[int, int]) -> Tensor:
    """Read all frames of a video, resized to (height, width): uint8 [T, height, width, 3].

    Raises:
        DataError: it is unreadable or has too few frames.
    """
    try:
        with open_reader(video.path) as reader:
            frames = [to_tensor(frame.image, size) for frame in reader]
    except MediaError as error:
        raise DataError(f"training video cannot be used: {error}") from None
    if len(frames) < MIN_FRAMES:
        raise DataError(
            f"{video.path}: a training video needs at least {MIN_FRAMES} frames, not {len(frames)}"
        )
    return torch.stack(frames).permute(0, 2, 3, 1)
