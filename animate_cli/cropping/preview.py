"""Show the boxes on the frames that they were found in."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from animate_cli.cropping.segments import Segment
from animate_cli.media import Frame, FrameWriter, open_writer
from animate_cli.overlay import draw_boxes

Picture = NDArray[np.uint8]

LONGEST = 640


class Preview:
    """Writes a small copy of a clip with the boxes drawn; nothing is left of it unless it is finished."""

    def __init__(self, path: Path, fps: Fraction) -> None:
        self.path, self.fps = path, fps
        self._writer: FrameWriter | None = None

    def show(self, index: int, frame: Frame, segments: Sequence[Segment]) -> None:
        """Take a frame and the segments that hold it."""
        picture = draw_segments(frame.image, index, segments)
        if self._writer is None:
            height, width = picture.shape[:2]
            self._writer = open_writer(self.path, width=width, height=height, fps=self.fps)
        self._writer.write(picture, frame.time, frame.duration)

    def finish(self) -> None:
        """Complete the preview."""
        if self._writer is not None:
            self._writer.finish()

    def abort(self) -> None:
        """Leave nothing of an unfinished preview."""
        if self._writer is not None:
            self._writer.abort()


def shrink(picture: Picture) -> tuple[Picture, float]:
    """Scale a picture [H, W, 3] down to at most 640 pixels, and return the scale."""
    scale = min(1.0, LONGEST / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small), scale


def draw_segments(picture: Picture, index: int, segments: Sequence[Segment]) -> Picture:
    """Draw the boxes of a frame's segments onto a small copy of it, with their tracks' numbers."""
    small, scale = shrink(picture)
    boxes = [(segment.track, segment.box(index).scaled(scale, scale)) for segment in segments]
    return draw_boxes(small, [(str(track), box.corners) for track, box in boxes])
