"""One way in for every kind of moving picture."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from animate_cli.errors import MediaError
from animate_cli.media.animation import Animation
from animate_cli.media.medium import DEFAULT_RATE, Medium, in_range
from animate_cli.media.pictures import Folder, Picture, StackedPicture, read_picture
from animate_cli.media.resample import resample
from animate_cli.media.sniff import Kind, sniff
from animate_cli.media.values import AudioSource, Frame, Pixels, VideoInfo
from animate_cli.media.video import Video

Shown = TypeVar("Shown")


class FrameReader:
    """The frames of a range of a medium; each iteration decodes afresh, with little memory.

    info: what the range holds. warnings: sentences about damage that the latest iteration passed over.
    """

    def __init__(
        self, medium: Medium, start: Fraction, end: Fraction | None, rate: Fraction | None, *, alpha: bool
    ) -> None:
        self.path = medium.path
        self.medium, self.start, self.end, self.rate, self.alpha = medium, start, end, rate, alpha
        self.noted: list[str] = []
        self.running: Iterator[object] | None = None
        self.first_time = self.find_first()
        self.info = self.describe()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the latest iteration has passed over so far."""
        return tuple(self.noted)

    @property
    def audio(self) -> AudioSource | None:
        """The sound that belongs to the range, cut where its first frame is; None where there is none."""
        return AudioSource(self.path, self.first_time, self.end) if self.info.has_audio else None

    def __iter__(self) -> Iterator[Frame]:
        frames = self.selected()
        return self.begin(frames if self.rate is None else resample(frames, self.rate, self.length))

    def glimpses(self, step: int) -> Iterator[Pixels | None]:
        """Yield every n-th picture from the first, and None for each between, which a video need not convert."""
        if self.rate is not None or not isinstance(self.medium, Video):
            return (None if number % step else frame.image for number, frame in enumerate(self))
        return self.begin(
            self.medium.glimpses(self.start, self.end, step, alpha=self.alpha, note=self.noted.append)
        )

    def begin(self, iteration: Iterator[Shown]) -> Iterator[Shown]:
        """Make this the latest iteration."""
        self.noted.clear()
        self.running = iteration
        return iteration

    @property
    def length(self) -> Fraction | None:
        """Seconds from the first frame to the end that was asked for."""
        return None if self.end is None else self.end - self.first_time

    def selected(self) -> Iterator[Frame]:
        """Yield the range's frames at the medium's own rate, times from 0."""
        for frame in self.medium.frames(self.start, self.end, alpha=self.alpha, note=self.noted.append):
            yield replace(frame, time=frame.time - self.first_time)

    def find_first(self) -> Fraction:
        """Decode the range's first frame and return its time on the medium's clock."""
        for frame in self.medium.frames(self.start, self.end, alpha=False, note=lambda _: None):
            return frame.time
        lasts = self.medium.info.duration
        length = f"; it lasts {float(lasts):.2f} s" if lasts else ""
        raise MediaError(f"{self.path}: no frame between the start and the end that were asked for{length}")

    def describe(self) -> VideoInfo:
        """Return the medium's facts for the range and rate."""
        info = self.medium.info
        if self.start == 0 and self.end is None:
            count, duration = info.num_frames, info.duration
        else:
            count = self.count_in_range()
            duration = None if count is None else min(count / info.fps, self.length or count / info.fps)
        if self.rate is not None and duration is not None:
            count = max(1, round(duration * self.rate))
        return replace(info, fps=self.rate or info.fps, num_frames=count, duration=duration)

    def count_at_most(self) -> int | None:
        """Count the range's frames without decoding; damage leaves fewer. None where only decoding can tell."""
        times: Sequence[Fraction] | None = self.medium.times
        if times is None and isinstance(self.medium, Video):
            times = self.medium.packet_times()
        if times is None or self.rate is not None:
            return None
        return sum(in_range(time, self.start, self.end) for time in times)

    def count_in_range(self) -> int | None:
        """Count the range's frames by their times, or by the rate where times are not known beforehand."""
        if self.medium.times is not None:
            return sum(in_range(time, self.start, self.end) for time in self.medium.times)
        info = self.medium.info
        whole = info.num_frames
        last = whole if self.end is None else math.ceil(self.end * info.fps)
        if last is None:
            return None
        return max(1, min(last, whole or last) - math.ceil(self.start * info.fps))

    def close(self) -> None:
        """End the latest iteration and close its file."""
        if self.running is not None and hasattr(self.running, "close"):
            self.running.close()
        self.running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_reader(
    path: Path | str,
    *,
    start: Fraction | None = None,
    end: Fraction | None = None,
    fps: Fraction | None = None,
    alpha: bool = False,
) -> FrameReader:
    """Open a video, GIF, animated PNG or WebP, folder of frames, stacked picture or picture.

    Args:
        path: What to read; its contents tell what it is, not its ending.
        start: Seconds; frames that begin earlier are left out, and times count from the first one kept.
        end: Seconds; frames that begin then or later are left out.
        fps: Resamples in time with the duration kept; for folders and stacked pictures, the rate they run at.
        alpha: Keeps transparency where the medium has it; else it is composited onto white.

    Raises:
        MediaError: Nothing can be read there, or the range holds no frame.
    """
    if fps is not None and fps <= 0:
        raise MediaError(f"{path}: a rate of {fps} frames a second is not possible; give one above 0")
    medium = open_medium(Path(path), fps or DEFAULT_RATE)
    rate = fps if isinstance(medium, Video | Animation) else None
    return FrameReader(medium, start or Fraction(0), end, rate, alpha=alpha)


def open_medium(path: Path, still_rate: Fraction) -> Medium:
    """Open what the contents of path say it is; pictures and folders of them run at still_rate."""
    match sniff(path):
        case Kind.FOLDER:
            return Folder(path, still_rate)
        case Kind.PICTURE:
            return Picture(path, still_rate)
        case Kind.STACKED:
            return StackedPicture(path, still_rate)
        case Kind.ANIMATION:
            return Animation(path)
        case Kind.VIDEO:
            return Video(path)


def read_image(path: Path | str, *, alpha: bool = False) -> Pixels:
    """Read a picture, or the first frame of a video or animation.

    Returns:
        uint8 [H, W, 3], or [H, W, 4] where there is alpha and alpha is asked for.

    Raises:
        MediaError: Nothing can be read there, or it is a folder.
    """
    path = Path(path)
    kind = sniff(path)
    if kind is Kind.FOLDER:
        raise MediaError(f"{path}: is a folder; give a picture or a video")
    if kind in (Kind.PICTURE, Kind.STACKED):
        return read_picture(path, alpha=alpha)
    with open_reader(path, alpha=alpha) as reader:
        return next(iter(reader)).image
