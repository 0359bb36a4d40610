"""What passes between readers, writers and those who use them."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: uint8 [H, W, 3] RGB, or [H, W, 4] RGBA with straight (not premultiplied) alpha."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture and when it is shown.

    image: uint8 [H, W, 3], or [H, W, 4] when the medium has alpha and alpha was asked for. Resampled media
    hand out the same array several times, so draw on a copy. time: seconds since the first selected frame.
    duration: seconds the frame stays; only writers that hold the last frame need it.
    """

    image: Pixels
    time: Fraction
    duration: Fraction | None = None


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a medium before its frames are decoded, for the selected range.

    width, height: pixels as shown (rotation and pixel shape applied). fps: frames a second, the average where
    the rate varies. num_frames, duration (seconds): as the file promises, a damaged one may hold less.
    """

    width: int
    height: int
    fps: Fraction
    num_frames: int | None
    duration: Fraction | None
    has_audio: bool
    has_alpha: bool


@dataclass(frozen=True)
class AudioSource:
    """The first sound track of a file, from start to end.

    start, end: seconds on the clock of the file's pictures, where 0 is its first frame (of its sound where it
    has no pictures). end None is the end of the track.
    """

    path: Path
    start: Fraction = Fraction(0)
    end: Fraction | None = None
