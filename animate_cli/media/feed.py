"""Raw pictures with exact time stamps into ffmpeg's input pipe, as a NUT stream."""

import math
from fractions import Fraction

import av
import numpy as np

from animate_cli.media.process import Ffmpeg
from animate_cli.media.values import Pixels

COMMON_CLOCK = 360_000
"""Ticks a second that hold 24, 25, 30, 50, 60, their 1000/1001 kin, 90 kHz and milliseconds exactly."""
FINE_CLOCK = 90_000
FASTEST_CLOCK = 1 << 31
INPUT = ("-f", "nut", "-i", "pipe:0")
KEEP_TIMES = ("-fps_mode", "passthrough", "-enc_time_base", "demux")


def clock_for(fps: Fraction) -> int:
    """Return the ticks a second on which every frame of a rate falls exactly."""
    if (COMMON_CLOCK / fps).denominator == 1:
        return COMMON_CLOCK
    clock = fps.numerator * math.ceil(FINE_CLOCK / fps.numerator)
    return clock if clock < FASTEST_CLOCK else COMMON_CLOCK


class Feed:
    """A stream of pictures of one size into a running ffmpeg."""

    def __init__(self, ffmpeg: Ffmpeg, width: int, height: int, fps: Fraction, *, alpha: bool) -> None:
        self.format = "rgba" if alpha else "rgb24"
        self.tick = Fraction(1, clock_for(fps))
        self.output = av.open(ffmpeg, "w", format="nut")
        self.latest = -1
        self.stream = self.output.add_stream("rawvideo", rate=fps)
        self.stream.width, self.stream.height, self.stream.pix_fmt = width, height, self.format
        self.stream.time_base = self.stream.codec_context.time_base = self.tick

    def send(self, image: Pixels, time: Fraction) -> None:
        """Send a picture [height, width, 3 or 4] that is shown at time, seconds."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format=self.format)
        self.latest = max(round(time / self.tick), self.latest + 1)
        frame.pts, frame.time_base = self.latest, self.tick
        self.output.mux(self.stream.encode(frame))

    def close(self) -> None:
        """End the stream."""
        self.output.close()
