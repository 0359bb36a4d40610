"""The solid hair: a cap about the skull, a fall down the back, buns."""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, Sight, per_pixel, smooth_union
from animate_cli.data.toons.shapes import waves
from animate_cli.data.toons.stance import Layer, Part, Stance, above


def hair_layers(stance: Stance, x: Tensor, y: Tensor, head: Layer) -> list[Layer]:
    """Hair behind the body and before it: a cap about the skull, joined with a fall down the back."""
    hair = stance.identity.hair
    if not bool((hair.cap > 0).any()):
        return []
    cap = _cap(stance, x, y)
    ruffle = _ruffle(stance, x, y)
    near, far = stance.to_local(x, y, cap.near), stance.to_local(x, y, cap.far)
    rim = cap.distance + ruffle
    front = torch.maximum(torch.maximum(rim, _hairline(stance, near)), _hidden(cap, head))
    back = torch.maximum(rim, far.y - per_pixel(hair.nape))
    depth, behind = cap.near, cap.far
    if bool((hair.fall > 0).any()):
        fall = _fall(stance, x, y)
        short = per_pixel((hair.fall <= 0).to(x)) * 9
        end = per_pixel(hair.fall) + 0.05 * waves(x, 2.6)
        low, deep = stance.to_local(x, y, fall.near), stance.to_local(x, y, fall.far)
        edge = fall.distance + ruffle
        hanging = torch.maximum(torch.maximum(edge, low.z - per_pixel(hair.side - 0.2)), low.y - end)
        hidden = torch.maximum(edge, deep.y - end)
        hanging = torch.maximum(hanging, _hidden(fall, head)) + short
        depth = torch.where(front < hanging, -smooth_union(-depth, short - fall.near, 0.15), fall.near)
        front, back = smooth_union(front, hanging, 0.06), smooth_union(back, hidden + short, 0.06)
        behind = torch.minimum(behind, fall.far + short)
        near, far = stance.to_local(x, y, depth), stance.to_local(x, y, behind)
    gate = per_pixel(hair.cap).expand_as(x)
    return [
        Layer(Part.HAIR_BACK, back, behind, far, gate),
        Layer(Part.HAIR, front, depth, near, gate),
    ]


def _hidden(sight: Sight, head: Layer) -> Tensor:
    """Distance-like field [B, h, w], positive where the head is in front of a surface."""
    return torch.minimum(head.depth - sight.near, -head.distance)


def _cap(stance: Stance, x: Tensor, y: Tensor) -> Sight:
    who, volume = stance.identity, stance.identity.hair.volume
    center = stance.column(0 * volume, -0.27 - 0.3 * volume, -0.14)
    return stance.see(
        x,
        y,
        center=center,
        radii=stance.column(who.head.width + volume, who.head.crown + volume, 0.86 + volume),
    )


def _fall(stance: Stance, x: Tensor, y: Tensor) -> Sight:
    hair, width = stance.identity.hair, stance.identity.head.width
    tall = 0.45 + 0.68 * hair.fall
    center = stance.column(0 * tall, tall - 0.92, -0.30)
    return stance.see(x, y, center=center, radii=stance.column(width * hair.spread + 0.06, tall, 0.62))


def _ruffle(stance: Stance, x: Tensor, y: Tensor) -> Tensor:
    """Waves of the hair's outline: curls and spikes."""
    hair = stance.identity.hair
    if not bool(((hair.curl + hair.spike) > 0).any()):
        return torch.zeros_like(x)
    roll = per_pixel(stance.pose.roll)
    angle = torch.atan2(x, -(y + 0.3)) - roll
    curls = 1 - waves(angle, 2.2).abs() ** 2
    return -per_pixel(hair.curl) * (2 * curls) + per_pixel(hair.spike) * waves(angle, 1.6)


def _hairline(stance: Stance, local: Points) -> Tensor:
    """Signed distance on the hair's surface to where it is cut open for the face, and at the nape."""
    hair = stance.identity.hair
    x = local.x
    bend = per_pixel(hair.line) + 0.22 * x * x + per_pixel(hair.part) * x
    bend = bend + per_pixel(hair.fringe) * waves(x + 0.1, 3.1)
    edge = per_pixel(hair.side) - per_pixel(hair.temple) * (local.y + 0.15).clamp_min(0)
    kept = smooth_union(local.z - edge, local.y - bend, 0.25)
    return torch.maximum(kept, local.y - per_pixel(hair.nape))


def bun_layers(stance: Stance, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
    """Yield one bun on top or two at the sides, where there are any, before a head of this depth."""
    hair = stance.identity.hair
    if not bool((hair.bun > 0).any()):
        return
    radii = hair.bun.clamp_min(1e-3)
    sides = (1.0, -1.0) if bool((hair.bun_x > 0).any()) else (1.0,)
    for side in sides:
        present = (hair.bun > 0) & ((hair.bun_x > 0) | (side > 0))
        center = stance.column(hair.bun_x * side, hair.bun_y, -0.35)
        sight = stance.see(x, y, center=center, radii=stance.column(radii, radii, radii))
        gate = above(sight.near, head) * per_pixel(present.to(x))
        yield Layer(Part.BUN, sight.distance, sight.near, stance.to_local(x, y, sight.near), gate)
