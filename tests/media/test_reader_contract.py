"""What holds for every kind of moving picture that can be read."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from animate_cli.errors import MediaError
from animate_cli.media import open_reader, read_image
from animate_cli.media.values import Pixels
from animate_cli.media.video import Video
from tests.media.clips import CLIPS, COLORS, COUNT, HEIGHT, WIDTH

STEP = Fraction(1, 25)
STILLS = ("folder", "stacked")
HARD_NAME = "a 'b\" %03d é.unknown"


@pytest.fixture(scope="module", params=CLIPS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def clip(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return CLIPS[kind](tmp_path_factory.mktemp(kind) / HARD_NAME)


def test_tells_what_the_clip_holds(clip: Path, kind: str) -> None:
    info = open_reader(clip).info
    assert (info.width, info.height) == (HEIGHT if kind == "stacked" else WIDTH, HEIGHT)
    assert (info.fps, info.num_frames, info.duration) == (Fraction(25), COUNT, COUNT * STEP)
    assert not info.has_audio


def test_yields_every_frame_in_its_colors_at_its_time(clip: Path) -> None:
    reader = open_reader(clip)
    frames = list(reader)
    assert [frame.time for frame in frames] == [k * STEP for k in range(COUNT)]
    assert {frame.duration for frame in frames} == {STEP}
    for frame, color in zip(frames, COLORS, strict=True):
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (reader.info.height, reader.info.width, 3)
        assert np.abs(frame.image.astype(int) - color).max() <= 3
    assert reader.warnings == ()


def test_can_be_read_twice_with_the_same_result(clip: Path) -> None:
    with open_reader(clip) as reader:
        next(iter(reader))
        for first, second in zip(reader, reader, strict=True):
            assert first.time == second.time
            assert np.array_equal(first.image, second.image)


def test_range_is_chosen_by_time_and_starts_at_0(clip: Path) -> None:
    reader = open_reader(clip, start=3 * STEP, end=7 * STEP)
    frames = list(reader)
    assert (reader.info.num_frames, reader.info.duration) == (4, 4 * STEP)
    assert [frame.time for frame in frames] == [k * STEP for k in range(4)]
    assert np.abs(frames[0].image.astype(int) - COLORS[3]).max() <= 3


@pytest.mark.parametrize("rate", [None, Fraction(10)])
def test_glimpses_are_every_nth_picture(clip: Path, rate: Fraction | None) -> None:
    reader = open_reader(clip, start=STEP, fps=rate)
    pictures = [frame.image for frame in reader]
    glimpses = list(reader.glimpses(3))
    assert [picture is not None for picture in glimpses] == [k % 3 == 0 for k in range(len(pictures))]
    for picture, glimpse in zip(pictures[::3], glimpses[::3], strict=True):
        assert glimpse is not None
        assert np.array_equal(picture, glimpse)


def test_of_a_video_only_glimpses_are_converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, convert = open_reader(CLIPS["mp4"](tmp_path / "clip.mp4")), Video.pixels
    converted = []

    def count(*given: Any) -> Pixels:
        converted.append(convert(*given))
        return converted[-1]

    monkeypatch.setattr(Video, "pixels", count)
    assert len(list(reader.glimpses(4))) == COUNT
    assert len(converted) == math.ceil(COUNT / 4)


def test_range_without_frames_is_one_clear_line(clip: Path) -> None:
    with pytest.raises(MediaError, match="no frame between the start and the end") as caught:
        open_reader(clip, start=Fraction(100))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rate", [Fraction(10), Fraction(50), Fraction(30000, 1001)])
def test_rate_keeps_the_duration_or_is_that_of_stills(clip: Path, kind: str, rate: Fraction) -> None:
    reader = open_reader(clip, fps=rate)
    frames = list(reader)
    count = COUNT if kind in STILLS else round(COUNT * STEP * rate)
    assert reader.info.fps == rate
    assert len(frames) == reader.info.num_frames == count
    assert [frame.time for frame in frames] == [k / rate for k in range(count)]
    if kind not in STILLS:
        shown = [math.floor(frame.time / STEP) for frame in frames]
        assert [abs(int(f.image[0, 0, 0]) - COLORS[k][0]) <= 3 for f, k in zip(frames, shown, strict=True)]


def test_first_frame_serves_as_a_picture(clip: Path, kind: str) -> None:
    if kind == "folder":
        with pytest.raises(MediaError, match="is a folder"):
            read_image(clip)
        return
    image = read_image(clip)
    assert np.abs(image[:, :HEIGHT].astype(int) - COLORS[0]).max() <= 3
    assert image.shape[1] == (HEIGHT * COUNT if kind == "stacked" else WIDTH)


def test_name_may_begin_with_a_dash(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = clip.parent / "-i"
    if not link.exists():
        link.symlink_to(clip)
    monkeypatch.chdir(clip.parent)
    assert len(list(open_reader("-i"))) == COUNT
