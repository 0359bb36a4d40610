"""A look at a folder of training videos: can each be read, is there enough in it, do the splits keep apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from animate_cli.data.splits import SPLITS, list_splits
from animate_cli.data.twins import ClipHashes, Hasher, find_twins
from animate_cli.data.videos import MIN_FRAMES, Video
from animate_cli.errors import MediaError
from animate_cli.media import open_reader

NOTHING_SEEN = Hasher().finish()


@dataclass(frozen=True, eq=False)
class Checked:
    """One video of a split: what reading it to its end showed, and what is wrong with it.

    size: (height, width) of its frames. warnings: damage that was passed over.
    """

    split: str
    video: Video
    frames: int = 0
    size: tuple[int, int] = (0, 0)
    problem: str = ""
    warnings: tuple[str, ...] = ()
    hashes: ClipHashes = NOTHING_SEEN


@dataclass(frozen=True)
class Overlap:
    """A video of the training split that shows what one of the test split shows, perhaps mirrored."""

    train: Path
    test: Path
    mirrored: bool

    def __str__(self) -> str:
        shows = "nearly the mirror image of" if self.mirrored else "nearly the same pictures as"
        return f"{self.test} shows {shows} {self.train}"


@dataclass(frozen=True)
class DataReport:
    """What was found in a data folder."""

    folder: Path
    checked: Sequence[Checked]
    overlaps: Sequence[Overlap]
    shared_identities: Sequence[str]

    @property
    def unusable(self) -> list[Checked]:
        """The videos that cannot be trained on."""
        return [one for one in self.checked if one.problem]

    def to_mapping(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "schema": 1,
            "folder": str(self.folder),
            "splits": {split: _summary(some) for split, some in by_split(self.checked).items()},
            "videos": [_describe(one) for one in self.checked],
            "overlaps": [
                {"train": str(one.train), "test": str(one.test), "mirrored": one.mirrored}
                for one in self.overlaps
            ],
            "shared_identities": list(self.shared_identities),
        }


def check_videos(folder: Path) -> Iterator[Checked]:
    """Read every video of the training and the test split to its end.

    Raises:
        DataError: the folder is missing, or a split holds no videos.
    """
    for split, videos in list_splits(folder).items():
        masked = all(video.mask for video in videos)
        for video in videos:
            yield check_video(split, video, masked=masked)


def check_video(split: str, video: Video, *, masked: bool) -> Checked:
    """Read a video to its end, and its mask, which training takes where all videos of a split are masked."""
    hasher, count, size = Hasher(), 0, (0, 0)
    try:
        with open_reader(video.path) as reader:
            for frame in reader:
                hasher.add(frame.image)
                count, size = count + 1, (frame.image.shape[0], frame.image.shape[1])
            warnings = reader.warnings
        problem = _compare_mask(video.mask, count) if masked and video.mask else ""
    except MediaError as error:
        return Checked(split, video, count, size, problem=str(error))
    if count < MIN_FRAMES:
        problem = f"{video.path}: has {count} frame, {MIN_FRAMES} are needed"
    return Checked(split, video, count, size, problem, warnings, hasher.finish())


def _compare_mask(mask: Video, count: int) -> str:
    with open_reader(mask.path) as reader:
        frames = sum(1 for _ in reader)
    return "" if frames == count else f"{mask.path}: has {frames} frames, its video {count}"


def compare_splits(folder: Path, checked: Sequence[Checked]) -> DataReport:
    """Find what the training and the test split share: pictures, mirrored ones too, and identities."""
    train, test = ([one for one in checked if one.split == split] for split in SPLITS)
    twins = find_twins([one.hashes for one in train], [one.hashes for one in test])
    overlaps = [
        Overlap(train[twin.first].video.path, test[twin.second].video.path, twin.mirrored) for twin in twins
    ]
    shared = {one.video.identity for one in train} & {one.video.identity for one in test}
    return DataReport(folder, checked, overlaps, sorted(shared))


def by_split(checked: Sequence[Checked]) -> dict[str, list[Checked]]:
    """Group what was checked."""
    names = dict.fromkeys(one.split for one in checked)
    return {name: [one for one in checked if one.split == name] for name in names}


def describe_splits(report: DataReport) -> Iterator[str]:
    """Describe each split in a line."""
    for split, some in by_split(report.checked).items():
        facts = _summary(some)
        sizes = ", ".join(facts["sizes"]) or "no size"
        yield (
            f"{split}: {facts['videos']} videos of {facts['identities']} identities, {facts['frames']} frames "
            f"({facts['fewest_frames']} to {facts['most_frames']} a video), {sizes}"
        )


def _summary(checked: Sequence[Checked]) -> dict[str, Any]:
    usable = [one for one in checked if not one.problem]
    counts = [one.frames for one in usable]
    sizes = sorted({one.size for one in usable})
    return {
        "videos": len(checked),
        "unusable": len(checked) - len(usable),
        "identities": len({one.video.identity for one in checked}),
        "frames": sum(counts),
        "fewest_frames": min(counts, default=0),
        "most_frames": max(counts, default=0),
        "sizes": [f"{width}x{height}" for height, width in sizes],
    }


def _describe(one: Checked) -> dict[str, Any]:
    return {
        "path": str(one.video.path),
        "split": one.split,
        "identity": one.video.identity,
        "frames": one.frames,
        "width": one.size[1],
        "height": one.size[0],
        "problem": one.problem or None,
        "warnings": list(one.warnings),
    }
