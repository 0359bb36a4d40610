"""The driving clip's sound stays with its pictures: a flash and a beep at the same time."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from animate_cli.media import AudioSource, open_reader, open_writer
from tests.media.clips import ffmpeg

FLASH = Fraction(1)
TOLERANCE = 0.03


def make(
    path: Path, *options: str, picture_delay: float = 0, sound_delay: float = 0, length: float = 2
) -> Path:
    """Make 2 s of pictures, white for 0.2 s from FLASH on, that long a beep with them, each track delayed."""
    white = "color=black:s=64x48:r=25:d=2,drawbox=c=white:t=fill:enable='between(n,25,29)'"
    begins = float(FLASH) + picture_delay - sound_delay
    beep = f"aevalsrc='sin(880*2*PI*t)*between(t,{begins},{begins + 0.2})':d={length}:s=48000"
    pictures = ["-itsoffset", str(picture_delay), "-f", "lavfi", "-i", white]
    sound = ["-itsoffset", str(sound_delay), "-f", "lavfi", "-i", beep]
    ffmpeg(*pictures, *sound, *(options or ("-pix_fmt", "yuv420p")), path)
    return path


def beep_of(path: Path) -> tuple[float, float, str]:
    """Return when the beep begins and the sound ends, seconds, and the sound's codec."""
    with av.open(path) as container:
        track = container.streams.audio[0]
        rate, name = track.codec_context.sample_rate, track.codec_context.name
        frames = list(container.decode(track))
    assert frames[0].pts is not None
    assert frames[0].time_base is not None
    begins = float(frames[0].pts * frames[0].time_base)
    planes = [np.abs(frame.to_ndarray().astype(float)) for frame in frames]
    loud = np.concatenate([p[0] if f.format.is_planar else p[0][::f.layout.nb_channels]
                           for p, f in zip(planes, frames, strict=True)])  # fmt: skip
    return begins + int(np.argmax(loud > loud.max() / 3)) / rate, begins + len(loud) / rate, name


def flash_of(path: Path) -> float:
    return next(float(frame.time) for frame in open_reader(path) if frame.image.mean() > 128)


def copy(source: Path, target: Path, start: Fraction | None = None, end: Fraction | None = None) -> Fraction:
    with open_reader(source, start=start, end=end) as reader:
        info = reader.info
        with open_writer(
            target, width=info.width, height=info.height, fps=info.fps, audio=reader.audio
        ) as writer:
            for frame in reader:
                writer.write(frame.image, frame.time, frame.duration)
    assert writer.warnings == ()
    assert sorted(target.parent.iterdir()) == sorted([source, target])
    duration = open_reader(target).info.duration
    assert duration is not None
    return duration


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (Fraction(1, 2), None), (Fraction(51, 100), Fraction(3, 2)), (None, Fraction(3, 2))],
)
def test_beep_stays_with_the_flash(
    tmp_path: Path, ending: str, start: Fraction | None, end: Fraction | None
) -> None:
    target = tmp_path / f"target.{ending}"
    duration = copy(make(tmp_path / "source.mp4"), target, start, end)
    begins, ends, _ = beep_of(target)
    assert abs(begins - flash_of(target)) < TOLERANCE
    assert abs(ends - float(duration)) < 0.04
    with av.open(target) as container:
        assert container.duration is not None
        assert abs(container.duration / 1e6 - float(duration)) < 0.04


@pytest.mark.parametrize(
    ("ending", "picture_delay", "sound_delay"), [("mp4", 0, 0.5), ("mp4", 0.3, 0), ("mkv", 0.3, 0)]
)
@pytest.mark.parametrize("target", ["mp4", "webm"])
def test_tracks_that_begin_apart_stay_in_sync(
    tmp_path: Path, ending: str, picture_delay: float, sound_delay: float, target: str
) -> None:
    source = make(tmp_path / f"source.{ending}", picture_delay=picture_delay, sound_delay=sound_delay)
    copy(source, tmp_path / f"target.{target}")
    begins, _, _ = beep_of(tmp_path / f"target.{target}")
    assert abs(begins - flash_of(tmp_path / f"target.{target}")) < TOLERANCE


def test_longer_sound_is_cut_and_shorter_does_not_cut_pictures(tmp_path: Path) -> None:
    for length in (4, 1.3):
        source = make(tmp_path / "source.mp4", length=length)
        assert copy(source, tmp_path / "target.mp4") == 2
        assert beep_of(tmp_path / "target.mp4")[1] < 2.04


def test_sound_is_copied_where_it_can_be(tmp_path: Path) -> None:
    opus = make(tmp_path / "source.mkv", "-c:a", "libopus", "-pix_fmt", "yuv420p")
    for ending, codec in (("webm", "opus"), ("mkv", "opus"), ("mp4", "aac")):
        copy(opus, tmp_path / f"target.{ending}")
        assert beep_of(tmp_path / f"target.{ending}")[2] == codec
        (tmp_path / f"target.{ending}").unlink()


def test_clip_without_sound_has_none(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mp4", "-an", "-pix_fmt", "yuv420p")
    with open_reader(source) as reader:
        assert reader.audio is None
    with open_writer(
        tmp_path / "t.mp4", width=64, height=48, fps=Fraction(25), audio=AudioSource(source)
    ) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert not open_reader(tmp_path / "t.mp4").info.has_audio


def test_damaged_sound_does_not_cost_the_pictures(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mov", "-c:a", "pcm_s24le", "-pix_fmt", "yuv420p")
    with open_writer(
        tmp_path / "t.mp4", width=64, height=48, fps=Fraction(25), audio=AudioSource(source)
    ) as writer:
        source.write_bytes(source.read_bytes()[:3000])
        for _ in range(3):
            writer.write(np.zeros((48, 64, 3), np.uint8))
    (warning,) = writer.warnings
    assert "the sound could not be used" in warning
    assert "\n" not in warning
    assert len(list(open_reader(tmp_path / "t.mp4"))) == 3
