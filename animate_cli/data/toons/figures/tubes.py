"""Tubes: a chain of four balls in space, seen from the front, with a skin that turns with it.

A limb, a trunk, a head, a tail, a wing: all are tubes. A place on a tube has two coordinates that stick to
it: how far along it is (0 at the first ball to 3 at the last; beyond them in radii of the end), and the angle
around it from the tube's front. Units are those of the picture, (x, y) in [-1, 1], z to the viewer.
"""

from typing import NamedTuple

import torch
from torch import Tensor

BALLS = 4

NO_CUT = 9.0
"""Place beyond any tube's end: nothing is cut there."""

FLAT = 0.5
"""Ends that bulge by less than this many radii are flat."""


class Tubes(NamedTuple):
    """Tubes of a batch of figures; [B, N, ...], or [R, ...] once chosen.

    points: [..., 4, 2] of the balls. radii: [..., 4] as seen. slopes: [..., 4], change of the radius at the
    balls from one to the next. turn: [...], angle of the tube's front from the line of sight. nod: [...], by
    how much what is in front is shifted along the tube. caps: [..., 2], how far the ends bulge, in radii.
    span, girth: [...], length from ball to ball and radius at rest, in the figure's units. cut: [...], where
    along the tube a sleeve ends. bag: [...], by how much the sleeve is wider than the limb.
    """

    points: Tensor
    radii: Tensor
    slopes: Tensor
    turn: Tensor
    nod: Tensor
    caps: Tensor
    span: Tensor
    girth: Tensor
    cut: Tensor
    bag: Tensor


class Seen(NamedTuple):
    """A tube at points of the picture, each [R, h, w].

    distance: to the outline. along: place along the tube. sine: of the angle from the line of sight around
    the tube, which is within a quarter turn. lit: how much the outline here looks to the light, in [-1, 1].
    rim: 0 on the axis to 1 at the outline.
    """

    distance: Tensor
    along: Tensor
    sine: Tensor
    lit: Tensor
    rim: Tensor


def slopes_of(radii: Tensor) -> Tensor:
    """Slopes that make radii [..., 4] a smooth curve."""
    inner = (radii[..., 2:] - radii[..., :-2]) * 0.5
    return torch.cat([radii[..., 1:2] - radii[..., :1], inner, radii[..., 3:] - radii[..., 2:3]], -1)


class _Piece(NamedTuple):
    """What lies between two balls: start, unit vector along, length, and the cubic of the radius."""

    x: Tensor
    y: Tensor
    ux: Tensor
    uy: Tensor
    length: Tensor
    cubic: Tensor


def _pieces(tubes: Tubes) -> list[_Piece]:
    """Cut chosen tubes [R, ...] into three pieces of values [R, 1, 1] (cubic: [4, R, 1, 1])."""
    step = tubes.points[:, 1:] - tubes.points[:, :-1]
    length = step.norm(dim=-1).clamp_min(1e-4)
    unit = step / length[..., None]
    cubic = cubics(tubes.radii, tubes.slopes)[:, :, :, None, None]
    x, y = tubes.points[..., 0, None, None], tubes.points[..., 1, None, None]
    ux, uy, length = unit[..., 0, None, None], unit[..., 1, None, None], length[..., None, None]
    return [
        _Piece(x[:, k], y[:, k], ux[:, k], uy[:, k], length[:, k], cubic[:, :, k]) for k in range(BALLS - 1)
    ]


def cubics(radii: Tensor, slopes: Tensor) -> Tensor:
    """Coefficients [4, ..., 3] of the radius between balls, from radii and slopes [..., 4]."""
    r0, r1, m0, m1 = radii[..., :-1], radii[..., 1:], slopes[..., :-1], slopes[..., 1:]
    return torch.stack([r0, m0, 3 * (r1 - r0) - 2 * m0 - m1, 2 * (r0 - r1) + m0 + m1])


def see(tubes: Tubes, x: Tensor, y: Tensor, light: Tensor | None = None) -> Seen:
    """Look at chosen tubes [R, ...] at points that x and y make, [R, h, w]; light: [R, 2], its direction."""
    flat = bool((tubes.caps < FLAT).any())
    met = [_meet(k, piece, tubes, x, y, light, flat) for k, piece in enumerate(_pieces(tubes))]
    first, away, distance = met[0].skin, met[0].away, met[0].edge
    for other in met[1:]:
        distance, nearer = torch.minimum(distance, other.edge), other.away < away
        away = torch.minimum(away, other.away)
        first = _Skin(*(torch.where(nearer, new, old) for new, old in zip(other.skin, first, strict=True)))
    radius, lit = first.radius, first.lit
    if light is not None:
        lit = lit / (distance + radius).add_(1e-6)
    if bool((tubes.bag != 0).any()):
        wider = tubes.bag[:, None, None] * (first.along < tubes.cut[:, None, None])
        radius, distance = radius + wider, distance - wider
    rim = (distance / radius).add_(1).clamp_(0, 1)
    return Seen(distance, first.along, first.across / radius, lit, rim)


class _Skin(NamedTuple):
    """What the nearest piece of a tube tells about points: coordinates, light, radius."""

    along: Tensor
    across: Tensor
    lit: Tensor
    radius: Tensor


class _Met(NamedTuple):
    """One piece of a tube at points: square of the distance to its axis, distance to its edge, its skin."""

    away: Tensor
    edge: Tensor
    skin: _Skin


def _meet(
    k: int, piece: _Piece, tubes: Tubes, x: Tensor, y: Tensor, light: Tensor | None, flat: bool
) -> _Met:
    """Look at piece k of tubes; flat: some end is flat enough to need its distance corrected."""
    dx = x - piece.x
    dy = (y - piece.y) + torch.zeros_like(x)
    run = torch.addcmul(dx * piece.ux, dy, piece.uy)
    across = torch.addcmul(dx * piece.uy, dy, piece.ux, value=-1)
    share = (run / piece.length).clamp_(0, 1)
    excess = run.addcmul_(share, piece.length, value=-1)
    c0, c1, c2, c3 = piece.cubic
    radius = torch.addcmul(c0, share, torch.addcmul(c1, share, (share * c3).add_(c2)))
    square = across * across
    away = torch.addcmul(square, excess, excess)
    along = share.add_(k) if k else share
    if 0 < k < BALLS - 2:
        edge = away.sqrt().sub_(radius)
    else:
        cap = tubes.caps[:, k and 1, None, None]
        end = excess.clamp_min(0) if k else excess.clamp_max(0)
        along.addcdiv_(end, radius)
        excess = excess.add_(end.mul_(1 / cap - 1))
        reach = torch.addcmul(square, excess, excess).sqrt_()
        edge = reach - radius
        if flat:
            steep = square.addcmul_(excess * excess, cap**-2).add_(1e-9)
            edge.mul_(reach).mul_(steep.rsqrt_())
    lit = across
    if light is not None:
        lx, ly = light[:, 0, None, None], light[:, 1, None, None]
        lit = (across * (lx * piece.uy - ly * piece.ux)).addcmul_(excess, lx * piece.ux + ly * piece.uy)
    return _Met(away, edge, _Skin(along, across, lit, radius))


def attach(tubes: Tubes, seen: Seen) -> tuple[Tensor, Tensor]:
    """Coordinates that stick to chosen tubes, each [R, h, w]: along, and the angle from the tube's front."""
    around = turned(tubes, seen)
    return seen.along - tubes.nod[:, None, None] * torch.cos(around), around


def turned(tubes: Tubes, seen: Seen) -> Tensor:
    """Angle [R, h, w] from chosen tubes' front."""
    return torch.asin(seen.sine.clamp(-1, 1)).sub_(tubes.turn[:, None, None])


def place(tubes: Tubes, part: Tensor, along: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
    """Find the picture's points [B, n, 2] of places on tubes [B, N, ...], and which face the viewer [B, n].

    part: [B, n] index of the tube. along, around: [B, n], coordinates that stick to it.
    """

    def of(values: Tensor) -> Tensor:
        return values.gather(1, part)

    along = along + of(tubes.nod) * torch.cos(around)
    angle = around + of(tubes.turn)
    piece = along.floor().clamp(0, BALLS - 2).long()
    share = (along - piece).clamp(0, 1)
    excess = along.clamp_max(0) + (along - (BALLS - 1)).clamp_min(0)
    index = part * (BALLS - 1) + piece
    step = tubes.points[:, :, 1:] - tubes.points[:, :, :-1]
    length = step.norm(dim=-1, keepdim=True).clamp_min(1e-4)

    def at(values: Tensor) -> Tensor:
        return values.flatten(1, 2).gather(1, index[..., None].expand(-1, -1, values.shape[-1]))

    start, unit, length = at(tubes.points[:, :, :-1]), at(step / length), at(length)
    cubic = at(cubics(tubes.radii, tubes.slopes).permute(1, 2, 3, 0))
    c0, c1, c2, c3 = cubic.unbind(-1)
    radius = c0 + share * (c1 + share * (c2 + share * c3)) + of(tubes.bag) * (along < of(tubes.cut))
    side = torch.sin(angle) * radius
    normal = torch.stack([unit[..., 1], -unit[..., 0]], -1)
    run = share[..., None] * length + (excess * radius)[..., None]
    return start + unit * run + normal * side[..., None], torch.cos(angle) > 0
