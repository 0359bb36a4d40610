"""Codecs and qualities that a user may ask for, and folders that hold something."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from animate_cli.errors import MediaError
from animate_cli.media import open_reader, open_writer
from tests.media.clips import COLORS, HEIGHT, WIDTH, flat


def write(path: Path, *, crf: int | None = None, codec: str | None = None, overwrite: bool = False) -> None:
    with open_writer(
        path, width=WIDTH, height=HEIGHT, fps=Fraction(25), crf=crf, codec=codec, overwrite=overwrite
    ) as writer:
        for color in COLORS[:3]:
            writer.write(flat(color))


@pytest.mark.parametrize(
    ("ending", "codec", "name"),
    [
        ("mp4", "h265", "hevc"),
        ("mp4", "av1", "av1"),
        ("mov", "prores", "prores"),
        ("mkv", "ffv1", "ffv1"),
        ("mkv", "VP9", "vp9"),
        ("webm", "libvpx-vp9", "vp9"),
    ],
)
def test_codec_is_used_with_right_colors_and_rate(tmp_path: Path, ending: str, codec: str, name: str) -> None:
    path = tmp_path / f"codec.{ending}"
    write(path, codec=codec)
    with av.open(path) as container:
        assert name in container.streams.video[0].codec.canonical_name
    reader = open_reader(path)
    assert reader.info.fps == 25
    for frame, color in zip(reader, COLORS, strict=False):
        assert np.abs(frame.image.astype(int) - color).max() <= 3


def test_codec_that_does_not_fit_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"codec 'h264' is not for \.webm; use vp9, av1"):
        write(tmp_path / "a.webm", codec="h264")
    with pytest.raises(MediaError, match="no quality to choose"):
        write(tmp_path / "a.gif", crf=20)
    assert list(tmp_path.iterdir()) == []


def test_videos_are_tagged_bt709(tmp_path: Path) -> None:
    for ending in ("mp4", "mov", "mkv", "webm"):
        write(tmp_path / f"tags.{ending}")
        with av.open(tmp_path / f"tags.{ending}") as container:
            frame = next(container.decode(video=0))
        assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)


def test_crf_changes_the_size(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    for crf in (5, 45):
        with open_writer(tmp_path / f"{crf}.mp4", width=64, height=64, fps=Fraction(25), crf=crf) as writer:
            writer.write(image)
    assert (tmp_path / "5.mp4").stat().st_size > 2 * (tmp_path / "45.mp4").stat().st_size


def test_fast_frames_are_thinned_for_gif(tmp_path: Path) -> None:
    with open_writer(tmp_path / "fast.gif", width=WIDTH, height=HEIGHT, fps=Fraction(100)) as writer:
        for color in COLORS:
            writer.write(flat(color))
    reader = open_reader(tmp_path / "fast.gif")
    assert [frame.time * 50 for frame in reader] == [0, 1, 2, 3, 4]


def test_full_folder_needs_overwrite_and_keeps_other_files(tmp_path: Path) -> None:
    path = tmp_path / "frames"
    path.mkdir()
    for name in ("000000.png", "000009.png", "notes.txt", "mine.png"):
        (path / name).write_text("old")
    with pytest.raises(MediaError, match="the folder is not empty; use --overwrite"):
        write(path)
    write(path, overwrite=True)
    names = ["000000.png", "000001.png", "000002.png", "mine.png", "notes.txt"]
    assert sorted(file.name for file in path.iterdir()) == names
    assert list(tmp_path.iterdir()) == [path]
