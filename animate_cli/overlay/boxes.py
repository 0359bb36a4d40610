"""Boxes with a label."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from animate_cli.overlay.palette import colour_of
from animate_cli.overlay.values import BLACK, Picture

Box = tuple[float, float, float, float]


def draw_boxes(picture: Picture, boxes: Sequence[tuple[str, Box]]) -> Picture:
    """Draw boxes, each a label and left, top, right, bottom in pixels, onto a copy of picture [H, W, 3]."""
    image = Image.fromarray(picture)
    draw, short = ImageDraw.Draw(image), min(image.size)
    font = ImageFont.load_default(size=max(10, short // 20))
    line = max(2, short // 150)
    for index, (label, (left, top, right, bottom)) in enumerate(boxes):
        colour = colour_of(index)
        draw.rectangle((left - 1, top - 1, right, bottom), outline=BLACK, width=line + 2)
        draw.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=line)
        place = max(2, left) + 4, max(2, top) + 2
        draw.text(place, label, fill=colour, font=font, stroke_width=2, stroke_fill=BLACK)
    return np.array(image)
