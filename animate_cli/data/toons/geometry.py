"""The solid geometry of a toon: rotations, and ellipsoids seen along the line of sight.

Head units: the origin is the head's centre, its half height about 1, x to the picture's right (the subject's
left at yaw 0), y down, z to the viewer. Points of the picture are [B, h, w]; parameters are [B], or [B, 3].
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Points(NamedTuple):
    """Coordinates of points, each [B, h, w]."""

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
    rows = matrix[:, :, :, None, None].unbind(1)
    x, y, z = (
        torch.addcmul(torch.addcmul(points.x * row[:, 0], points.y, row[:, 1]), points.z, row[:, 2])
        for row in rows
    )
    return Points(x, y, z)


class Sight(NamedTuple):
    """An ellipsoid as seen: distance to its outline, depth of its near and far side, each [B, h, w].

    Outside the outline both depths fall away from the rim, so that a comparison of depths stays smooth.
    """

    distance: Tensor
    near: Tensor
    far: Tensor


def see_ellipsoid(
    x: Tensor, y: Tensor, rotation: Tensor, center: Tensor, radii: Tensor, tilt: Tensor | None = None
) -> Sight:
    """Look along z at an ellipsoid of a turned head.

    Args:
        x: [B, h, w] in head units.
        y: [B, h, w] in head units.
        rotation: [B, 3, 3] of the head.
        center: [B, 3] in the head's frame.
        radii: [B, 3] along the ellipsoid's own axes.
        tilt: [B, 3, 3] from the ellipsoid's axes to the head's.
    """
    axes = (rotation if tilt is None else rotation @ tilt) * radii[:, None, :]
    spread = axes @ axes.transpose(1, 2)
    middle = (rotation @ center[:, :, None])[:, :, 0]
    xx, xy, yy = spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1]
    determinant = xx * yy - xy * xy
    a, b, c = yy / determinant, -xy / determinant, xx / determinant
    lean_x = a * spread[:, 2, 0] + b * spread[:, 2, 1]
    lean_y = b * spread[:, 2, 0] + c * spread[:, 2, 1]
    reach = (spread[:, 2, 2] - lean_x * spread[:, 2, 0] - lean_y * spread[:, 2, 1]).clamp_min(1e-8).sqrt()
    dx, dy = x - per_pixel(middle[:, 0]), y - per_pixel(middle[:, 1])
    slope_x = torch.addcmul(dx * per_pixel(a), dy, per_pixel(b))
    slope_y = torch.addcmul(dx * per_pixel(b), dy, per_pixel(c))
    level = torch.addcmul(slope_x * dx, slope_y, dy).sub_(1)
    steep = torch.addcmul(slope_x * slope_x, slope_y, slope_y).add_(1e-6).rsqrt_()
    rise = level.abs().sqrt_().mul_(level.sign()).mul_(per_pixel(reach))
    base = torch.addcmul(torch.addcmul(per_pixel(middle[:, 2]), dx, per_pixel(lean_x)), dy, per_pixel(lean_y))
    return Sight(level.mul_(steep).mul_(0.5), base - rise, base + rise)


def smooth_union(first: Tensor, second: Tensor, width: float) -> Tensor:
    """Smooth minimum of two fields [B, h, w] that differ by less than the width."""
    share = (second - first).mul_(0.5 / width).add_(0.5).clamp_(0, 1)
    return torch.lerp(second, first, share).sub_(share.mul(1 - share).mul_(width))
