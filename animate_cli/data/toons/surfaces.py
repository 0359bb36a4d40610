"""Colours of the large surfaces: light on solids, hair with strands, cloth with patterns."""

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, per_pixel
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.shapes import bump, cover, waves


def light_on(who: Identity, depth: Tensor, pixel: Tensor) -> Tensor:
    """Light [B, h, w] on a surface of this depth [B, h, w] in head units; about 1, less in the shade.

    Of a surface that bends sideways only, depth and light are [B, 1, w].
    """
    style = who.style
    step_x, step_y = torch.zeros_like(depth), torch.zeros_like(depth)
    torch.sub(depth[:, :, 2:], depth[:, :, :-2], out=step_x[:, :, 1:-1])
    torch.sub(depth[:, 2:], depth[:, :-2], out=step_y[:, 1:-1])
    for step in (step_x, step_y):
        step.mul_(0.5 / pixel).clamp_(-6, 6)
    norm = torch.addcmul(step_y * step_y, step_x, step_x).add_(1).rsqrt_()
    lx, ly, lz = (per_pixel(style.light[:, i]) for i in range(3))
    facing = step_x.mul_(-lx).addcmul_(step_y, -ly).add_(lz).mul_(norm)
    cel, shading = per_pixel(style.cel), per_pixel(style.shading)
    if bool((cel > 0).any()):
        sharp = 0.75 / (0.06 + 1.2 * pixel)
        tones = (facing * sharp).add_(0.575 - 0.3 * sharp).clamp_(0.2, 0.95)
        facing.lerp_(tones, cel)
    gloss = (facing * 1.4).sub_(1).clamp_min_(0).square_().mul_(shading * (1 - cel))
    return gloss.addcmul_(facing, 0.72 * shading).add_(1 - 0.5184 * shading)


def hair_color(who: Identity, local: Points, pixel: Tensor) -> Tensor:
    """Colours [B, 3, h, w] of hair: a base with strands and a band of gloss."""
    hair, base = who.hair, who.colors.hair
    across = local.x / (1.25 - local.y.clamp(-1, 0.4).mul_(0.6))
    strands = waves(across + 0.15 * local.z, 4.7).mul_(0.6)
    strands.add_(waves(across - 0.1 * local.z, 11.3), alpha=0.4)
    band = bump((strands * 0.05).add_(local.y).add_(0.78).square_().mul_(1 / 0.09**2)).mul_(local.z > -0.2)
    fine = (0.08 / pixel).clamp(0, 1)
    tone = strands.mul_(per_pixel(hair.strand * 0.22) * fine).add_(1)
    bright = torch.lerp(base, torch.ones_like(base), 0.55)[:, :, None, None]
    color = base[:, :, None, None] * tone[:, None]
    return color.lerp_(bright, band.mul_(per_pixel(hair.gloss * 0.6))[:, None])


def cloth_color(who: Identity, local: Points, pixel: Tensor, edge: Tensor) -> Tensor:
    """Colours [B, 3, h, w] of the clothes: a pattern, a band by the neckline (distance [B, h, w]), a seam."""
    wear = who.wear
    cloth, trim = who.colors.cloth[:, :, None, None], who.colors.trim[:, :, None, None]
    color = torch.lerp(cloth, trim, cloth_pattern(who, local, pixel)[:, None])
    banded = per_pixel(torch.where(wear.collar == 2, 0.22, 0.07) * (wear.collar_size > 0.42))
    band = cover(edge - banded, pixel).mul_(banded > 0)
    side = local.x.abs()
    shut = cover(side - 0.02, pixel) * per_pixel((wear.collar == 2).to(edge) * 0.6)
    color.lerp_(torch.lerp(cloth * 0.7, trim, 0.6), torch.maximum(band, shut)[:, None])
    slant = 0.06 * (local.y - 1) + per_pixel(wear.shoulder * 0.66)
    sleeve = cover((side - slant).abs_().sub_(0.012), pixel * 1.5)
    return color.mul_(sleeve.mul_(-0.35 * (local.y > 0.85)).add_(1)[:, None])


def cloth_pattern(who: Identity, local: Points, pixel: Tensor) -> Tensor:
    """Share [B, h, w] of the second colour in the pattern of the clothes."""
    wear = who.wear
    mix = torch.zeros(local.x.shape[0], local.y.shape[1], local.x.shape[2], device=pixel.device)
    for kind in sorted(set(wear.pattern.tolist()) - {0}):
        rows = (wear.pattern == kind).nonzero()[:, 0]
        rate, soft = per_pixel(wear.frequency[rows]), pixel[rows] * per_pixel(wear.frequency[rows]) * 4
        cos, sin = per_pixel(torch.cos(wear.angle[rows])), per_pixel(torch.sin(wear.angle[rows]))
        x, y = local.x[rows], local.y[rows]
        mix[rows] = _PATTERNS[int(kind)](x * cos + y * sin, y * cos - x * sin, rate, soft)
    return mix


def _stripes(u: Tensor, v: Tensor, rate: Tensor, soft: Tensor) -> Tensor:
    return cover(waves(v, rate), soft)


def _checks(u: Tensor, v: Tensor, rate: Tensor, soft: Tensor) -> Tensor:
    return (cover(waves(v, rate), soft) + cover(waves(u, rate), soft)) * 0.5


def _dots(u: Tensor, v: Tensor, rate: Tensor, soft: Tensor) -> Tensor:
    return cover(0.9 + waves(u, rate) + waves(v, rate), soft * 1.4)


def _zigzag(u: Tensor, v: Tensor, rate: Tensor, soft: Tensor) -> Tensor:
    return cover(waves(v + waves(u, rate) * 0.12, rate), soft * 1.4)


_PATTERNS = {1: _stripes, 2: _checks, 3: _dots, 4: _zigzag}
