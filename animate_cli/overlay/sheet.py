"""Pictures side by side, with words above them."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from animate_cli.overlay.values import Picture

GAP = 2
WORDS_SHARE = 0.05
FEWEST_WORD_PIXELS = 14
INK, PAPER = (255, 255, 255), (32, 32, 32)


def tile(rows: list[list[Picture]], gap: int = GAP, colour: int = 255) -> Picture:
    """Put pictures [h, w, 3] of one height a row side by side, and the rows below one another."""
    joined = [_join(row, gap, colour, axis=1) for row in rows]
    width = max(row.shape[1] for row in joined)
    padded = [_extend(row, width, colour) for row in joined]
    return _join(padded, gap, colour, axis=0)


def caption(picture: Picture, words: str) -> Picture:
    """Put a line of words above a picture; what is too long ends in dots."""
    height = max(FEWEST_WORD_PIXELS, round(WORDS_SHARE * picture.shape[0]))
    return np.concatenate([_words(words, picture.shape[1], height), picture])


def columns_for(count: int, shape: tuple[int, ...], wanted: float = 16 / 9) -> int:
    """Return how many columns lay ``count`` pictures of (height, width) out nearest to a width by height."""
    height, width = shape[:2]

    def distance(columns: int) -> float:
        rows = math.ceil(count / columns)
        return abs(math.log(columns * width / (rows * height) / wanted)) + rows * columns / count

    return min(range(1, count + 1), key=distance)


@lru_cache(maxsize=256)
def _words(words: str, width: int, height: int) -> Picture:
    """Write a line, [height, width, 3]."""
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=0.72 * height)
    shown = words
    while len(shown) > 1 and draw.textlength(shown, font=font) > width - 0.6 * height:
        shown = shown.removesuffix("…")[:-1] + "…"
    draw.text((0.3 * height, height / 2), shown, fill=INK, font=font, anchor="lm")
    return np.asarray(image)


def _join(pictures: list[Picture], gap: int, colour: int, *, axis: int) -> Picture:
    shape = list(pictures[0].shape)
    shape[axis] = gap
    between = np.full(shape, colour, dtype=np.uint8)
    spaced = [part for picture in pictures for part in (between, picture)][1:]
    return np.concatenate(spaced, axis=axis)


def _extend(picture: Picture, width: int, colour: int) -> Picture:
    missing = width - picture.shape[1]
    return np.pad(picture, [(0, 0), (0, missing), (0, 0)], constant_values=colour) if missing else picture
