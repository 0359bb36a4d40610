"""The solid head: skull, jaw, chin and nose melted together, and the ears."""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import per_pixel, rotation, see_ellipsoid, smooth_union
from animate_cli.data.toons.stance import Layer, Part, Stance, above, lean


def head_surface(stance: Stance, x: Tensor, y: Tensor, turned: bool = True) -> tuple[Tensor, Tensor]:
    """Distance to the outline of the bare head with its nose, and depth of its surface, at head units."""
    who, pose = stance.identity, stance.pose
    matrix = stance.rotation if turned else torch.eye(3).to(x).expand(x.shape[0], 3, 3)
    opened = pose.mouth_open
    zero = torch.zeros_like(opened)
    length, width = who.head.length, who.head.width
    cranium = see_ellipsoid(
        x, y, matrix, stance.column(zero, -0.26, -0.12), stance.column(width, who.head.crown, 0.86)
    )
    jaw = see_ellipsoid(
        x, y, matrix, stance.column(zero, 0.28 * length + 0.06 * opened, 0.04),
        stance.column(width * who.head.jaw * 0.86, 0.64 * length, 0.66),
    )  # fmt: skip
    chin_y = (0.98 * length - who.head.chin * 0.9) + 0.2 * opened
    chin = see_ellipsoid(
        x,
        y,
        matrix,
        stance.column(zero, chin_y, 0.06),
        stance.column(who.head.chin * 1.35, who.head.chin, 0.52),
    )
    nose = who.nose
    tip_y, tip_z = nose.y - 0.09, 0.55 + nose.out
    tip = see_ellipsoid(
        x,
        y,
        matrix,
        stance.column(zero, tip_y, tip_z),
        stance.column(nose.width * 0.85, 0.10 + 0.15 * nose.width, 0.15),
    )
    brow_y, brow_z = who.eyes.y - 0.06, 0.62
    half = torch.hypot(tip_y - brow_y, tip_z - brow_z) * 0.5
    bridge = see_ellipsoid(
        x, y, matrix,
        stance.column(zero, (brow_y + tip_y) * 0.5, (tip_z + brow_z) * 0.5 + 0.03 * (nose.bridge - 0.5)),
        stance.column(nose.width * 0.5, half + 0.08, 0.09 + 0.04 * nose.bridge),
        lean(torch.atan2(tip_z - brow_z, tip_y - brow_y)),
    )  # fmt: skip
    distance = smooth_union(cranium.distance, jaw.distance, 0.2)
    depth = -smooth_union(-cranium.near, -jaw.near, 0.2)
    distance = smooth_union(distance, chin.distance, 0.22)
    depth = -smooth_union(-depth, -chin.near, 0.24)
    depth = -smooth_union(-depth, -bridge.near, 0.10)
    depth = -smooth_union(-depth, -tip.near, 0.07)
    distance = smooth_union(distance, torch.minimum(tip.distance, bridge.distance), 0.05)
    return distance, depth


def head_layer(stance: Stance, x: Tensor, y: Tensor) -> Layer:
    """Make the layer of the bare head."""
    distance, depth = head_surface(stance, x, y)
    return Layer(Part.HEAD, distance, depth, stance.to_local(x, y, depth))


def ear_layers(stance: Stance, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
    """Yield human ears at the sides, where a head of this depth does not hide them."""
    size = stance.identity.ears.human
    if not bool((size > 0).any()):
        return
    width = stance.identity.head.width
    for part, side in ((Part.LEFT_EAR, 1.0), (Part.RIGHT_EAR, -1.0)):
        center = stance.column(side * (width * 0.97), 0.06 + 0 * size, -0.12)
        radii = stance.column(0.075 * size + 1e-3, 0.215 * size + 1e-3, 0.14 * size + 1e-3)
        ear = stance.see(x, y, center=center, radii=radii)
        gate = above(ear.near, head) * per_pixel((size > 0).to(x))
        yield Layer(part, ear.distance, ear.near, stance.to_local(x, y, ear.near), gate)


def top_ear_layers(stance: Stance, x: Tensor, y: Tensor) -> Iterator[Layer]:
    """Yield the ears of cats, bears and rabbits."""
    ears = stance.identity.ears
    present = ears.width > 0.01
    if not bool(present.any()):
        return
    for side in (1.0, -1.0):
        tilt = rotation(0 * ears.lean, 0 * ears.lean, ears.lean * side)
        center = stance.column(ears.x * side, ears.y, -0.08)
        shift = tilt @ stance.column(ears.point * ears.width, 0 * ears.x, 0.0)[:, :, None]
        radii = stance.column(ears.width * (1 + ears.point) + 1e-3, ears.height + 1e-3, 0.12)
        outer = stance.see(x, y, center=center + shift[:, :, 0], radii=radii, tilt=tilt)
        inner = stance.see(x, y, center=center - shift[:, :, 0], radii=radii, tilt=tilt)
        distance, depth = (
            torch.maximum(outer.distance, inner.distance),
            torch.minimum(outer.near, inner.near),
        )
        local = stance.to_local(x, y, depth)
        yield Layer(Part.BEHIND_EARS, distance, depth, local, per_pixel(present.to(x)).expand_as(x))
