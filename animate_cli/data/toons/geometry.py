"""The solid geometry of a toon: rotations, and ellipsoids seen along the line of sight.

Head units: the origin is the head's centre, its half height about 1, x to the picture's right (the subject's
left at yaw 0), y down, z to the viewer. Points of the picture are [B, h, w]; parameters are [B], or [B, 3].
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Points(NamedTuple):
    """Coordinates of points, each [B, h, w], or [B, 1, w] and [B, h, 1] where they make a grid."""

    x: Tensor
    y: Tensor
    z: Tensor


def per_pixel(value: Tensor) -> Tensor:
    """View a parameter [B] as [B, 1, 1]."""
    return value[:, None, None]


def rotation(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Rotation [B, 3, 3] of a head, angles [B] in radians.

    Positive yaw turns to the picture's right, positive pitch looks up, positive roll tilts clockwise.
    """
    zero, one = torch.zeros_like(yaw), torch.ones_like(yaw)
    cos, sin = torch.cos(yaw), torch.sin(yaw)
    turn = torch.stack([cos, zero, sin, zero, one, zero, -sin, zero, cos], -1).view(-1, 3, 3)
    cos, sin = torch.cos(pitch), torch.sin(pitch)
    nod = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], -1).view(-1, 3, 3)
    cos, sin = torch.cos(roll), torch.sin(roll)
    tilt = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], -1).view(-1, 3, 3)
    return tilt @ nod @ turn


def apply(matrix: Tensor, points: Points) -> Points:
    """Multiply points by matrices [B, 3, 3]."""
    return Points(*(along(matrix, row, points) for row in range(3)))


def along(matrix: Tensor, row: int, points: Points) -> Tensor:
    """One coordinate of points multiplied by matrices [B, 3, 3]."""
    x, y, z = matrix[:, row, :, None, None].unbind(1)
    return torch.addcmul(points.x * x + points.y * y, points.z, z)


class Ellipsoid(NamedTuple):
    """An ellipsoid of a head.

    center: [B, 3] in the head's frame. radii: [B, 3] along its own axes. tilt: [B, 3, 3] from those to the head's.
    """

    center: Tensor
    radii: Tensor
    tilt: Tensor | None = None


class Sight(NamedTuple):
    """An ellipsoid as seen: distance to its outline, depth of its near side and of its middle, each [B, h, w].

    Outside the outline the depths fall away from the rim, so that a comparison of depths stays smooth.
    """

    distance: Tensor
    near: Tensor
    middle: Tensor

    def far(self) -> Tensor:
        """Depth of the far side."""
        return 2 * self.middle - self.near


def outlines(rotation: Tensor, ellipsoids: Sequence[Ellipsoid]) -> Tensor:
    """Numbers [B, N, 14] of ellipsoids as turned heads [B, 3, 3] show them; see_ellipsoid looks at them.

    The last two are half the width and half the height of what is seen, about a middle told by the first two.
    """
    upright = torch.eye(3).to(rotation).expand_as(rotation)
    tilt = torch.stack([upright if one.tilt is None else one.tilt for one in ellipsoids], 1)
    center = torch.stack([one.center for one in ellipsoids], 1)
    radii = torch.stack([one.radii for one in ellipsoids], 1)
    axes = (rotation[:, None] @ tilt) * radii[:, :, None]
    middle = (rotation[:, None] @ center[..., None])[..., 0]
    spread = axes @ axes.transpose(-1, -2)
    xx, xy, yy = spread[..., 0, 0], spread[..., 0, 1], spread[..., 1, 1]
    xz, yz, zz = spread[..., 0, 2], spread[..., 1, 2], spread[..., 2, 2]
    determinant = xx * yy - xy * xy
    a, b, c = yy / determinant, -xy / determinant, xx / determinant
    lean_x, lean_y = a * xz + b * yz, b * xz + c * yz
    reach = (zz - lean_x * xz - lean_y * yz).clamp_min(1e-8).sqrt()
    level = (a, 2 * b, c)
    slope = (4 * (a * a + b * b), 8 * b * (a + c), 4 * (b * b + c * c))
    return torch.stack([*middle.unbind(-1), *level, *slope, lean_x, lean_y, reach, xx.sqrt(), yy.sqrt()], -1)


def see_ellipsoid(outline: Tensor, x: Tensor, y: Tensor) -> Sight:
    """Look along z at an ellipsoid with numbers [B, 14], at x and y, which together make [B, h, w] head units."""
    middle_x, middle_y, middle_z, a, b, c, aa, bb, cc, lean_x, lean_y, reach, _, _ = outline[
        ..., None, None
    ].unbind(1)
    dx, dy = x - middle_x, y - middle_y
    xx, yy = dx * dx, dy * dy
    level = torch.addcmul(xx * a - 1, dx * b, dy) + yy * c
    steep = torch.addcmul(xx * aa + 4e-6, dx * bb, dy).add(yy * cc).rsqrt_()
    middle = (dx * lean_x + middle_z) + dy * lean_y
    near = middle - level.abs().sqrt_().mul_(reach).copysign_(level)
    return Sight(level.mul_(steep), near, middle)


def smooth_union(first: Tensor, second: Tensor, width: float) -> Tensor:
    """Smooth minimum of two fields [B, h, w] that differ by less than the width."""
    blend = (first - second).abs_().clamp_max_(width).sub_(width)
    return torch.minimum(first, second).addcmul_(blend, blend, value=-0.25 / width)


def smooth_cut(first: Tensor, second: Tensor, width: float) -> Tensor:
    """Smooth maximum of two fields [B, h, w] that differ by less than the width."""
    blend = (first - second).abs_().clamp_max_(width).sub_(width)
    return torch.maximum(first, second).addcmul_(blend, blend, value=0.25 / width)
