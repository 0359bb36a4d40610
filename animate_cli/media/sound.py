"""The driving clip's sound: where it lies, and how it is put beside finished pictures."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from animate_cli.media.container import demuxer_of, opened_container
from animate_cli.media.formats import Container
from animate_cli.media.track import MICROSECOND, origin_of, picture_tracks
from animate_cli.media.values import AudioSource

HALF_A_PACKET = Fraction(12, 1000)
MOST_CHANNELS = 2
CLOCK_MAY_JUMP = 0x0200
"""ffmpeg's flag AVFMT_TS_DISCONT of a format."""
LONGEST_PRIMING = Fraction(3, 20)
"""Seconds of sound that encoders put before the first one that is to be heard, at the most."""


@dataclass(frozen=True)
class Sound:
    """A sound track as ffmpeg is to read it.

    demuxer: what ffmpeg calls the file's format. start: seconds into the file, on ffmpeg's clock, that go with
    time 0 of the written pictures. length: the most seconds to take, None for all. late: seconds of silence before
    the track that ffmpeg does not see. hidden: seconds at the track's front that the file keeps but does not play.
    """

    path: Path
    demuxer: str
    start: Fraction
    length: Fraction | None
    codec: str
    channels: int
    late: Fraction
    hidden: Fraction


def find_sound(source: AudioSource) -> Sound | None:
    """Look for the first sound track of source; None where there is none or the file is no clip."""
    try:
        with opened_container(source.path) as container:
            return describe_sound(container, source)
    except (av.error.FFmpegError, ValueError):
        return None


def describe_sound(container: InputContainer, source: AudioSource) -> Sound | None:
    """Return the first sound track of an open file; None where there is none that can be decoded."""
    if not container.streams.audio or container.streams.audio[0].codec_context is None:
        return None
    context = container.streams.audio[0].codec_context
    begins = (container.start_time or 0) * MICROSECOND
    start = picture_origin(container) + source.start - begins
    length = None if source.end is None else source.end - source.start
    return Sound(
        source.path,
        demuxer_of(container),
        start,
        length,
        context.name,
        context.channels,
        late=unseen_silence(container, begins + start),
        hidden=hidden_front(container),
    )


def unseen_silence(container: InputContainer, start: Fraction) -> Fraction:
    """Return by how much the sound begins after start where ffmpeg's clock begins with the sound alone.

    In formats whose clock may jump, ffmpeg counts from the first packet of the tracks that it is asked for.
    """
    if not container.format.flags & CLOCK_MAY_JUMP:
        return Fraction(0)
    return max(Fraction(0), origin_of(container.streams.audio[0]) - start)


def hidden_front(container: InputContainer) -> Fraction:
    """Return the seconds that precede the played sound in the file: priming, or what an edit list cut off."""
    track = container.streams.audio[0]
    try:
        first = next(container.demux(track), None)
    except av.error.FFmpegError:
        return Fraction(0)
    if first is None or first.pts is None or not first.time_base:
        return Fraction(0)
    return max(Fraction(0), origin_of(track) - first.pts * first.time_base)


def picture_origin(container: InputContainer) -> Fraction:
    """Return the time of the first picture, or of the sound where there are no pictures."""
    pictures = picture_tracks(container)
    return origin_of(pictures[0] if pictures else container.streams.audio[0])


def is_copied(sound: Sound, container: Container) -> bool:
    """Tell whether the track goes over as it is: a codec of the container, and not cut in front."""
    whole = abs(sound.start) < MICROSECOND and (container.hides_front or sound.hidden <= LONGEST_PRIMING)
    return sound.codec in container.keeps and whole


def sound_input(sound: Sound, container: Container, duration: Fraction) -> list[str]:
    """Return ffmpeg's options that read the sound for pictures of this duration, seconds, and no longer."""
    length = sound_length(sound, duration)
    if is_copied(sound, container):
        length = max(length - HALF_A_PACKET, HALF_A_PACKET)
    shift = ["-itsoffset", seconds(sound.late)] if sound.late else []
    seek = ["-ss", seconds(sound.start)] if sound.start > 0 else []
    return [*shift, *seek, "-t", seconds(length), "-f", sound.demuxer, "-i", f"file:{sound.path.absolute()}"]


def sound_length(sound: Sound, duration: Fraction) -> Fraction:
    """Return the seconds of sound that pictures of this duration take."""
    return duration if sound.length is None else min(duration, sound.length)


def sound_output(sound: Sound, container: Container, duration: Fraction) -> list[str]:
    """Return ffmpeg's options that put input 1's first sound track into the container, silence before it."""
    take = ["-map", "1:a:0?"]
    if is_copied(sound, container):
        return [*take, "-c:a", "copy"]
    fewer = ["-ac", str(MOST_CHANNELS)] if sound.channels > MOST_CHANNELS else []
    filters = f"aresample=async=1:first_pts=0,atrim=end={seconds(sound_length(sound, duration))}"
    return [*take, "-af", filters, *container.sound, *fewer]


def seconds(time: Fraction) -> str:
    """Write a time for ffmpeg, to the microsecond."""
    return f"{float(time):.6f}"
