"""The solid head: skull, jaw, chin and nose melted together, and the ears."""

from functools import partial

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import outlines, per_pixel, see_ellipsoid, smooth_cut, smooth_union
from animate_cli.data.toons.solids import Solid, ellipsoids
from animate_cli.data.toons.stance import Layer, Part, Stance, above

EARS = {Solid.LEFT_EAR: Part.LEFT_EAR, Solid.RIGHT_EAR: Part.RIGHT_EAR}
TOP_EARS = ((Solid.LEFT_OUTER, Solid.LEFT_INNER), (Solid.RIGHT_OUTER, Solid.RIGHT_INNER))


def head_surface(stance: Stance, x: Tensor, y: Tensor, turned: bool = True) -> tuple[Tensor, Tensor]:
    """Distance to the outline of the bare head with its nose, and depth of its surface, at head units."""
    shown = stance.outlines
    if not turned:
        upright = torch.eye(3).to(x).expand(x.shape[0], 3, 3)
        shown = outlines(upright, ellipsoids(stance.identity, stance.pose)[: Solid.BRIDGE + 1])
    cranium, jaw, chin, tip, bridge = (
        see_ellipsoid(shown[:, solid], x, y)
        for solid in (Solid.CRANIUM, Solid.JAW, Solid.CHIN, Solid.TIP, Solid.BRIDGE)
    )
    distance = smooth_union(cranium.distance, jaw.distance, 0.2)
    distance = smooth_union(distance, chin.distance, 0.22)
    distance = smooth_union(distance, torch.minimum(tip.distance, bridge.distance), 0.05)
    depth = smooth_cut(cranium.near, jaw.near, 0.2)
    for feature, width in ((chin, 0.24), (bridge, 0.10), (tip, 0.07)):
        depth = smooth_cut(depth, feature.near, width)
    return distance, depth


def head_layer(stance: Stance, x: Tensor, y: Tensor) -> Layer:
    """Make the layer of the bare head."""
    distance, depth = head_surface(stance, x, y)
    return Layer(Part.HEAD, distance, depth, partial(stance.to_local, x, y, depth))


def ear_layer(stance: Stance, x: Tensor, y: Tensor, head: Tensor, solid: Solid) -> Layer:
    """Make the layer of a human ear, before a head of this depth."""
    ear, present = stance.see(solid, x, y), stance.identity.ears.human > 0
    gate = above(ear.near, head).mul_(per_pixel(present))
    return Layer(EARS[solid], ear.distance, ear.near, partial(stance.to_local, x, y, ear.near), gate)


def top_ear_layer(stance: Stance, x: Tensor, y: Tensor, outer: Solid, inner: Solid) -> Layer:
    """Make the layer of a cat's, bear's or rabbit's ear."""
    back, front = stance.see(outer, x, y), stance.see(inner, x, y)
    distance, depth = torch.maximum(back.distance, front.distance), torch.minimum(back.near, front.near)
    gate = per_pixel((stance.identity.ears.width > 0.01).to(x))
    return Layer(Part.BEHIND_EARS, distance, depth, partial(stance.to_local, x, y, depth), gate)
