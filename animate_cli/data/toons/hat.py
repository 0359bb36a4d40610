"""The solid hat: a crown and a brim or peak."""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.solids import Solid
from animate_cli.data.toons.stance import Layer, Part, Stance, above


def hat_layers(stance: Stance, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
    """Yield crown and brim, where there is a hat, before a head of this depth."""
    wear = stance.identity.wear
    sight, brim = stance.see(Solid.HAT, x, y), stance.see(Solid.BRIM, x, y)
    near = stance.to_local(x, y, sight.near)
    crown = torch.maximum(sight.distance, near.y - 0.14 * near.z - per_pixel(wear.hat_line))
    solid = torch.where(crown < 0, torch.maximum(head, sight.near), head)
    hidden = above(brim.near, solid) * per_pixel((wear.brim > 0).to(x))
    yield Layer(Part.HAT, crown, sight.near, lambda: near, per_pixel((wear.hat > 0).to(x)))
    yield Layer(Part.BRIM, brim.distance, brim.near, partial(stance.to_local, x, y, brim.near), hidden)
