"""GIF, animated PNG and animated WebP: decoded by Pillow, timed exactly by their own delays."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
from PIL import Image

from animate_cli.errors import MediaError
from animate_cli.media.delays import UNSET, read_delays
from animate_cli.media.flatten import flatten
from animate_cli.media.medium import Note, in_range
from animate_cli.media.pillow import opened
from animate_cli.media.values import Frame, Pixels, VideoInfo


class Animation:
    """An animated picture."""

    def __init__(self, path: Path) -> None:
        self.path = path
        delays = read_delays(path)
        with opened(path) as picture:
            self.promised: int = max(len(delays), len(pages(picture)))
            self.delays = delays or [UNSET] * self.promised
            self.info = self.describe(picture)
        self.times = (Fraction(0), *accumulate(self.delays))[:-1]

    def describe(self, picture: Image.Image) -> VideoInfo:
        """Return what the opened picture and the delays tell."""
        total = sum(self.delays, Fraction(0))
        return VideoInfo(
            width=picture.width,
            height=picture.height,
            fps=len(self.delays) / total,
            num_frames=len(self.delays),
            duration=total,
            has_audio=False,
            has_alpha=picture.has_transparency_data,
        )

    def frames(self, start: Fraction, end: Fraction | None, *, alpha: bool, note: Note) -> Iterator[Frame]:
        """See Medium; a damaged tail is passed over with a note."""
        decoded = 0
        try:
            with opened(self.path) as picture:
                for page, time, delay in zip(pages(picture), self.times, self.delays, strict=False):
                    if end is not None and time >= end:
                        return
                    picture.seek(page)
                    image = page_pixels(picture, alpha=alpha and self.info.has_alpha)
                    decoded += 1
                    if in_range(time, start, end):
                        yield Frame(image, time, delay)
        except MediaError:
            if not decoded:
                raise
        if decoded < self.promised:
            used = f"used the {decoded} of {self.promised} frames that decode"
            note(f"{self.path}: is cut off or damaged; {used}")


def pages(picture: Image.Image) -> range:
    """Return the page numbers that are frames: an animated PNG's still for old viewers is none."""
    first = 1 if getattr(picture, "default_image", False) else 0
    return range(first, getattr(picture, "n_frames", 1))


def page_pixels(picture: Image.Image, *, alpha: bool) -> Pixels:
    """Convert the current page to RGB [H, W, 3], transparent places white, or to RGBA [H, W, 4]."""
    pixels = np.array(picture.convert("RGBA"))
    return pixels if alpha else flatten(pixels)
