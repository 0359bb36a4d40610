"""One frame as a row of panels, one row a model."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from animate_cli.diagnosis.leak import identity_grid
from animate_cli.diagnosis.measures import relative_jacobians
from animate_cli.motion import Motion
from animate_cli.overlay import (
    caption,
    columns_for,
    draw_flow,
    draw_grid,
    draw_heatmaps,
    draw_jacobians,
    draw_links,
    draw_map,
    draw_masks,
    draw_points,
    draw_rings,
    draw_trails,
    enlarge,
    tile,
)
from animate_cli.pipeline.fitting import Picture, resize
from animate_cli.pipeline.visualize.job import MAPS, OVERLAYS, VisualizeJob
from animate_cli.pipeline.visualize.observe import Seen
from animate_cli.pipeline.visualize.view import View
from animate_cli.rendered import Rendered

TRAIL_SECONDS = 0.6
LARGEST_FLOW = 0.1
"""The motion, as a share of the picture's sides, that the flow's colours are deepest at."""

GAP = 2


@dataclass(frozen=True, eq=False)
class Step:
    """One frame with one model. picture: as read. rendered: where a layer asks for it."""

    seen: Seen
    index: int
    picture: Picture
    rendered: Rendered | None

    @cached_property
    def canvas(self) -> Picture:
        """The frame, laid out to be drawn on."""
        return self.seen.view.for_eye(self.picture)

    @property
    def bad(self) -> NDArray[np.bool_]:
        """The misplaced keypoints [K]."""
        bad: NDArray[np.bool_] = self.seen.diagnosis.bad[self.index]
        return bad

    @property
    def made(self) -> Rendered:
        """What the model made of the frame."""
        assert self.rendered is not None  # noqa: S101  (layers that show it ask for it)
        return self.rendered


def _heatmaps(step: Step) -> Picture:
    seen = step.seen
    heatmaps = seen.subject.animator.find_heatmaps(seen.view.for_model(step.picture))
    return seen.view.take_out(draw_heatmaps(step.canvas, heatmaps))


def _on_result(step: Step, draw: Callable[[Picture], Picture]) -> Picture:
    """Draw on the model's result, which is laid out as the source is."""
    view = step.seen.subject.source_view
    return view.take_out(draw(resize(step.made.image, view.shown.outer)))


def _masks(step: Step) -> Picture:
    return _on_result(step, lambda canvas: draw_masks(canvas, step.made.estimated.masks))


def _grid(step: Step) -> Picture:
    return _on_result(step, lambda canvas: draw_grid(canvas, step.made.estimated.deformation))


def _flow(step: Step) -> Picture:
    deformation = step.made.estimated.deformation
    moved = (identity_grid(*deformation.shape[:2]) - deformation) / 2
    view = step.seen.subject.source_view
    return draw_flow(_cut(view, moved), view.shown.inner, LARGEST_FLOW)


def _occlusion(step: Step, scale: int) -> Picture:
    view = step.seen.subject.source_view
    values = enlarge(_cut(view, step.made.occlusions[scale]), view.shown.inner)
    return draw_map(np.clip(values, 0, 1))


def _deformed(step: Step) -> Picture:
    view = step.seen.subject.source_view
    return view.take_out(resize(step.made.deformed, view.shown.outer))


def _prediction(step: Step) -> Picture:
    return _on_result(step, lambda canvas: canvas)


PANELS: dict[str, Callable[[Step], Picture]] = {
    "heatmaps": _heatmaps,
    "masks": _masks,
    "grid": _grid,
    "flow": _flow,
    "deformed": _deformed,
    "prediction": _prediction,
}
"""The layers that have one panel of their own."""

NEED_RENDERING = frozenset(MAPS) - {"heatmaps"}
MOST_IN_A_ROW = 4


def draw_panels(step: Step, layer: str) -> list[Picture]:
    """Draw the panels of a layer, each with its name; there is one of occlusion for each scale."""
    if layer != "occlusion":
        return [caption(PANELS[layer](step), layer)]
    count = len(step.made.occlusions)
    return [caption(_occlusion(step, scale), f"occlusion {scale + 1}/{count}") for scale in range(count)]


def _cut(view: View, values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Cut what belongs to the picture out of a map [h, w, ...] of the model's frame."""
    (top, left), inner, outer = view.shown.offset, view.shown.inner, view.shown.outer
    height, width = values.shape[:2]
    rows = slice(int(top * height / outer[0]), max(1, round((top + inner[0]) * height / outer[0])))
    columns = slice(int(left * width / outer[1]), max(1, round((left + inner[1]) * width / outer[1])))
    return values[rows, columns]


def draw_keypoints(step: Step, layers: Sequence[str]) -> Picture:
    """Draw the layers that lie on the picture itself, and a ring around each misplaced keypoint."""
    seen = step.seen
    drawn = seen.view.take_out(step.canvas)
    motion = seen.motions[step.index]
    places = seen.view.on_shown(motion.value)
    if "trails" in layers:
        drawn = draw_trails(drawn, _trail(step))
    if "jacobians" in layers:
        drawn = draw_jacobians(drawn, places, _relative(motion, seen.reference))
    if "keypoints" in layers:
        drawn = draw_rings(draw_points(drawn, places), places, step.bad)
    return drawn


def _relative(motion: Motion, reference: Motion) -> NDArray[np.float64]:
    """Return jacobians [K, 2, 2] relative to the reference frame: there, each is a circle."""
    now = motion.jacobian[None].astype(np.float64)
    relative: NDArray[np.float64] = relative_jacobians(now, reference.jacobian.astype(np.float64))[0]
    return relative


def _trail(step: Step) -> NDArray[np.float64]:
    """Return where the keypoints were until now, [T, K, 2] in pixels of what is shown."""
    now = step.seen.times[step.index]
    recent: deque[NDArray[np.float32]] = deque()
    for index in range(step.index, -1, -1):
        if now - step.seen.times[index] > TRAIL_SECONDS:
            break
        recent.appendleft(step.seen.motions[index].value)
    return step.seen.view.on_shown(np.stack(recent))


def draw_pair(step: Step, source: Picture, layers: Sequence[str]) -> Picture:
    """Draw source and driving side by side, corresponding keypoints joined by lines."""
    view, subject = step.seen.subject.source_view, step.seen.subject
    shown = view.take_out(view.for_eye(source))
    places = view.on_shown(subject.source.motion.value)
    driving = draw_keypoints(step, [layer for layer in layers if layer != "keypoints"])
    joined = tile([[shown, driving]], GAP)
    own = step.seen.motions[step.index]
    ends = step.seen.view.on_shown(own.value) + np.array([shown.shape[1] + GAP, 0])
    if "keypoints" not in layers:
        return joined
    joined = draw_points(draw_links(joined, places, ends), places)
    return draw_rings(draw_points(joined, ends), ends, step.bad)


class Composer:
    """Puts a frame's panels together, a row for each model."""

    def __init__(self, job: VisualizeJob, source: Picture | None) -> None:
        self.layers, self.source = job.shown, source
        self.overlays = [layer for layer in self.layers if layer in OVERLAYS]
        self.panels = [layer for layer in self.layers if layer in MAPS]

    @property
    def needs_rendering(self) -> bool:
        """Whether a layer shows what the whole model makes."""
        return bool(NEED_RENDERING & set(self.layers))

    def __call__(self, steps: Sequence[Step]) -> Picture:
        """Draw one frame with every model; the panels of a single one fill several rows where they are many."""
        rows = [self._row(step, named=len(steps) > 1) for step in steps]
        if len(rows) == 1 and len(rows[0]) > MOST_IN_A_ROW:
            (panels,) = rows
            columns = columns_for(len(panels), panels[-1].shape)
            rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
        return tile(rows, GAP)

    def _row(self, step: Step, *, named: bool) -> list[Picture]:
        panels = [panel for layer in self.panels for panel in draw_panels(step, layer)]
        if self.source is not None:
            return [caption(draw_pair(step, self.source, self.overlays), _words(step, named=named)), *panels]
        if self.overlays:
            return [caption(draw_keypoints(step, self.overlays), _words(step, named=named)), *panels]
        return panels


def _words(step: Step, *, named: bool) -> str:
    words = f"{step.seen.subject.name}  " if named else ""
    words += f"frame {step.index}  {float(step.seen.times[step.index]):.2f} s"
    count = int(step.bad.sum())
    return f"{words}  {count} misplaced" if count else words
