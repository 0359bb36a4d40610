"""Follow figures: which tube is on top at a point, where landmarks are, and the true motion between poses."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from animate_cli.data.toons.background import Filmed, from_camera, to_camera
from animate_cli.data.toons.figures.figure import Figure, Marks, Pass, cap_edge
from animate_cli.data.toons.figures.tubes import attach, place, see
from animate_cli.data.toons.grids import grid
from animate_cli.data.toons.trees import take

Who = TypeVar("Who")
How = TypeVar("How", bound=Filmed)

CHUNK = 32
"""Figures followed at once on a processor: few enough for its cache."""

NOTHING = -1
"""Part of the background."""

ALONG, AROUND = 0.4, 0.6
"""How close the surface met must be to the one expected to count as the same."""

SLACK = 0.02
"""By how much a landmark on an outline may miss its tube, in the picture's units."""


class Surface(NamedTuple):
    """What is seen at points [B, h, w]: the tube's index, and the coordinates that stick to it."""

    part: Tensor
    along: Tensor
    around: Tensor


def trace(figure: Figure, points: Tensor, slack: float = 0.0) -> Surface:
    """Find the topmost tube at points (x, y) in [-1, 1] [B, h, w, 2]."""
    x, y = points[..., 0], points[..., 1]
    nothing = torch.full_like(x, NOTHING, dtype=torch.long)
    surface = Surface(nothing, torch.zeros_like(x), torch.zeros_like(x))
    for step in figure.passes:
        rows = step.rows.nonzero()[:, 0]
        if rows.numel():
            _lay(surface, figure, step, rows, (x[rows], y[rows]), slack)
    return surface


def _lay(
    surface: Surface, figure: Figure, step: Pass, rows: Tensor, at: tuple[Tensor, Tensor], slack: float
) -> None:
    index = step.tube[rows]
    tubes, cover = figure.parts.choose(rows, index)
    seen = see(tubes, *at)
    along, around = attach(tubes, seen)
    inside = seen.distance <= slack
    if step.capped:
        inside &= cap_edge(tubes, cover, along, around) <= slack
    new = (index[:, None, None].expand_as(along), along, around)
    for values, value in zip(surface, new, strict=True):
        values[rows] = torch.where(inside, value, values[rows])


def trace_few(figure: Figure, points: Tensor, slack: float) -> Surface:
    """Find the topmost tube at few points [B, L, 2], as trace does, but looking at all tubes at once."""
    index = torch.stack([step.tube for step in figure.passes], 1)
    batch, steps = index.shape
    rows = torch.arange(batch, device=index.device).repeat_interleave(steps)
    tubes, cover = figure.parts.choose(rows, index.flatten())
    x, y = points[rows, None].unbind(-1)
    seen = see(tubes, x, y)
    along, around = attach(tubes, seen)
    uncut = torch.tensor([not step.capped for step in figure.passes], device=index.device).repeat(batch)
    inside = (seen.distance <= slack) & (
        uncut[:, None, None] | (cap_edge(tubes, cover, along, around) <= slack)
    )
    there = torch.stack([step.rows for step in figure.passes], 1)[..., None] & inside.view(batch, steps, -1)
    last = (there * torch.arange(1, steps + 1, device=index.device)[:, None]).amax(1)
    met, pick = last > 0, (last - 1).clamp_min(0)

    def choose(values: Tensor) -> Tensor:
        return torch.where(met, values.view(batch, steps, -1).gather(1, pick[:, None])[:, 0], 0.0)

    return Surface(torch.where(met, index.gather(1, pick), NOTHING), choose(along), choose(around))


def find_marks(figure: Figure) -> tuple[Tensor, Tensor]:
    """Landmarks [B, L, 2], (x, y) in [-1, 1], and whether each is visible [B, L]."""
    marks = figure.marks
    places, front = place(figure.parts.tubes, marks.part, marks.along, marks.around)
    top = trace_few(figure, places, SLACK)
    inside = (places.abs() <= 1).all(-1)
    return places, inside & _shown(marks, top) & (front | ~marks.facing)


def _shown(marks: Marks, top: Surface) -> Tensor:
    """Whether what lies on top of each landmark [B, L] leaves it visible."""
    line = torch.arange(marks.part.shape[1], device=top.part.device)
    accepted = marks.accepted[line, top.part.clamp_min(0)]
    same = (top.part == marks.part) & ((top.along - marks.along).abs() < ALONG + 0.3)
    return (accepted & (top.part != marks.part)) | same | (top.part == NOTHING)


def true_motion(
    identity: Who, driving: How, source: How, hold: Callable[[Who, How], Figure], size: int
) -> tuple[Tensor, Tensor]:
    """Find where every place of one picture is in another.

    Args:
        identity: who, [B].
        driving: the pose whose picture is being explained.
        source: the pose whose picture is to be warped.
        hold: makes figures of identities in poses.
        size: side of the maps.

    Returns:
        The deformation [B, size, size, 2], (x, y) in [-1, 1] of the source, and [B, size, size] bool: the
        point is inside the source's picture and visible there.
    """
    rows = torch.arange(driving.camera.shape[0], device=driving.camera.device)
    chunks = torch.split(rows, CHUNK) if rows.device.type == "cpu" else (rows,)
    parts = [
        _follow(take(identity, some), take(driving, some), take(source, some), hold, size) for some in chunks
    ]
    deformation, visible = zip(*parts, strict=True)
    return torch.cat(deformation), torch.cat(visible)


def _follow(
    identity: Who, driving: How, source: How, hold: Callable[[Who, How], Figure], size: int
) -> tuple[Tensor, Tensor]:
    camera = driving.camera
    before, after = hold(identity, driving), hold(identity, source)
    points = grid(size, camera.shape[0], camera.device)
    seen = trace(before, points)
    part, along, around = (values.flatten(1) for values in seen)
    found, front = place(after.parts.tubes, part.clamp_min(0), along, around)
    nothing = seen.part == NOTHING
    behind = from_camera(source, to_camera(driving, points))
    deformation = torch.where(nothing[..., None], behind, found.view_as(points))
    met = trace(after, deformation)
    close = ((met.along - seen.along).abs() < ALONG) & (torch.cos(met.around - seen.around) > AROUND)
    same = (met.part == seen.part) & (nothing | (close & front.view_as(nothing)))
    return deformation, same & (deformation.abs() <= 1).all(-1)
