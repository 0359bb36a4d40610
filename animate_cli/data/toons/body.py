"""The solid body: chest, neck and clothes down from the shoulders."""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, per_pixel, smooth_cut
from animate_cli.data.toons.shapes import ellipse
from animate_cli.data.toons.stance import Layer, Part, Stance

ENDLESS = 99.0
"""Far below every picture, in head units."""


def body_layers(stance: Stance, x: Tensor, y: Tensor) -> Iterator[Layer]:
    """Yield chest, neck and clothes at points in head units."""
    chest = chest_layer(stance, x, y)
    yield chest
    yield neck_layer(stance, x, y)
    yield clothes_layer(stance, chest)


def chest_layer(stance: Stance, x: Tensor, y: Tensor) -> Layer:
    """Make the layer of the bare chest."""
    wear = stance.identity.wear
    turn = stance.pose.torso_yaw
    half, deep = wear.shoulder, wear.shoulder * 0.38
    cos, sin = torch.cos(turn), torch.sin(turn)
    reach = _half_width(stance)
    bx, by = x - per_pixel(stance.base[:, 0]), y - per_pixel(stance.base[:, 1] - stance.pose.shoulders)
    top = by - (per_pixel(wear.slope) * (torch.sqrt(bx * bx + 0.1) - 0.30) + 0.12)
    distance = smooth_cut(top * -0.9, bx.abs() - per_pixel(reach), 0.55)
    level = (1 - (bx / per_pixel(reach)) ** 2).clamp_min(0.02).sqrt()
    z = level * per_pixel(half * deep / reach) + bx * per_pixel(cos * sin * (deep**2 - half**2) / reach**2)
    across, ahead = bx * per_pixel(cos) - z * per_pixel(sin), bx * per_pixel(sin) + z * per_pixel(cos)
    return Layer(Part.CHEST, distance, (z - 0.6).expand_as(distance), lambda: Points(across, by, ahead))


def clothes_layer(stance: Stance, chest: Layer) -> Layer:
    """Make the layer of the clothes over a chest."""
    distance = torch.maximum(chest.distance, -neckline(stance, chest.locate()))
    return Layer(Part.CLOTHES, distance, chest.depth + 0.1, chest.locate)


def chest_box(stance: Stance) -> tuple[Tensor, Tensor]:
    """Corners [B, 2] in head units of what chest and clothes are within; they go down without end."""
    base, reach = stance.base, _half_width(stance)
    top = base[:, 1] - stance.pose.shoulders + 0.1
    return torch.stack([base[:, 0] - reach, top], 1), torch.stack([base[:, 0] + reach, top + ENDLESS], 1)


def neck_box(stance: Stance) -> tuple[Tensor, Tensor]:
    """Corners [B, 2] in head units of what the neck is within."""
    start, along = stance.neck_line()
    ends, thick = torch.stack([start, start + 2.5 * along]), 1.5 * stance.identity.head.neck[:, None]
    return ends.amin(0) - thick, ends.amax(0) + thick


def _half_width(stance: Stance) -> Tensor:
    """Half width [B] of the chest as seen."""
    half, turn = stance.identity.wear.shoulder, stance.pose.torso_yaw
    return torch.hypot(half * torch.cos(turn), half * 0.38 * torch.sin(turn))


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


def neck_layer(stance: Stance, x: Tensor, y: Tensor) -> Layer:
    """Make the layer of the neck."""
    start, along = stance.neck_line()
    length = along.norm(dim=1)
    ux, uy = per_pixel(along[:, 0] / length), per_pixel(along[:, 1] / length)
    dx, dy = x - per_pixel(start[:, 0]), y - per_pixel(start[:, 1])
    place = (dx * ux + dy * uy) / per_pixel(length)
    across = dx * uy - dy * ux
    radius = per_pixel(stance.identity.head.neck) * (1 + 0.5 * (place - 0.55).clamp(0, 1))
    distance = torch.maximum(across.abs() - radius, (place - 1.25).abs() - 1.25)
    depth = (radius * radius - across * across).clamp_min(0).sqrt() - 0.2
    return Layer(Part.NECK, distance, depth, lambda: Points(across, place, depth))
