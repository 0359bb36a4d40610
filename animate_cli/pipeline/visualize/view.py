"""How a picture is laid out for the model and for the eye, and where keypoints are in both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from animate_cli.overlay import to_pixels
from animate_cli.pipeline.fitting import Picture, Placement, Size, fit_picture, place_picture, take_out
from animate_cli.pipeline.job import Fit

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class View:
    """One picture's layouts in frames of the model's aspect: as the model sees it, and as it is shown."""

    picture: Size
    model: Placement
    shown: Placement

    @classmethod
    def of(cls, picture: Size, model_size: Size, fit: Fit, height: int | None, shorter: int) -> "View":
        """Lay out a picture of (height, width), shown at a height, or else with a shorter side, in pixels."""
        model = place_picture(picture, model_size, fit)
        scale = shorter / min(model.inner) if height is None else height / model.inner[0]
        outer = max(1, round(model.outer[0] * scale)), max(1, round(model.outer[1] * scale))
        return cls(picture, model, _with_height(model.at(outer), height))

    def for_model(self, picture: Picture) -> Picture:
        """Lay a picture out as the model sees it."""
        return fit_picture(picture, self.model)

    def for_eye(self, picture: Picture) -> Picture:
        """Lay a picture out to be drawn on; `take_out` then cuts off what was added around it."""
        return fit_picture(picture, self.shown)

    def take_out(self, canvas: Picture) -> Picture:
        """Cut what belongs to the picture out of a canvas."""
        return np.ascontiguousarray(take_out(canvas, self.shown))

    def on_canvas(self, points: NDArray[np.floating]) -> Numbers:
        """Turn the model's points [..., 2], (x, y) in [-1, 1], into pixels of the canvas."""
        return to_pixels(points, self.shown.outer)

    def on_shown(self, points: NDArray[np.floating]) -> Numbers:
        """Turn the model's points [..., 2] into pixels of what is shown."""
        places: Numbers = self.on_canvas(points) - np.array(self.shown.offset[::-1])
        return places

    def on_picture(self, points: NDArray[np.floating]) -> Numbers:
        """Turn the model's points [..., 2] into (x, y) in [-1, 1] of the picture itself."""
        placed = self.model
        inside = to_pixels(points, placed.outer) - np.array(placed.offset[::-1]) + 0.5
        top, left, bottom, right = placed.part
        scale = np.array([(right - left) / placed.inner[1], (bottom - top) / placed.inner[0]])
        pixels = inside * scale + np.array([left, top]) - 0.5
        last = np.maximum(np.array(self.picture[::-1]) - 1, 1)
        places: Numbers = pixels / last * 2 - 1
        return places


def _with_height(placed: Placement, height: int | None) -> Placement:
    """Make sure of the height that was asked for, which rounding may have missed by a pixel."""
    if height is None or placed.inner[0] == height:
        return placed
    top = min(placed.offset[0], max(0, placed.outer[0] - height))
    outer = max(placed.outer[0], height), placed.outer[1]
    return Placement(placed.part, (height, placed.inner[1]), (top, placed.offset[1]), outer)
