"""How far the look of the driving alone moves the result: the same clip restyled should give the same motion."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np
from PIL import Image, ImageFilter

from animate_cli.metrics.landmarks import mean_distance, require
from animate_cli.metrics.measure import Measure, Need
from animate_cli.metrics.values import Numbers, Observation, Picture

HUE_TURN = 85
"""A third of the way round the wheel of 256 hues."""

BLUR_SHARE = 0.008
"""Deviation of the blur as a share of the shorter side: 2 pixels of 256."""

NOISE_DEVIATION = 16


def turn_hue(picture: Picture) -> Picture:
    """Turn every colour of a picture [H, W, 3] a third round the wheel."""
    hue, saturation, value = Image.fromarray(picture).convert("HSV").split()
    turned = hue.point([(level + HUE_TURN) % 256 for level in range(256)])
    return np.array(Image.merge("HSV", (turned, saturation, value)).convert("RGB"))


def take_colour(picture: Picture) -> Picture:
    """Make a picture [H, W, 3] grey."""
    return np.array(Image.fromarray(picture).convert("L").convert("RGB"))


def blur(picture: Picture) -> Picture:
    """Blur a picture [H, W, 3] by 2 pixels of 256."""
    radius = BLUR_SHARE * min(picture.shape[:2])
    return np.array(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def add_noise(picture: Picture) -> Picture:
    """Add noise of a deviation of 16 in 255 to a picture [H, W, 3]; the same for the same size."""
    noise = np.random.default_rng(0).normal(0, NOISE_DEVIATION, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


RESTYLES: Mapping[str, Callable[[Picture], Picture]] = {
    "hue": turn_hue,
    "grey": take_colour,
    "blur": blur,
    "noise": add_noise,
}


class Restyled(Measure):
    """Mean distance that the result's landmarks move when the driving's hue, colour, sharpness or grain change."""

    name, title, unit = "restyled", "moved by restyling", "px"
    needs: ClassVar[frozenset[Need]] = frozenset({"landmarks", "restyled"})
    costly = True

    def look(self, seen: Observation) -> Numbers:
        """See Measure; the mean over the restyled drivings."""
        plain = require(seen.found).result
        moved = [seen.found_driven[name] for name in RESTYLES]
        distances = [mean_distance(plain, other, plain.present & other.present) for other in moved]
        mean: Numbers = np.mean(distances, axis=0)
        return mean
