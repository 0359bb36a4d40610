"""Arrange what was made into the picture that is written: the result alone, or beside what it came from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from animate_cli.animator import Rendered
from animate_cli.motion import Motion
from animate_cli.overlay import draw_map, draw_points, tile, to_pixels
from animate_cli.pipeline.background import lift
from animate_cli.pipeline.fitting import Picture, Placement, fit_picture, place_picture, resize, take_out
from animate_cli.pipeline.job import AnimateJob


@dataclass(frozen=True)
class Step:
    """One finished frame: what was rendered, the driving's motion, and its picture where the layout shows it."""

    rendered: Rendered
    motion: Motion
    driving: Picture | None


@dataclass(frozen=True)
class Stage:
    """What stays the same over a clip: the source on its canvas, its keypoints, and where it is laid."""

    canvas: Picture
    placement: Placement
    motion: Motion
    model_size: tuple[int, int]
    background: tuple[int, int, int]

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
        """Return the driving as high as the result, and where it lies in the model's frame of that scale."""
        assert step.driving is not None  # noqa: S101  (the layouts that show it ask for it)
        size = step.driving.shape[0], step.driving.shape[1]
        placed = place_picture(size, self.stage.model_size, self.job.fit)
        scale = self.height / placed.inner[0]
        grown = placed.at((round(placed.outer[0] * scale), round(placed.outer[1] * scale)))
        shown = resize(take_out(fit_picture(step.driving, grown), grown), (self.height, grown.inner[1]))
        return shown, grown


class _Compare(_Result):
    def __call__(self, step: Step) -> Picture:
        return tile([[self.stage.source, self.driving(step)[0], super().__call__(step)]])


class _Grid(_Result):
    def __call__(self, step: Step) -> Picture:
        driving, placed = self.driving(step)
        top = [
            draw_points(self.stage.source, self._pixels(self.stage.motion, self.stage.placement)),
            draw_points(driving, self._pixels(step.motion, placed)),
            super().__call__(step),
        ]
        bottom = [take_out(step.rendered.deformed, self.stage.placement), *self._maps(step)]
        return tile([top, bottom])

    def _pixels(self, motion: Motion, placement: Placement) -> np.ndarray:
        return to_pixels(motion.value, placement.outer) - np.array(placement.offset[::-1])

    def _maps(self, step: Step) -> list[Picture]:
        outer = self.stage.placement.outer
        drawn = [resize(draw_map(values), outer) for values in step.rendered.occlusions]
        return [take_out(picture, self.stage.placement) for picture in drawn]
