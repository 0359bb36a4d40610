"""Transparency onto a background."""

import numpy as np

from animate_cli.media.values import Pixels

WHITE = (255, 255, 255)


def flatten(image: Pixels, background: tuple[int, int, int] = WHITE) -> Pixels:
    """Composite image [H, W, 4] onto background (RGB, 0 to 255); one of [H, W, 3] is returned as it is."""
    if image.shape[2] == 3:
        return image
    alpha = image[..., 3:].astype(np.uint16)
    ground = np.asarray(background, np.uint16)
    blend = image[..., :3] * alpha + ground * (255 - alpha)
    return ((blend + 127) // 255).astype(np.uint8)
