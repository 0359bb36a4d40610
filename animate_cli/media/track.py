"""What a video track's header says of its rate and times."""

from fractions import Fraction

from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from animate_cli.media.medium import DEFAULT_RATE

COARSE = Fraction(1, 10_000)
HIGHEST_RATE = 1000
MICROSECOND = Fraction(1, 1_000_000)
SAME_RATE = Fraction(1, 500)


def picture_tracks(container: InputContainer) -> list[VideoStream]:
    """List a file's picture tracks, cover pictures and the still beside an AVIF's sequence left aside."""
    tracks = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    return [s for s in tracks if s.frames != 1] or tracks


def rate_of(stream: VideoStream) -> Fraction:
    """Return the frames a second: the nominal rate where it is steady, else the average."""
    average, nominal = stream.average_rate, stream.guessed_rate
    if average and nominal and abs(average / nominal - 1) < SAME_RATE:
        return nominal
    rate = average or nominal or DEFAULT_RATE
    return rate if rate <= HIGHEST_RATE else DEFAULT_RATE


def origin_of(stream: Stream) -> Fraction:
    """Return the time of the track's first frame on the container's clock, seconds."""
    if stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return stream.start_time * stream.time_base


def rounding_of(stream: VideoStream) -> Fraction:
    """Return by how many seconds a steady rate's times may be rounded; 0 for an exact clock."""
    tick, rate = stream.time_base or Fraction(0), stream.average_rate
    steady = rate is not None and rate == stream.guessed_rate and rate * tick < Fraction(1, 4)
    return tick if tick > COARSE and steady else Fraction(0)


def count_of(stream: VideoStream, duration: Fraction | None, rate: Fraction) -> tuple[int | None, bool]:
    """Return how many frames are promised, and whether that is certain.

    The header counts every frame of the track; an edit list that shortens it shows in the duration.
    """
    by_duration = max(1, round(duration * rate)) if duration else None
    if not stream.frames:
        return by_duration, False
    if by_duration is None or stream.average_rate != stream.guessed_rate:
        return stream.frames, False
    return by_duration, by_duration == stream.frames


def duration_of(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return the track's seconds as promised: by its header, its Matroska tag, or the container.

    The latter two tell when the track ends rather than how long it is.
    """
    if stream.duration and stream.time_base:
        return stream.duration * stream.time_base
    tags = {key.upper(): value for key, value in stream.metadata.items()}
    begins = (container.start_time or 0) * MICROSECOND
    ends = tagged_seconds(tags.get("DURATION", ""))
    if ends is None and container.duration:
        ends = container.duration * MICROSECOND + begins
    return ends - origin_of(stream) if ends and ends > origin_of(stream) else None


def tagged_seconds(clock: str) -> Fraction | None:
    """Return the seconds that a tag like 00:01:02.500000000 says."""
    try:
        hours, minutes, seconds = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except ValueError:
        return None
