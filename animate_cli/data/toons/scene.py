"""A toon in a pose as solids: what surface each line of sight meets, and where on that surface.

Each solid comes as a Layer, from the back to the front. A layer's local points stick to the surface, whatever
the pose, so that the same layers paint the picture, find what is visible, and tell the true motion.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.body import body_layers
from animate_cli.data.toons.hair import bun_layers, hair_layers
from animate_cli.data.toons.hat import hat_layers
from animate_cli.data.toons.head import ear_layers, head_layer, top_ear_layers
from animate_cli.data.toons.stance import Layer, Stance


class Scene(Stance):
    """A batch of toons with all their layers."""

    def reach(self) -> Tensor:
        """Radius [B] in head units about the head's centre that holds all that turns with the head."""
        who = self.identity
        hair, ears, wear = who.hair, who.ears, who.wear
        top = torch.hypot(ears.x + ears.width, ears.y - ears.height) * (ears.width > 0.01)
        fall = torch.hypot(hair.fall, who.head.width * hair.spread + 0.1) * (hair.fall > 0)
        bun = torch.hypot(hair.bun_x, hair.bun_y) + hair.bun
        brim = who.head.width + 0.25 + wear.brim
        crown = 0.30 + who.head.crown + (1.3 * hair.volume + hair.spike).clamp_min(0.2 * wear.hat)
        nose = 0.75 + who.nose.out
        return torch.stack([top, fall, bun, brim, crown, nose, 1.2 + 0 * top]).amax(0) + 0.08

    def solids(self, x: Tensor, y: Tensor) -> Iterator[Layer]:
        """Yield the layers in front of the background, back to front, at points in head units."""
        behind, before = self.head_solids(x, y)
        yield from behind
        yield from body_layers(self, x, y)
        yield from before

    def head_solids(self, x: Tensor, y: Tensor) -> tuple[list[Layer], Iterator[Layer]]:
        """List the layers that turn with the head: those behind the body, and those before it."""
        head = head_layer(self, x, y)
        hair = hair_layers(self, x, y, head)
        return hair[:1], self._before(x, y, head, hair[1:])

    def _before(self, x: Tensor, y: Tensor, head: Layer, hair: list[Layer]) -> Iterator[Layer]:
        yield from top_ear_layers(self, x, y)
        yield head
        yield from ear_layers(self, x, y, head.depth)
        yield from hair
        yield from bun_layers(self, x, y, head.depth)
        yield from hat_layers(self, x, y, head.depth)
