"""Clips whose pictures flash and whose sound clicks at the same instants, and what became of both in a result."""

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tests.media.clips import ffmpeg

SIDE = 64
FLASH = Fraction(3, 25)
"""Seconds that a flash lasts, so that a low rate shows it too."""
CLICK = 0.005
GAP = 0.3
"""Seconds between two flashes at the least."""


@dataclass(frozen=True)
class Rate:
    """When a clip's frames begin: frame n at time(n) seconds. fps: the rate, the mean where it varies."""

    fps: Fraction
    swing: Fraction = Fraction(0)

    def time(self, n: int) -> Fraction:
        """Every second frame comes late by a share of the frame's length."""
        return (n + self.swing * (n % 2)) / self.fps


RATES = {
    "24": Rate(Fraction(24)),
    "25": Rate(Fraction(25)),
    "29.97": Rate(Fraction(30000, 1001)),
    "50": Rate(Fraction(50)),
    "varying": Rate(Fraction(30), swing=Fraction(3, 5)),
}


@dataclass(frozen=True)
class Instants:
    """Where flashes and clicks begin, seconds since the first frame.

    pictures, sound: when they end. clip: how long the file says that it is. fps: as the file says.
    """

    flashes: tuple[float, ...]
    clicks: tuple[float, ...]
    pictures: float
    sound: float
    clip: float
    fps: Fraction


def instants(rate: Rate, seconds: Fraction) -> tuple[Fraction, ...]:
    """Choose frames near the start, the middle and the end, and return when they begin."""
    count = round(seconds * rate.fps)
    return tuple(rate.time(n) for n in (round(rate.fps / 5), count // 2, count - round(rate.fps / 5)))


def make(
    path: Path,
    rate: Rate,
    seconds: Fraction = Fraction(2),
    *,
    options: Sequence[str] = (),
    samples: int = 48_000,
    channels: int = 1,
    sound_from: Fraction = Fraction(0),
    sound_to: Fraction | None = None,
    delay: Fraction = Fraction(0),
) -> tuple[Fraction, ...]:
    """Make a clip and return the instants of its flashes.

    Args:
        path: Its ending names the container.
        rate: Of the pictures.
        seconds: Length of the pictures.
        options: ffmpeg's, such as the sound's codec.
        samples: Of sound a second.
        channels: Of sound, all alike.
        sound_from: Where the sound track begins, on the pictures' clock.
        sound_to: Where it ends.
        delay: Shifts both tracks on the container's clock.
    """
    marks = instants(rate, seconds)
    sound = path.with_suffix(".wav")
    write_clicks(sound, marks, samples, channels, sound_from, sound_to or seconds)
    count = round(seconds * rate.fps)
    white = "+".join(f"between(n,{first},{last})" for first, last in flash_frames(rate, marks, count))
    times = f"setpts='round((N+{float(rate.swing)}*mod(N,2))/({rate.fps})/TB+{float(delay)}/TB)'"
    drawn = f"drawbox=c=white:t=fill:enable='{white}',settb=1/90000,{times},format=yuv420p"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=black:s={SIDE}x{SIDE}:r={rate.fps},trim=end_frame={count}"),
        *("-itsoffset", str(float(delay + sound_from)), "-i", sound),
        *("-vf", drawn, "-fps_mode", "passthrough", "-enc_time_base:v", "1/90000"),
        *options,
        path,
    )
    sound.unlink()
    return marks


def flash_frames(rate: Rate, marks: Sequence[Fraction], count: int) -> list[tuple[int, int]]:
    """Return the first and last white frame of each flash."""
    times = [rate.time(n) for n in range(count)]
    spans = [[n for n, time in enumerate(times) if mark <= time < mark + FLASH] for mark in marks]
    return [(span[0], span[-1]) for span in spans]


def write_clicks(
    path: Path, marks: Sequence[Fraction], samples: int, channels: int, begins: Fraction, ends: Fraction
) -> None:
    """Write a sound from begins to ends that is silent but for a short tone at each mark."""
    times = np.arange(round((ends - begins) * samples)) / samples + float(begins)
    loud = np.zeros(times.shape, bool)
    for mark in marks:
        loud |= (times >= float(mark)) & (times < float(mark) + CLICK)
    tone = (loud * 30_000 * np.sin(2 * np.pi * 1000 * times + 1)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(samples)
        file.writeframes(np.repeat(tone[:, None], channels, axis=1).tobytes())


def measure(path: Path, region: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Instants:
    """Find the flashes in a region of the pictures, and the clicks, by the file's own time stamps."""
    times, bright, fps, last = pictures_of(path, region)
    with av.open(str(path)) as container:
        clip = (container.duration or 0) / 1e6
    sound_times, loud = sound_of(path)
    origin = times[0]
    return Instants(
        flashes=tuple(onsets(times - origin, bright > 128)),
        clicks=tuple(onsets(sound_times - origin, loud > loud.max(initial=1e-9) / 3)),
        pictures=times[-1] + last - origin,
        sound=sound_times[-1] - origin,
        clip=clip,
        fps=fps,
    )


def pictures_of(
    path: Path, region: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], Fraction, float]:
    """Return each picture's time, seconds, and the brightness of its region; the rate; the last one's stay."""
    times, bright, last = [], [], 0.0
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        fps = track.average_rate or Fraction(0)
        for frame in container.decode(track):
            assert frame.time is not None
            times.append(frame.time)
            bright.append(float(region(frame.to_ndarray(format="rgb24").astype(np.uint8)).mean()))
            last = float((frame.duration or 0) * (frame.time_base or 0))
    return np.array(times), np.array(bright), fps, last


def sound_of(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each sample's time, seconds, and its loudness."""
    times, loud = [np.zeros(0)], [np.zeros(0)]
    with av.open(str(path)) as container:
        track = container.streams.audio[0]
        for frame in container.decode(track):
            assert frame.time is not None
            planes = np.abs(frame.to_ndarray().astype(float))
            level = planes[0] if frame.format.is_planar else planes[0][:: frame.layout.nb_channels]
            times.append(frame.time + np.arange(len(level)) / frame.sample_rate)
            loud.append(level)
    return np.concatenate(times), np.concatenate(loud)


def onsets(times: NDArray[np.float64], on: NDArray[np.bool_]) -> list[float]:
    """Return the times at which something begins that was off for longer than GAP."""
    loud = times[on]
    return [float(time) for time, before in zip(loud, [-np.inf, *loud], strict=False) if time - before > GAP]
