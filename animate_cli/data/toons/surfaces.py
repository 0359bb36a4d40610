"""Colours of the large surfaces: light on solids, hair with strands, cloth with patterns."""

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, per_pixel
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.shapes import bump, cover, waves


def light_on(who: Identity, depth: Tensor, pixel: Tensor) -> Tensor:
    """Light [B, h, w] on a surface of this depth [B, h, w] in head units; about 1, less in the shade."""
    style = who.style
    step_x, step_y = torch.zeros_like(depth), torch.zeros_like(depth)
    step_x[:, :, 1:-1] = (depth[:, :, 2:] - depth[:, :, :-2]).div_(2 * pixel).clamp_(-6, 6)
    step_y[:, 1:-1] = (depth[:, 2:] - depth[:, :-2]).div_(2 * pixel).clamp_(-6, 6)
    norm = (step_x * step_x).addcmul_(step_y, step_y).add_(1).rsqrt_()
    lx, ly, lz = (per_pixel(style.light[:, i]) for i in range(3))
    facing = torch.addcmul(lz - step_x * lx, step_y, -ly).mul_(norm)
    tones = ((facing - 0.3) * (1 / (0.06 + 6 * pixel * 0.2)) + 0.5).clamp(0, 1) * 0.75 + 0.2
    facing = torch.lerp(facing, tones, per_pixel(style.cel))
    gloss = (facing * 3.5 - 2.5).clamp_min(0).square_() * (1 - per_pixel(style.cel))
    return 1 + per_pixel(style.shading) * ((facing - 0.72) * 0.72 + gloss * 0.16)


def hair_color(who: Identity, local: Points, pixel: Tensor) -> Tensor:
    """Colours [B, 3, h, w] of hair: a base with strands and a band of gloss."""
    hair = who.hair
    across = local.x / (1.25 - local.y.clamp(-1, 0.4) * 0.6)
    strands = waves(across + 0.15 * local.z, 4.7) * 0.6 + waves(across - 0.1 * local.z, 11.3) * 0.4
    fine = (0.08 / pixel).clamp(0, 1)
    tone = 1 + strands * per_pixel(hair.strand) * 0.22 * fine
    band = bump(((local.y + 0.78 + 0.05 * strands) / 0.09) ** 2) * (local.z > -0.2)
    color = who.colors.hair[:, :, None, None] * tone[:, None]
    bright = torch.lerp(who.colors.hair, torch.ones_like(who.colors.hair), 0.55)[:, :, None, None]
    return torch.lerp(color, bright.expand_as(color), (band * per_pixel(hair.gloss) * 0.6)[:, None])


def cloth_color(who: Identity, local: Points, pixel: Tensor, edge: Tensor) -> Tensor:
    """Colours [B, 3, h, w] of the clothes: a pattern, a band by the neckline (distance [B, h, w]), a seam."""
    wear = who.wear
    cos, sin = per_pixel(torch.cos(wear.angle)), per_pixel(torch.sin(wear.angle))
    u, v = local.x * cos + local.y * sin, local.y * cos - local.x * sin
    rate = per_pixel(wear.frequency)
    kind = wear.pattern.long()
    soft = pixel * rate * 4
    stripe = cover(waves(v, rate), soft)
    second = cover(waves(u, rate), soft)
    checks = (stripe + second) * 0.5
    dots = cover(0.9 + waves(u, rate) + waves(v, rate), soft * 1.4)
    zigzag = cover(waves(v + waves(u, rate) * 0.12, rate), soft * 1.4)
    table = torch.stack([torch.zeros_like(stripe), stripe, checks, dots, zigzag])
    mix = table[kind, torch.arange(kind.numel(), device=kind.device)]
    cloth, trim = who.colors.cloth[:, :, None, None], who.colors.trim[:, :, None, None]
    color = cloth + (trim - cloth) * mix[:, None]
    banded = per_pixel(torch.where(wear.collar == 2, 0.22, 0.07) * (wear.collar_size > 0.42))
    band = cover(edge - banded, pixel) * (banded > 0)
    shut = cover(local.x.abs() - 0.02, pixel) * per_pixel((wear.collar == 2).to(edge)) * 0.6
    color.lerp_(torch.lerp(cloth * 0.7, trim, 0.6), torch.maximum(band, shut)[:, None])
    sleeve = cover(
        (local.x.abs() - per_pixel(wear.shoulder * 0.66) - 0.06 * (local.y - 1)).abs() - 0.012, pixel * 1.5
    )
    return color * (1 - 0.35 * sleeve * (local.y > 0.85))[:, None]
