"""Cut a box out of a picture, and put something back into its place."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from animate_cli.faces.box import Box
from animate_cli.faces.detector import Picture
from animate_cli.faces.paste import Paster


def cut_out(picture: Picture, box: Box) -> Picture:
    """Cut whole pixels out of a picture [H, W, C]; beyond its edges the border is repeated."""
    height, width = picture.shape[:2]
    left, top, right, bottom = box.pixels
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return picture[top:bottom, left:right]
    rows = np.clip(np.arange(top, bottom), 0, height - 1)
    columns = np.clip(np.arange(left, right), 0, width - 1)
    return picture[np.ix_(rows, columns)]


@dataclass(frozen=True)
class CropTransform:
    """Takes a square box of a picture to a picture of ``size`` pixels, and back."""

    box: Box
    size: int

    def crop(self, picture: Picture) -> Picture:
        """Cut the box out of a picture [H, W, 3] and scale it to [size, size, 3]; never stretches."""
        left, top, right, bottom = self.box.pixels
        piece = Image.fromarray(np.ascontiguousarray(cut_out(picture, self.box)))
        inside = self.box.left - left, self.box.top - top, self.box.right - left, self.box.bottom - top
        inside = (inside[0], inside[1], min(inside[2], right - left), min(inside[3], bottom - top))
        if piece.size == (self.size, self.size) and self.box == self.box.rounded():
            return np.asarray(piece)
        return np.asarray(piece.resize((self.size, self.size), _filter(self.box.side, self.size), box=inside))

    def paste(self, picture: Picture, patch: Picture) -> Picture:
        """Put a patch [S, S, 3] back into the box, which is of whole pixels, of a picture [H, W, 3].

        The patch's edge is blended into the picture, except where the picture ends. Every pixel outside the box
        is the picture's own.
        """
        return Paster(picture, [self.box]).paste([patch])


def _filter(before: float, after: float) -> Image.Resampling:
    return Image.Resampling.BICUBIC if after > before else Image.Resampling.LANCZOS
