"""The solid hair: a cap about the skull, a fall down the back, buns."""

from functools import partial

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, Sight, per_pixel, smooth_cut, smooth_union
from animate_cli.data.toons.shapes import waves
from animate_cli.data.toons.solids import Solid, worn
from animate_cli.data.toons.stance import Layer, Part, Stance, above

BUNS = (Solid.LEFT_BUN, Solid.RIGHT_BUN)


def hair_layers(stance: Stance, x: Tensor, y: Tensor, head: Layer) -> list[Layer]:
    """Hair behind the body and before it: a cap about the skull, joined with a fall down the back."""
    hair = stance.identity.hair
    if not bool((hair.cap > 0).any()):
        return []
    cap = stance.see(Solid.CAP, x, y)
    ruffle = _ruffle(stance, x, y)
    near = stance.to_local(x, y, cap.near)
    rim = cap.distance if ruffle is None else cap.distance + ruffle
    front = torch.maximum(torch.maximum(rim, _hairline(stance, near)), _hidden(cap, head))
    depth, behind = cap.near, cap.far()
    back = torch.maximum(rim, stance.height(x, y, behind) - per_pixel(hair.nape))
    if bool((hair.fall > 0).any()):
        fall = stance.see(Solid.FALL, x, y)
        short = per_pixel((hair.fall <= 0).to(x)) * 9
        end = per_pixel(hair.fall) + 0.05 * waves(x, 2.6)
        low, far = stance.to_local(x, y, fall.near), fall.far()
        edge = fall.distance if ruffle is None else fall.distance + ruffle
        hanging = torch.maximum(torch.maximum(edge, low.z - per_pixel(hair.side - 0.2)), low.y - end)
        hidden = torch.maximum(edge, stance.height(x, y, far) - end) + short
        hanging = torch.maximum(hanging, _hidden(fall, head)) + short
        depth = torch.where(front < hanging, smooth_cut(depth, fall.near - short, 0.15), fall.near)
        front, back = smooth_union(front, hanging, 0.06), smooth_union(back, hidden, 0.06)
        behind = torch.minimum(behind, far + short)
        near = stance.to_local(x, y, depth)
    gate = per_pixel(hair.cap)
    return [
        Layer(Part.HAIR_BACK, back, behind, partial(stance.to_local, x, y, behind), gate),
        Layer(Part.HAIR, front, depth, lambda: near, gate),
    ]


def _hidden(sight: Sight, head: Layer) -> Tensor:
    """Distance-like field [B, h, w], positive where the head is in front of a surface."""
    return torch.minimum(head.depth - sight.near, -head.distance)


def _ruffle(stance: Stance, x: Tensor, y: Tensor) -> Tensor | None:
    """Waves of the hair's outline: curls and spikes; None where nobody has any."""
    hair = stance.identity.hair
    if not bool(((hair.curl + hair.spike) > 0).any()):
        return None
    angle = torch.atan2(x, -(y + 0.3)) - per_pixel(stance.pose.roll)
    curls = waves(angle, 2.2).square_().sub_(1).mul_(2 * per_pixel(hair.curl))
    return curls.addcmul_(waves(angle, 1.6), per_pixel(hair.spike))


def _hairline(stance: Stance, local: Points) -> Tensor:
    """Signed distance on the hair's surface to where it is cut open for the face, and at the nape."""
    hair = stance.identity.hair
    x = local.x
    bend = per_pixel(hair.line) + 0.22 * x * x + per_pixel(hair.part) * x
    bend = bend + per_pixel(hair.fringe) * waves(x + 0.1, 3.1)
    edge = per_pixel(hair.side) - per_pixel(hair.temple) * (local.y + 0.15).clamp_min(0)
    kept = smooth_union(local.z - edge, local.y - bend, 0.25)
    return torch.maximum(kept, local.y - per_pixel(hair.nape))


def bun_layer(stance: Stance, x: Tensor, y: Tensor, head: Tensor, solid: Solid) -> Layer:
    """Make the layer of a bun, before a head of this depth."""
    bun, present = stance.see(solid, x, y), worn(stance.identity)[:, solid]
    gate = above(bun.near, head).mul_(per_pixel(present))
    return Layer(Part.BUN, bun.distance, bun.near, partial(stance.to_local, x, y, bun.near), gate)
