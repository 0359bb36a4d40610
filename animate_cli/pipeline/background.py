"""Sources with alpha: what is put behind them, and how their edges come clean out of a transparent result."""

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from animate_cli.media import flatten
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.job import TRANSPARENT, JobError

WHITE = (255, 255, 255)


def parse_background(text: str) -> tuple[int, int, int]:
    """Turn a colour's name, #rgb or rgb(...) into RGB; behind a transparent result stands white.

    Raises:
        JobError: the text names no colour.
    """
    if text == TRANSPARENT:
        return WHITE
    try:
        red, green, blue = ImageColor.getrgb(text)[:3]
    except ValueError:
        raise JobError(
            f"--background {text!r} is not a colour; write white, #ff8800 or transparent"
        ) from None
    return red, green, blue


def split_alpha(picture: Picture, background: tuple[int, int, int]) -> tuple[Picture, Picture | None]:
    """Split a picture [H, W, 3 or 4] into RGB before the background, and its alpha if it uses any."""
    if picture.shape[2] == 3:
        return picture, None
    alpha = picture[..., 3]
    used = int(alpha.min()) < 255
    return flatten(picture, background), np.ascontiguousarray(alpha) if used else None


def lift(picture: Picture, background: tuple[int, int, int]) -> Picture:
    """Take the background's colour out of the half-transparent pixels of a picture [H, W, 4]."""
    alpha = picture[..., 3:]
    half = ((alpha > 0) & (alpha < 255))[..., 0]
    if not half.any():
        return picture
    share = alpha[half].astype(np.float32) / 255
    behind = np.array(background, dtype=np.float32) * (1 - share)
    lifted = picture.copy()
    lifted[half, :3] = _to_bytes((picture[half, :3] - behind) / share)
    return lifted


def _to_bytes(values: NDArray[np.floating]) -> Picture:
    rounded: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded
