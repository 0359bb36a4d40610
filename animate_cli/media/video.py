"""Videos, decoded by PyAV with exact rates and time stamps."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from animate_cli.errors import MediaError
from animate_cli.media import track
from animate_cli.media.color import check_size, lies_on_its_side, orientation_of, shown_size, to_pixels
from animate_cli.media.container import opened_container
from animate_cli.media.decoding import Damage, decode, has_alpha, packets
from animate_cli.media.medium import Note
from animate_cli.media.track import MICROSECOND
from animate_cli.media.values import Frame, Pixels, VideoInfo

NOT_VIDEO = frozenset({"tty", "concat", "image2", "hls", "dash", "bin", "lrc"})
"""Demuxers that take text, or other files, for a video."""

UNKNOWN_CODEC = "the video is encrypted, or its codec is not known here; convert it to H.264 first"


@contextmanager
def opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file and its first picture track, cover pictures left aside.

    Raises:
        MediaError: It is not a video, its index is missing, or its codec is not known.
    """
    with ExitStack() as stack:
        try:
            container = stack.enter_context(opened_container(path))
        except (av.error.FFmpegError, ValueError) as error:
            raise MediaError(f"{path}: {why_unreadable(path)}") from error
        if set(container.format.name.split(",")) & NOT_VIDEO:
            raise MediaError(f"{path}: {why_unreadable(path)}")
        tracks = track.picture_tracks(container)
        if not tracks:
            raise MediaError(
                f"{path}: holds no moving picture; give a picture, mp4, mov, mkv, webm, avi or gif"
            )
        if tracks[0].codec_context is None:
            raise MediaError(f"{path}: {UNKNOWN_CODEC}")
        check_size(path, (tracks[0].codec_context.width, tracks[0].codec_context.height))
        tracks[0].codec_context.thread_type = ThreadType.AUTO
        yield container, tracks[0]


def why_unreadable(path: Path) -> str:
    """Say what a file that no demuxer takes for a video most likely is."""
    with path.open("rb") as file:
        head = file.read(64)
    if head[4:8] == b"ftyp":
        return "the video is cut off before its index and cannot be played; copy or download it again"
    if head.startswith(b"version https://git-lfs"):
        return "this is a Git LFS pointer, not the file itself; run git lfs pull"
    return "not a picture or video that can be read; give PNG, JPEG, GIF, mp4, mov, mkv, webm or avi"


class Video:
    """A video file's first picture track, on a clock that is 0 at its first frame."""

    times = None

    def __init__(self, path: Path) -> None:
        self.path = path
        with opened(path) as (container, stream):
            self.rate = track.rate_of(stream)
            self.origin = track.origin_of(stream)
            self.tick = stream.time_base or MICROSECOND
            self.rounding = track.rounding_of(stream)
            self.info = self.describe(container, stream)

    def describe(self, container: InputContainer, stream: VideoStream) -> VideoInfo:
        """Return what the header and the first frame tell, and raise MediaError where no frame decodes."""
        first = next(decode(container, stream, Damage()), None)
        if first is None:
            raise MediaError(f"{self.path}: no frame can be decoded; the video is empty or damaged")
        self.size = shown_size(first.width, first.height, stream.sample_aspect_ratio)
        check_size(self.path, self.size)
        self.orientation = orientation_of(first)
        width, height = self.size[::-1] if lies_on_its_side(self.orientation) else self.size
        duration = track.duration_of(container, stream)
        duration = duration and self.exact(duration)
        count, self.count_is_certain = track.count_of(stream, duration, self.rate)
        return VideoInfo(
            width, height, self.rate, count, duration, bool(container.streams.audio), has_alpha(first)
        )

    def frames(self, start: Fraction, end: Fraction | None, *, alpha: bool, note: Note) -> Iterator[Frame]:
        """See Medium; damage is passed over with a note."""
        converter = VideoReformatter()
        for picture, time in self.shown(start, end, note):
            yield Frame(self.pixels(picture, converter, alpha), time, self.stay(picture))

    def glimpses(
        self, start: Fraction, end: Fraction | None, step: int, *, alpha: bool, note: Note
    ) -> Iterator[Pixels | None]:
        """Decode as `frames` does, but convert every n-th picture only, which takes a fraction of the time."""
        converter = VideoReformatter()
        for number, (picture, _) in enumerate(self.shown(start, end, note)):
            yield None if number % step else self.pixels(picture, converter, alpha)

    def shown(
        self, start: Fraction, end: Fraction | None, note: Note
    ) -> Iterator[tuple[av.VideoFrame, Fraction]]:
        """Decode the pictures of a range with their times; damage is passed over with a note."""
        damage, count, shown_until = Damage(), 0, Fraction(0)
        for picture, time in self.timed(start, damage):
            if end is not None and time >= end:
                break
            count, shown_until = count + 1, time + self.stay(picture)
            if time >= start:
                yield picture, time
        else:
            self.report(count, shown_until, damage, note, whole=start == 0)
            return
        if damage:
            self.report(count, shown_until, damage, note, whole=False)

    def packet_times(self) -> list[Fraction] | None:
        """Return when each picture starts by its packet, in no order; None where packets do not say."""
        with opened(self.path) as (container, stream):
            stamps = [packet.pts for packet in packets(container, stream, Damage()) if packet is not None]
        known = [stamp for stamp in stamps if stamp is not None]
        complete = len(known) == len(stamps)
        return [self.exact(stamp * self.tick - self.origin) for stamp in known] if complete else None

    def pixels(self, picture: av.VideoFrame, converter: VideoReformatter, alpha: bool) -> Pixels:
        """Convert a picture to upright RGB or RGBA."""
        return to_pixels(
            picture, self.size, self.orientation, converter, has_alpha=self.info.has_alpha, alpha=alpha
        )

    def timed(self, start: Fraction, damage: Damage) -> Iterator[tuple[av.VideoFrame, Fraction]]:
        """Decode pictures with their times, from a key frame before start if there is one, else all."""
        if start > 0:
            with opened(self.path) as (container, stream):
                pictures = self.pictures_from(container, stream, start, damage)
                if pictures is not None:
                    yield from self.stamped(pictures, damage)
                    return
        with opened(self.path) as (container, stream):
            yield from self.stamped(decode(container, stream, damage), damage)

    def pictures_from(
        self, container: InputContainer, stream: VideoStream, start: Fraction, damage: Damage
    ) -> Iterator[av.VideoFrame] | None:
        """Decode from a key frame at start or before; None where the file's index does not lead there."""
        try:
            container.seek(int((start + self.origin) / self.tick), stream=stream)
        except (av.error.FFmpegError, OverflowError):
            return None
        pictures = decode(container, stream, damage)
        first = next(pictures, None)
        damage.packets = 0  # before a key frame nothing decodes, which is no damage
        if first is None or self.time(first, None) > start:
            return None
        return chain([first], pictures)

    def stamped(
        self, pictures: Iterator[av.VideoFrame], damage: Damage
    ) -> Iterator[tuple[av.VideoFrame, Fraction]]:
        """Give each picture its time; one that is not later than the one before counts as damaged."""
        latest: Fraction | None = None
        for picture in pictures:
            time = self.time(picture, latest)
            if latest is not None and time <= latest:
                damage.packets += 1
                continue
            latest = time
            yield picture, time

    def time(self, picture: av.VideoFrame, latest: Fraction | None) -> Fraction:
        """Return when a picture is shown; one without time stamp follows the latest.

        Containers that count milliseconds round the times of a steady rate, which are made exact again.
        """
        if picture.pts is None:
            return Fraction(0) if latest is None else latest + 1 / self.rate
        return self.exact(picture.pts * self.tick - self.origin)

    def exact(self, time: Fraction) -> Fraction:
        """Undo the rounding of a time, or a length of time, of a steady rate."""
        steady = round(time * self.rate) / self.rate
        return steady if self.rounding and abs(steady - time) <= self.rounding else time

    def stay(self, picture: av.VideoFrame) -> Fraction:
        """Return how long a picture stays by its own word, or else at the track's rate."""
        usual = 1 / self.rate
        own = (picture.duration or 0) * self.tick
        return usual if own <= 0 or abs(own - usual) <= self.tick else own

    def report(self, count: int, shown_until: Fraction, damage: Damage, note: Note, *, whole: bool) -> None:
        """Note what was damaged, or that the file ends before its time."""
        promised = self.info.num_frames
        cut_off = (self.info.duration or 0) - shown_until > 3 / self.rate
        gaps = whole and self.count_is_certain and promised is not None and count < promised
        if not (damage or cut_off or gaps):
            return
        of_all = f" of about {promised}" if whole and promised else ""
        what = "is cut off or damaged" if cut_off or damage.ended_early else "is damaged in places"
        note(f"{self.path}: {what}; used the {count}{of_all} frames that decode")
