"""Arrange what was made into the picture that is written: the result alone, or beside what it came from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from animate_cli.faces.box import Box
from animate_cli.faces.transform import cut_out
from animate_cli.motion import Motion
from animate_cli.overlay import draw_boxes, draw_map, draw_points, tile, to_pixels
from animate_cli.pipeline.background import lift
from animate_cli.pipeline.fitting import Picture, Placement, place_picture, resize, take_out
from animate_cli.pipeline.job import AnimateJob
from animate_cli.rendered import Rendered


@dataclass(frozen=True)
class Step:
    """One finished frame: what was rendered, the driving's motion, and its picture where the layout shows it."""

    rendered: Rendered
    motion: Motion
    driving: Picture | None


@dataclass(frozen=True)
class Stage:
    """What stays the same over a clip: the source on its canvas, its keypoints, and where it is laid.

    whole, box: the uncropped source [H, W, 3] and what was cut out of it. driving_box: likewise of the driving.
    """

    canvas: Picture
    placement: Placement
    motion: Motion
    model_size: tuple[int, int]
    background: tuple[int, int, int]
    whole: Picture | None = None
    box: Box | None = None
    driving_box: Box | None = None

    @property
    def source(self) -> Picture:
        """The source as large as the result."""
        return take_out(self.canvas, self.placement)


def arrange(job: AnimateJob, stage: Stage) -> Callable[[Step], Picture]:
    """Return what turns a finished step into the picture [H, W, 3 or 4] to be written."""
    return {"result": _Result, "compare": _Compare, "grid": _Grid}[job.layout](job, stage)


class _Result:
    def __init__(self, job: AnimateJob, stage: Stage) -> None:
        self.job, self.stage = job, stage
        self.height = stage.placement.inner[0]

    def __call__(self, step: Step) -> Picture:
        picture = take_out(step.rendered.image, self.stage.placement)
        if picture.shape[2] == 4:
            picture = lift(picture, self.stage.background)
        return np.ascontiguousarray(picture)

    def driving(self, step: Step) -> tuple[Picture, Placement]:
        """Return the driving as high as the result, and how the model was shown it."""
        shown, box = step.driving, self.stage.driving_box
        assert shown is not None  # noqa: S101  (the layouts that show it ask for it)
        picture = shown if box is None else cut_out(shown, box)
        size = picture.shape[0], picture.shape[1]
        placed = place_picture(size, self.stage.model_size, self.job.fit)
        top, left, bottom, right = placed.part
        width = max(1, round(self.height * (right - left) / (bottom - top)))
        return resize(picture[top:bottom, left:right], (self.height, width)), placed


class _Compare(_Result):
    def __call__(self, step: Step) -> Picture:
        return tile([[self.stage.source, self.driving(step)[0], super().__call__(step)]])


class _Grid(_Result):
    def __call__(self, step: Step) -> Picture:
        source, (driving, placed) = self.stage.source, self.driving(step)
        own = self.stage.placement.at(self.stage.model_size)
        top = [
            draw_points(source, _pixels(self.stage.motion, own, source)),
            draw_points(driving, _pixels(step.motion, placed, driving)),
            super().__call__(step),
        ]
        bottom = [take_out(step.rendered.deformed, self.stage.placement), *self._maps(step)]
        return tile([top, bottom, *self._uncropped(step)])

    def _uncropped(self, step: Step) -> list[list[Picture]]:
        """Return a row with the whole source and driving and their boxes, where anything was cut."""
        stage = self.stage
        if stage.box is None and stage.driving_box is None:
            return []
        source = stage.source if stage.whole is None else stage.whole
        wholes = [(source, stage.box), (step.driving, stage.driving_box)]
        return [[self._outline(picture, box) for picture, box in wholes if picture is not None]]

    def _outline(self, picture: Picture, box: Box | None) -> Picture:
        """Scale a picture to the result's height and draw a box into it."""
        scale = self.height / picture.shape[0]
        small = resize(picture, (self.height, max(1, round(picture.shape[1] * scale))))
        return small if box is None else draw_boxes(small, [("", box.scaled(scale, scale).corners)])

    def _maps(self, step: Step) -> list[Picture]:
        outer = self.stage.placement.outer
        drawn = [resize(draw_map(values), outer) for values in step.rendered.occlusions]
        return [take_out(picture, self.stage.placement) for picture in drawn]


def _pixels(motion: Motion, placed: Placement, shown: Picture) -> NDArray[np.float64]:
    """Return where keypoints lie on the shown picture, which the model saw as it is placed."""
    inside = to_pixels(motion.value, placed.outer) - np.array(placed.offset[::-1]) + 0.5
    scale = np.array([shown.shape[1] / placed.inner[1], shown.shape[0] / placed.inner[0]])
    pixels: NDArray[np.float64] = inside * scale - 0.5
    return pixels
