"""A toon in a pose as solids: what surface each line of sight meets, and where on that surface.

Each solid comes as a Layer, from the back to the front. A layer's local points stick to the surface, whatever
the pose, so that the same layers paint the picture, find what is visible, and tell the true motion.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.accessories import glasses_box
from animate_cli.data.toons.body import body_layers
from animate_cli.data.toons.hair import BUNS, bun_layer, hair_layers
from animate_cli.data.toons.hat import hat_layers
from animate_cli.data.toons.head import EARS, TOP_EARS, ear_layer, head_layer, top_ear_layer
from animate_cli.data.toons.solids import Solid, worn
from animate_cli.data.toons.stance import Layer, Stance

SOFT = 0.1
"""How far what is melted together may bulge beyond its solids, in head units."""


class Scene(Stance):
    """A batch of toons with all their layers."""

    def solids(self, x: Tensor, y: Tensor) -> Iterator[Layer]:
        """Yield the layers in front of the background, back to front, at points in head units."""
        there = worn(self.identity).any(0)
        head = head_layer(self, x, y)
        hair = hair_layers(self, x, y, head)
        yield from hair[:1]
        yield from body_layers(self, x, y)
        yield from (top_ear_layer(self, x, y, *pair) for pair in TOP_EARS if there[pair[0]])
        yield head
        yield from (ear_layer(self, x, y, head.depth, ear) for ear in EARS if there[ear])
        yield from hair[1:]
        yield from (bun_layer(self, x, y, head.depth, bun) for bun in BUNS if there[bun])
        if there[Solid.HAT]:
            yield from hat_layers(self, x, y, head.depth)

    def boxes(self, pixel: Tensor) -> tuple[Tensor, Tensor]:
        """Corners [B, N, 2] of what the ellipsoids are within, in head units as is the size of a pixel [B, 1, 1].

        Distances to thin ellipsoids are so short that their soft edge reaches far beyond their ends.
        """
        hair, (a, b, c) = self.identity.hair, self.outlines[..., 3:6].unbind(-1)
        middle, half = self.outlines[..., :2], self.outlines[..., -2:]
        span = half.norm(dim=-1)
        thin = pixel[:, :, 0] * 0.5 * span * (a * c - b * b / 4).clamp_min(0).sqrt()
        bulge = span * (torch.hypot(thin, torch.ones_like(thin)) - 1)
        bulge[:, : Solid.BRIDGE + 1] += SOFT
        bulge[:, Solid.CAP : Solid.FALL + 1] += (SOFT / 2 + 2 * hair.curl + hair.spike)[:, None]
        return middle - half - bulge[..., None], middle + half + bulge[..., None]

    def head_box(self, pixel: Tensor) -> tuple[Tensor, Tensor]:
        """Corners [B, 2] of what the head is within, with all on it but the ears on top; units as of boxes."""
        there = worn(self.identity)[:, : Solid.LEFT_OUTER]
        boxes = (corner[:, : Solid.LEFT_OUTER] for corner in self.boxes(pixel))
        low, high = (torch.cat([a, b[:, None]], 1) for a, b in zip(boxes, glasses_box(self), strict=True))
        there = torch.cat([there, self.identity.wear.glasses[:, None] > 0], 1)[..., None]
        return torch.where(there, low, torch.inf).amin(1), torch.where(there, high, -torch.inf).amax(1)
