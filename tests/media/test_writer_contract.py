"""What holds for every kind of moving picture that can be written."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.errors import MediaError
from animate_cli.media import FrameReader, FrameWriter, open_reader, open_writer
from tests.media.clips import COLORS, HEIGHT, WIDTH, Pixels, flat

KINDS = [".mp4", ".mov", ".mkv", ".webm", ".gif", ".png", ""]
NAME = "-a 'b\" %03d é"
NTSC = Fraction(30000, 1001)
SATURATED = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 30, 90), (250, 240, 10)]


@pytest.fixture(params=KINDS)
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"{NAME}{request.param}"


def write(
    output: Path, images: list[Pixels], fps: Fraction = Fraction(25), alpha: bool = False
) -> FrameReader:
    height, width = images[0].shape[:2]
    with open_writer(output, width=width, height=height, fps=fps, alpha=alpha) as writer:
        for image in images:
            writer.write(image)
    assert writer.num_frames == len(images)
    assert list(output.parent.iterdir()) == [output]
    return open_reader(output, alpha=alpha)


def test_frames_come_back_in_their_colors_at_their_times(output: Path) -> None:
    reader = write(output, [flat(color) for color in COLORS])
    frames = list(reader)
    info = reader.info
    assert (info.fps, info.num_frames, info.duration) == (Fraction(25), 10, Fraction(2, 5))
    assert [frame.time for frame in frames] == [Fraction(k, 25) for k in range(10)]
    for frame, color in zip(frames, COLORS, strict=True):
        assert np.abs(frame.image.astype(int) - color).max() <= (26 if output.suffix == ".gif" else 3)
    assert reader.warnings == ()


@pytest.mark.parametrize("color", SATURATED)
def test_flat_picture_comes_back_within_2(output: Path, color: tuple[int, ...]) -> None:
    for frame in write(output, [flat(color)] * 2):
        assert np.abs(frame.image.astype(int) - color).max() <= 2


@pytest.mark.parametrize("fps", [Fraction(24), NTSC, Fraction(50), Fraction(12345, 1001)])
def test_rate_comes_back_exactly(output: Path, fps: Fraction) -> None:
    if output.suffix == "":
        pytest.skip("a folder has no rate")
    reader = write(output, [flat(color) for color in COLORS], fps)
    times = [frame.time for frame in reader]
    if output.suffix == ".gif":
        assert all(abs(time - k / fps) <= Fraction(1, 100) for k, time in enumerate(times))
    else:
        assert (reader.info.fps, reader.info.duration) == (fps, 10 / fps)
        assert times == [k / fps for k in range(10)]


def test_varying_times_come_back(output: Path) -> None:
    if output.suffix == "":
        pytest.skip("a folder has no times")
    times = [Fraction(0), Fraction(1, 30), Fraction(1, 10), Fraction(1, 4), Fraction(1)]
    with open_writer(output, width=WIDTH, height=HEIGHT, fps=Fraction(5)) as writer:
        for time, color in zip(times, COLORS, strict=False):
            writer.write(flat(color), time, Fraction(3, 10))
    reader = open_reader(output)
    rounding = {".gif": Fraction(1, 100), ".mkv": Fraction(1, 1000), ".webm": Fraction(1, 1000)}
    allowed = rounding.get(output.suffix, Fraction(0))
    for frame, time in zip(reader, times, strict=True):
        assert abs(frame.time - time) <= allowed
    if output.suffix != ".png":
        assert reader.info.duration is not None
        assert abs(reader.info.duration - Fraction(13, 10)) <= allowed


@pytest.mark.parametrize("size", [(1, 1), (5, 7), (65, 49)])
def test_odd_sizes(output: Path, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    reader = write(output, [rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)] * 3)
    grown = output.suffix in (".mp4", ".mov", ".mkv")
    wanted = tuple(side + side % 2 for side in size) if grown else size
    assert (reader.info.width, reader.info.height) == wanted
    assert len(list(reader)) == 3


def test_transparency_is_kept_or_refused(output: Path) -> None:
    image = flat((200, 30, 90, 255))
    image[:, :32, 3] = 0
    if output.suffix == ".mp4":
        with pytest.raises(MediaError, match=r"\.mp4 cannot keep transparency; use \.png, \.webm or \.mov"):
            write(output, [image], alpha=True)
        return
    reader = write(output, [image] * 3, alpha=True)
    assert reader.info.has_alpha
    for frame in reader:
        assert np.abs(frame.image[:, :28, 3].astype(int)).max() <= 2
        assert np.abs(frame.image[:, 36:].astype(int) - (200, 30, 90, 255)).max() <= 3


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_failure_leaves_the_old_output_and_nothing_else(output: Path, failure: type[BaseException]) -> None:
    before = None
    if output.suffix:
        output.write_text("old")
        before = "old"
    with (
        pytest.raises(failure),
        open_writer(output, width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer,
    ):
        write_and_fail(writer, failure)
    assert (output.read_text() if output.exists() else None) == before
    assert list(output.parent.iterdir()) == ([output] if before else [])


def write_and_fail(writer: FrameWriter, failure: type[BaseException]) -> None:
    writer.write(flat(COLORS[0]))
    raise failure


def test_output_appears_only_when_finished(output: Path) -> None:
    with open_writer(output, width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer:
        writer.write(flat(COLORS[0]))
        assert not output.exists()
        writer.finish()
        assert output.exists()
    assert len(list(open_reader(output))) == 1


def test_no_frames_is_an_error(output: Path) -> None:
    with (
        pytest.raises(MediaError, match="no frames to write"),
        open_writer(output, width=WIDTH, height=HEIGHT, fps=Fraction(25)),
    ):
        pass
    assert list(output.parent.iterdir()) == []


def test_frames_that_do_not_fit_are_refused(output: Path) -> None:
    wrong = [flat((1, 2, 3), 10, 10), flat((1, 2, 3, 4)), flat((1, 2, 3)).astype(np.float32)]
    with open_writer(output, width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer:
        for image in wrong:
            with pytest.raises(ValueError, match="frame is"):
                writer.write(image)  # type: ignore[arg-type]
        writer.write(flat(COLORS[0]), Fraction(1))
        with pytest.raises(ValueError, match="does not follow"):
            writer.write(flat(COLORS[0]), Fraction(1, 2))


def test_relative_name_with_a_leading_dash(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(output.parent)
    assert len(list(write(Path(output.name).absolute(), [flat(COLORS[0])]))) == 1
    with open_writer("-i" + output.suffix, width=WIDTH, height=HEIGHT, fps=Fraction(25)) as writer:
        writer.write(flat(COLORS[0]))
    assert len(list(open_reader("-i" + output.suffix))) == 1
