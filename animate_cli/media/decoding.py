"""Packets to frames, passing over damage and counting it."""

from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""ffmpeg's own decoders leave out the alpha that Matroska keeps beside each frame."""


@dataclass
class Damage:
    """What could not be decoded: packets, and whether the file ended in an error."""

    packets: int = 0
    ended_early: bool = False

    def __bool__(self) -> bool:
        return self.packets > 0 or self.ended_early


def decode(container: InputContainer, stream: VideoStream, damage: Damage) -> Iterator[av.VideoFrame]:
    """Decode from where the container stands to its end; damaged packets are counted and passed over."""
    decoder = decoder_of(stream)
    for packet in packets(container, stream, damage):
        try:
            frames = decoder.decode(packet)
        except av.error.FFmpegError:
            damage.packets += 1
            continue
        yield from frames


def packets(
    container: InputContainer, stream: VideoStream, damage: Damage
) -> "Iterator[Packet[VideoStream] | None]":
    """Read a stream's whole packets, then None, which asks the decoder for what it still holds."""
    try:
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            if packet.is_corrupt:
                damage.packets += 1
            else:
                yield packet
    except av.error.FFmpegError:
        damage.ended_early = True
    yield None


def decoder_of(stream: VideoStream) -> VideoCodecContext:
    """Return the stream's own decoder, or one that keeps alpha where that leaves it out."""
    name = ALPHA_DECODERS.get(stream.codec_context.name)
    if name is None or not keeps_alpha_beside(stream):
        return stream.codec_context
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, VideoCodecContext)  # noqa: S101
    decoder.extradata = stream.codec_context.extradata
    return decoder


def keeps_alpha_beside(stream: VideoStream) -> bool:
    """Tell whether Matroska says that an alpha picture travels with each frame."""
    return any(key.lower() == "alpha_mode" and value == "1" for key, value in stream.metadata.items())


def has_alpha(frame: av.VideoFrame) -> bool:
    """Tell whether a frame's format stores alpha."""
    return frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)
