"""A first look at a folder of training videos: is it there, and what is in it."""

import os
from dataclasses import dataclass
from pathlib import Path

from animate_cli.errors import DataError

VIDEOS = {".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif"}
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
SUBSETS = ("train", "test")


@dataclass(frozen=True)
class SubsetCounts:
    """What one subset holds: videos, folders of frames, stacked pictures, and what is none of these."""

    videos: int
    folders: int
    pictures: int
    others: int

    @property
    def clips(self) -> int:
        """All that can be trained on."""
        return self.videos + self.folders + self.pictures


def count_data(folder: Path) -> dict[str, SubsetCounts]:
    """Count the clips in ``folder/train`` and ``folder/test``.

    Raises:
        DataError: the folder or its train subset is missing, unreadable or without clips.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; --data names a folder with train/ and test/ in it")
    subsets = {name: _count(folder / name) for name in SUBSETS if (folder / name).is_dir()}
    if "train" not in subsets:
        raise DataError(f"{folder}: has no folder train/ with the clips to train on")
    if not subsets["train"].clips:
        raise DataError(f"{folder / 'train'}: holds no videos, folders of frames or stacked pictures")
    return subsets


def _count(folder: Path) -> SubsetCounts:
    try:
        entries = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({error.strerror})") from None
    unreadable = next((path for path in entries if not os.access(path, os.R_OK)), None)
    if unreadable is not None:
        raise DataError(f"{unreadable}: cannot be read (permission denied)")
    kinds = [_kind(path) for path in entries]
    return SubsetCounts(*(kinds.count(kind) for kind in ("video", "folder", "picture", "other")))


def _kind(path: Path) -> str:
    if path.is_dir():
        return "folder" if any(inner.suffix.lower() in PICTURES for inner in path.iterdir()) else "other"
    ending = path.suffix.lower()
    return "video" if ending in VIDEOS else "picture" if ending in PICTURES else "other"
