"""A figure in a pose: its tubes, what they are covered with, and in which order they hide one another."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.figures.tubes import Tubes
from animate_cli.data.toons.shapes import waves

if TYPE_CHECKING:
    from animate_cli.data.toons.figures.patch import Patch


class Cover(NamedTuple):
    """What tubes are covered with; [B, N, ...], or [R, ...] once chosen.

    first, second: [..., 3] colours of the pattern. third: [..., 3] beyond the cut. under: [..., 3] on the side
    away from the front, belly: [...] how far that reaches round, 0 for not at all. pattern: [..., 4] weights of
    1, the wave around, the wave along and their product. rate, angle, wobble: [...] of the pattern.
    shade: [...], light on the whole tube. gloss: [...], strength of strands and shine. edge: [..., 6], where
    a cap of hair ends: along the tube in front, how much further at the back, sharpness of the change, height
    and rate of its teeth, slant. joined: [...], 1 when the tube's start
    melts into what is around it, without ink or shade, -1 when its end does.
    """

    first: Tensor
    second: Tensor
    third: Tensor
    under: Tensor
    belly: Tensor
    pattern: Tensor
    rate: Tensor
    angle: Tensor
    wobble: Tensor
    shade: Tensor
    gloss: Tensor
    edge: Tensor
    joined: Tensor


class Pass(NamedTuple):
    """One tube of every figure to paint, from the back to the front.

    tube: [B], its index. rows: [B] bool, which figures to paint it of. capped: the tube is cut off along
    its cover's edge. decorate: paints marks on the tube.
    """

    tube: Tensor
    rows: Tensor
    capped: bool = False
    decorate: "Callable[[Patch], None] | None" = None


class Marks(NamedTuple):
    """Landmarks [B, L] on tubes.

    part, along, around: where. facing: bool, seen only when that side of the tube faces the viewer.
    accepted: [L, N] bool, the tubes that may lie on top there without hiding the landmark.
    """

    part: Tensor
    along: Tensor
    around: Tensor
    facing: Tensor
    accepted: Tensor


class Parts:
    """Tubes and covers [B, N, ...] of a batch of figures, side by side so that rows are chosen at once."""

    def __init__(self, tubes: Tubes, cover: Cover) -> None:
        self.tubes = tubes
        self._shapes = [leaf.shape[2:] for leaf in (*tubes, *cover)]
        self._packed = torch.cat(
            [leaf.flatten(2) if leaf.ndim > 2 else leaf[..., None] for leaf in (*tubes, *cover)], -1
        )

    def choose(self, rows: Tensor, index: Tensor) -> tuple[Tubes, Cover]:
        """Choose one tube of each of some figures: [R, ...]."""
        widths = [shape.numel() for shape in self._shapes]
        chosen = torch.split(self._packed[rows, index], widths, -1)
        leaves = [leaf.reshape(-1, *shape) for leaf, shape in zip(chosen, self._shapes, strict=True)]
        return Tubes(*leaves[: len(Tubes._fields)]), Cover(*leaves[len(Tubes._fields) :])


class Figure(NamedTuple):
    """A batch of figures, each held in a pose.

    ground: [B, 4], centre and half axes of the shadow in the picture; shadow: [B], how dark it is.
    """

    parts: Parts
    passes: tuple[Pass, ...]
    marks: Marks
    ground: Tensor
    shadow: Tensor


def cap_edge(tubes: Tubes, cover: Cover, along: Tensor, around: Tensor) -> Tensor:
    """Distance [R, h, w] beyond the edge of chosen tubes' caps of hair, in the picture's units."""
    front, back, sharp, teeth, rate, slant = (values[:, None, None] for values in cover.edge.unbind(-1))
    behind = (0.5 - sharp * torch.cos(around)).clamp_(0, 1)
    line = front + back * behind * behind * (3 - 2 * behind) + teeth * waves(around, rate)
    line = line + slant * torch.sin(around)
    unit = (tubes.points[:, 3] - tubes.points[:, 0]).norm(dim=-1)[:, None, None] / 3
    edge: Tensor = (along - line) * unit
    return edge
