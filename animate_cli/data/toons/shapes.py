"""Signed distances of flat shapes on a grid of points: negative inside, in the units of the points."""

import torch
from torch import Tensor


def circle(x: Tensor, y: Tensor, radius: Tensor | float) -> Tensor:
    """Distance to a circle about the origin."""
    return torch.hypot(x, y) - radius


def ellipse(x: Tensor, y: Tensor, width: Tensor | float, height: Tensor | float) -> Tensor:
    """Distance, to first order, to an ellipse of these half axes about the origin."""
    u, v = x / width, y / height
    level = u * u + v * v
    return (level - 1) * 0.5 * ((u / width) ** 2 + (v / height) ** 2 + 1e-6).rsqrt()


def box(
    x: Tensor, y: Tensor, width: Tensor | float, height: Tensor | float, corner: Tensor | float = 0.0
) -> Tensor:
    """Distance to a box of these half sides with rounded corners."""
    u, v = x.abs() - width + corner, y.abs() - height + corner
    return torch.hypot(u.clamp_min(0), v.clamp_min(0)) + torch.maximum(u, v).clamp_max(0) - corner


def segment(x: Tensor, y: Tensor, start: tuple[Tensor, Tensor], end: tuple[Tensor, Tensor]) -> Tensor:
    """Distance to a line between two points."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    dx, dy = x - start[0], y - start[1]
    place = ((dx * along_x + dy * along_y) / (along_x**2 + along_y**2 + 1e-9)).clamp(0, 1)
    return torch.hypot(dx - place * along_x, dy - place * along_y)


def cover(distance: Tensor, pixel: Tensor | float) -> Tensor:
    """Share of a pixel inside a shape, from the signed distance and the pixel's size in the same units."""
    return (0.5 - distance / pixel).clamp_(0, 1)


def waves(x: Tensor, frequency: Tensor | float) -> Tensor:
    """Triangle wave in [-1, 1], a cheap stand-in for a sine of the same period."""
    turn = x * frequency
    return turn.sub_(turn.round()).abs_().mul_(4).sub_(1)


def bump(level: Tensor) -> Tensor:
    """Smooth fall from 1 at level 0 to 0 at level 4 and beyond, close to exp(-level) and much cheaper."""
    return (1 - level * 0.25).clamp_min_(0).square_().square_()
