"""Pictures and videos in and out, as numpy arrays."""

from animate_cli.media.flatten import flatten
from animate_cli.media.reader import FrameReader, open_reader, read_image
from animate_cli.media.times import parse_time
from animate_cli.media.values import AudioSource, Frame, Pixels, VideoInfo

__all__ = ["AudioSource", "Frame", "FrameReader", "Pixels", "VideoInfo", "flatten", "open_reader", "parse_time", "read_image"]
