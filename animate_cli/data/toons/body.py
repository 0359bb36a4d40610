"""The solid body: chest, neck and clothes down from the shoulders."""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, per_pixel, smooth_union
from animate_cli.data.toons.shapes import ellipse
from animate_cli.data.toons.stance import Layer, Part, Stance


def body_layers(stance: Stance, x: Tensor, y: Tensor) -> Iterator[Layer]:
    """Yield chest, neck and clothes at points in head units."""
    wear = stance.identity.wear
    turn = stance.pose.torso_yaw
    half, deep = wear.shoulder, wear.shoulder * 0.38
    cos, sin = torch.cos(turn), torch.sin(turn)
    reach = torch.hypot(half * cos, deep * sin)
    bx, by = x - per_pixel(stance.base[:, 0]), y - per_pixel(stance.base[:, 1] - stance.pose.shoulders)
    top = per_pixel(wear.slope) * (torch.sqrt(bx * bx + 0.1) - 0.30) - by + 0.12
    flank = bx.abs() - per_pixel(reach)
    distance = -smooth_union(-top * 0.9, -flank, 0.55)
    level = (1 - (bx / per_pixel(reach)) ** 2).clamp_min(0.02).sqrt()
    z = level * per_pixel(half * deep / reach) + bx * per_pixel(cos * sin * (deep**2 - half**2) / reach**2)
    local = Points(bx * per_pixel(cos) - z * per_pixel(sin), by, bx * per_pixel(sin) + z * per_pixel(cos))
    yield Layer(Part.CHEST, distance, z - 0.6, local)
    yield _neck(stance, x, y)
    yield Layer(Part.CLOTHES, torch.maximum(distance, -neckline(stance, local)), z - 0.5, local)


def neckline(stance: Stance, local: Points) -> Tensor:
    """Signed distance to the opening of the collar, which shows the chest."""
    wear = stance.identity.wear
    size = per_pixel(wear.collar_size)
    kind = per_pixel(wear.collar)
    neck = per_pixel(stance.identity.head.neck)
    round_neck = ellipse(local.x, local.y - 0.05, neck + 0.12 + 0.15 * size, 0.14 + 0.25 * size)
    vee = (local.x.abs() * (0.8 + size) + (local.y - 0.15 - size)) * 0.6
    high = torch.hypot(local.x, local.y + 3.0) - 2.75
    return torch.where(kind == 0, round_neck, torch.where(kind == 3, high, vee))


def _neck(stance: Stance, x: Tensor, y: Tensor) -> Layer:
    start, along = stance.neck_line()
    length = along.norm(dim=1)
    ux, uy = per_pixel(along[:, 0] / length), per_pixel(along[:, 1] / length)
    dx, dy = x - per_pixel(start[:, 0]), y - per_pixel(start[:, 1])
    place = (dx * ux + dy * uy) / per_pixel(length)
    across = dx * uy - dy * ux
    radius = per_pixel(stance.identity.head.neck) * (1 + 0.5 * (place - 0.55).clamp(0, 1))
    distance = torch.maximum(across.abs() - radius, (place - 1.25).abs() - 1.25)
    depth = (radius * radius - across * across).clamp_min(0).sqrt() - 0.2
    return Layer(Part.NECK, distance, depth, Points(across, place, depth))
