"""The mouth: its curves in a pose, how the skin about it moves, and its paint."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.shapes import cover, ellipse

DROP = 0.34
"""How far the lower lip falls when the mouth is wide open, in head units."""


class MouthShape(NamedTuple):
    """The mouth in a pose, each [B]: half width, lift of the corners, height of the gap above and below."""

    width: Tensor
    lift: Tensor
    rise: Tensor
    drop: Tensor


def mouth_shape(who: Identity, pose: Pose) -> MouthShape:
    """Find a mouth's measures from the pose."""
    smile = pose.smile + 0.3 * who.mouth.rest
    widen = 1 + 0.28 * pose.mouth_width + 0.12 * smile - 0.10 * pose.mouth_open
    return MouthShape(
        width=who.mouth.width * widen,
        lift=-0.11 * smile * who.mouth.width / 0.25,
        rise=0.045 * pose.mouth_open,
        drop=DROP * pose.mouth_open * (0.75 + who.mouth.width),
    )


def inside_mouth(who: Identity, pose: Pose, x: Tensor, y: Tensor) -> Tensor:
    """Tell which points of the face's front [B, h, w] are between the open lips."""
    shape = mouth_shape(who, pose)
    t2 = (x / per_pixel(shape.width)) ** 2
    middle = y - per_pixel(who.mouth.y) - per_pixel(shape.lift) * (t2 - 0.35)
    bow = 1 - t2
    return (bow > 0) & (middle > -per_pixel(shape.rise) * bow) & (middle < per_pixel(shape.drop) * bow)


def paint_mouth(canvas: Canvas, who: Identity, pose: Pose, x: Tensor, y: Tensor, gate: Tensor) -> None:
    """Paint lips, the dark inside, teeth and tongue at points x, y [B, h, w] of the face's front."""
    shape = mouth_shape(who, pose)
    pixel = canvas.pixel
    t = x / per_pixel(shape.width)
    t2 = t * t
    bow = (1 - t2).clamp_min(-0.3)
    middle = y - per_pixel(who.mouth.y) - per_pixel(shape.lift) * (t2 - 0.35)
    rise, drop = per_pixel(shape.rise), per_pixel(shape.drop)
    slack = 1 - 0.4 * per_pixel(pose.mouth_open)
    upper = per_pixel(who.mouth.upper) * slack * (1.1 - 0.25 * (1 - t2 * 9).clamp_min(0))
    lower = per_pixel(who.mouth.lower) * slack
    outer = torch.maximum(-middle - (rise + upper) * bow, middle - (drop + lower) * bow)
    ends = x.abs() - per_pixel(shape.width)
    outer = torch.maximum(outer, ends)
    inner = torch.maximum(torch.maximum(-middle - rise * bow, middle - drop * bow), ends)
    steep = (1 + (2 * t * (drop + rise + 0.06) / per_pixel(shape.width)) ** 2).rsqrt()
    lips = cover(outer * steep, pixel) * gate
    canvas.tint(lips * per_pixel(who.mouth.paint), who.colors.lips)
    sheen = ((middle - drop * bow) / lower.clamp_min(0.01) - 0.45).abs().mul(-2.5).add(1).clamp(0, 1) * (
        1 - t2 * 1.5
    )
    canvas.tint(
        lips * sheen.clamp_min(0) * per_pixel(0.3 * who.mouth.paint),
        torch.lerp(who.colors.lips, torch.ones_like(who.colors.lips), 0.5),
    )
    inside = cover(inner * steep, pixel) * gate
    cavity = who.colors.lips * 0.25 + torch.tensor([0.05, 0.0, 0.01]).to(x)
    canvas.tint(inside, cavity)
    tongue = cover(ellipse(x, middle - drop * 0.95, per_pixel(shape.width) * 0.62, drop * 0.42 + 0.01), pixel)
    canvas.tint(tongue * inside, torch.tensor([[0.85, 0.42, 0.42]]).to(x).expand(x.shape[0], 3))
    reach = (rise + drop) * 0.3 + 0.012
    teeth = cover(middle + rise * bow - reach, pixel) * cover(t.abs() * 0.25 - 0.22, pixel)
    canvas.tint(
        teeth * inside * per_pixel(who.mouth.teeth),
        torch.tensor([[0.97, 0.96, 0.92]]).to(x).expand(x.shape[0], 3),
    )
    line = cover(middle.abs() * steep - 0.008, pixel) * cover(t.abs() - 1.0, pixel / per_pixel(shape.width))
    shut = (1 - inside) * line * gate * 0.75
    canvas.tint(shut, who.colors.lips * 0.35)
    canvas.light.lerp_(torch.ones_like(x), inside * 0.8)
