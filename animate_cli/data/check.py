"""A first look at a folder of training videos: can each be opened, and is there enough in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from animate_cli.data.videos import MIN_FRAMES, Video, list_videos
from animate_cli.errors import DataError, MediaError
from animate_cli.media import open_reader

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Checked:
    """One video of a split: its frames as far as the file tells, and what is wrong with it."""

    split: str
    video: Video
    frames: int | None = None
    problem: str = ""


def check_videos(folder: Path) -> Iterator[Checked]:
    """Open every video of the splits that are there, or of a folder without splits.

    Raises:
        DataError: the folder or a split is missing or holds no videos.
    """
    splits = [name for name in SPLITS if (folder / name).is_dir()] or ["all"]
    if splits == ["test"]:
        raise DataError(f"{folder}: has no folder train/ with the videos to train on")
    for split in splits:
        for video in list_videos(folder, split):
            yield _check(split, video)


def _check(split: str, video: Video) -> Checked:
    try:
        with open_reader(video.path) as reader:
            frames = reader.info.num_frames
    except MediaError as error:
        return Checked(split, video, problem=str(error))
    if frames is not None and frames < MIN_FRAMES:
        return Checked(split, video, frames, f"{video.path}: has {frames} frames, {MIN_FRAMES} are needed")
    return Checked(split, video, frames)


def summarise(checked: list[Checked]) -> list[str]:
    """Describe each split in a line.

    Raises:
        DataError: some videos cannot be used; names the first.
    """
    bad = [one for one in checked if one.problem]
    if bad:
        raise DataError(f"{len(bad)} of {len(checked)} videos cannot be used, first {bad[0].problem}")
    splits = dict.fromkeys(one.split for one in checked)
    return [_line(split, [one for one in checked if one.split == split]) for split in splits]


def _line(split: str, checked: list[Checked]) -> str:
    identities = len({one.video.identity for one in checked})
    frames = sum(one.frames or 0 for one in checked)
    return f"{split}: {len(checked)} videos of {identities} identities, {frames} frames"
