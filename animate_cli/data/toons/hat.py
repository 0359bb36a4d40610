"""The solid hat: a crown and a brim or peak."""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.stance import Layer, Part, Stance, above, lean


def hat_layers(stance: Stance, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
    """Yield crown and brim, where there is a hat, before a head of this depth."""
    wear, who = stance.identity.wear, stance.identity
    present = wear.hat > 0
    if not bool(present.any()):
        return
    puff = (who.hair.volume * who.hair.cap).clamp(0.05, 0.16) + 0.03
    center = stance.column(0 * puff, -0.30 - 0.3 * puff, -0.14)
    radii = stance.column(who.head.width + puff, who.head.crown + puff, 0.86 + puff)
    sight = stance.see(x, y, center=center, radii=radii)
    near = stance.to_local(x, y, sight.near)
    gate = per_pixel(present.to(x)).expand_as(x)
    edge = near.y - 0.14 * near.z - per_pixel(wear.hat_line)
    side, front = radii[:, 0] + wear.brim * (1 - wear.peak * 1.6), radii[:, 2] * 0.9 + wear.brim * 0.6
    middle = stance.column(0 * puff, wear.hat_line - 0.02, wear.peak - 0.2)
    flat = stance.column(side, 0.04, front)
    brim = stance.see(x, y, center=middle, radii=flat, tilt=lean(0 * puff - 0.14))
    solid = torch.where(torch.maximum(sight.distance, edge) < 0, torch.maximum(head, sight.near), head)
    hidden = above(brim.near, solid) * per_pixel((wear.brim > 0).to(x))
    yield Layer(Part.HAT, torch.maximum(sight.distance, edge), sight.near, near, gate)
    yield Layer(Part.BRIM, brim.distance, brim.near, stance.to_local(x, y, brim.near), hidden)
