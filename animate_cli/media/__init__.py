"""Pictures and videos in and out, as numpy arrays."""

from animate_cli.media.check import check_output
from animate_cli.media.flatten import flatten
from animate_cli.media.open_writer import open_writer
from animate_cli.media.reader import FrameReader, open_reader, read_image
from animate_cli.media.still import write_image
from animate_cli.media.times import parse_time
from animate_cli.media.values import AudioSource, Frame, Pixels, VideoInfo
from animate_cli.media.writer import FrameWriter

__all__ = [
    "AudioSource",
    "Frame",
    "FrameReader",
    "FrameWriter",
    "Pixels",
    "VideoInfo",
    "check_output",
    "flatten",
    "open_reader",
    "open_writer",
    "parse_time",
    "read_image",
    "write_image",
]
