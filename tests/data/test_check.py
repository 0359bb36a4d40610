"""A data folder with everything wrong in it, and what is found."""

import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from animate_cli.data.check import DataReport, check_videos, compare_splits
from animate_cli.errors import DataError
from animate_cli.media import open_writer, write_image

Clip = list[NDArray[np.uint8]]


def scene(seed: int, frames: int = 12, size: int = 64) -> Clip:
    """Return a clip of blobs that drift, unlike that of any other seed."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 255, (10, 10, 3), dtype=np.uint8)
    wide = cv2.resize(small, (2 * size, size), interpolation=cv2.INTER_CUBIC)
    return [np.ascontiguousarray(wide[:, 2 * shift : 2 * shift + size]) for shift in range(frames)]


def write(path: Path, clip: Clip) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = clip[0].shape[:2]
    with open_writer(path, width=width, height=height, fps=Fraction(25)) as writer:
        for picture in clip:
            writer.write(picture)


def look(folder: Path) -> DataReport:
    return compare_splits(folder, list(check_videos(folder)))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, seed in (("train/a#1", 1), ("train/b#1", 2), ("train/c#1", 3), ("test/d#1", 4)):
        write(tmp_path / f"{name}.mp4", scene(seed))
    return tmp_path


def test_splits_that_keep_apart(data: Path) -> None:
    report = look(data)
    assert (list(report.overlaps), list(report.shared_identities), report.unusable) == ([], [], [])


def test_a_copy_is_found_at_another_size_and_as_a_part(data: Path) -> None:
    part = [cv2.resize(picture, (96, 80)).astype(np.uint8) for picture in scene(2)[3:9]]
    write(data / "test" / "copy#1.gif", part)
    overlaps = look(data).overlaps
    assert [(one.train.name, one.test.name, one.mirrored) for one in overlaps] == [
        ("b#1.mp4", "copy#1.gif", False)
    ]
    assert "b#1.mp4" in str(overlaps[0])


def test_a_mirror_image_is_found(data: Path) -> None:
    write(data / "test" / "e#1.mp4", [np.ascontiguousarray(picture[:, ::-1]) for picture in scene(3)])
    assert [(one.train.name, one.mirrored) for one in look(data).overlaps] == [("c#1.mp4", True)]


def test_black_clips_are_not_compared(data: Path) -> None:
    for split in ("train", "test"):
        write(data / split / "night#1.mp4", [np.zeros((64, 64, 3), np.uint8)] * 4)
    report = look(data)
    assert list(report.overlaps) == []
    assert list(report.shared_identities) == ["night"]


def test_what_cannot_be_trained_on(data: Path) -> None:
    (data / "train" / "empty.mp4").touch()
    write(data / "train" / "short.mp4", scene(7, frames=1))
    for index, size in enumerate((40, 48)):
        (data / "train" / "uneven").mkdir(exist_ok=True)
        write_image(data / "train" / "uneven" / f"{index}.png", np.zeros((size, size, 3), np.uint8))
    problems = {one.video.path.name: one.problem for one in look(data).unusable}
    assert problems.keys() == {"empty.mp4", "short.mp4", "uneven"}
    assert "has 1 frame, 2 are needed" in problems["short.mp4"]


def test_masks_that_cannot_be_trained_on(data: Path) -> None:
    for name, frames in (("a#1", 12), ("b#1", 9)):
        write(data / "train" / f"{name}.mask.mp4", scene(9, frames=frames))
    assert look(data).unusable == []  # of a split that is not masked throughout no mask is read
    (data / "train" / "c#1.mask.mp4").touch()
    problems = {one.video.path.name: one.problem for one in look(data).unusable}
    assert problems.keys() == {"b#1.mp4", "c#1.mp4"}
    assert "b#1.mask.mp4: has 9 frames, its video 12" in problems["b#1.mp4"]


def test_the_report_as_json(data: Path) -> None:
    write(data / "train" / "small.mp4", scene(8, size=32))
    found = json.loads(json.dumps(look(data).to_mapping()))
    assert found["splits"]["train"] == {
        "videos": 4, "unusable": 0, "identities": 4, "frames": 48, "fewest_frames": 12, "most_frames": 12,
        "sizes": ["32x32", "64x64"],
    }  # fmt: skip
    assert [video["split"] for video in found["videos"]] == ["train"] * 4 + ["test"]
    assert found["videos"][0]["problem"] is None


def test_folders_that_are_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        look(tmp_path / "missing")
    (tmp_path / "test").mkdir()
    with pytest.raises(DataError, match="no folder train/"):
        look(tmp_path)
