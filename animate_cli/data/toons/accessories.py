"""Glasses, drawn in a plane before the face."""

import torch
from torch import Tensor

from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.shapes import box, cover, segment
from animate_cli.data.toons.solids import column
from animate_cli.data.toons.stance import Stance


def glasses_box(stance: Stance) -> tuple[Tensor, Tensor]:
    """Corners [B, 2] in head units of what glasses are within, from the temples' ends to before the nose."""
    who, zero = stance.identity, torch.zeros_like(stance.identity.eyes.y)
    spacing = torch.maximum(who.eyes.spacing, who.wear.lens_width + 0.05)
    wide = torch.maximum(spacing + who.wear.lens_width, who.head.width * 1.02) + 0.05
    front = 0.74 + 0.2 * who.nose.out
    half = column(wide, who.wear.lens_height + 0.05, (front + 0.1) * 0.5)
    return stance.box(column(zero, who.eyes.y, (front - 0.1) * 0.5), half)


def paint_glasses(canvas: Canvas, stance: Stance, x: Tensor, y: Tensor, head: Tensor) -> None:
    """Paint rims, tinted glass, bridge and temples at x [B, 1, w], y [B, h, 1]; head: its depth [B, h, w]."""
    who = stance.identity
    wear, turn = who.wear, stance.rotation
    front = 0.74 + 0.2 * who.nose.out
    plane = turn[:, :2, :2].inverse()
    dx, dy = x - per_pixel(turn[:, 0, 2] * front), y - per_pixel(turn[:, 1, 2] * front)
    u = dx * per_pixel(plane[:, 0, 0]) + dy * per_pixel(plane[:, 0, 1])
    v = dx * per_pixel(plane[:, 1, 0]) + dy * per_pixel(plane[:, 1, 1]) - per_pixel(who.eyes.y)
    width, height, rim = per_pixel(wear.lens_width), per_pixel(wear.lens_height), per_pixel(wear.glasses)
    spacing = per_pixel(torch.maximum(who.eyes.spacing, wear.lens_width + 0.05))
    lens = box(u.abs() - spacing, v, width, height, per_pixel(wear.lens_round) * torch.minimum(width, height))
    pixel = canvas.pixel / per_pixel(torch.cos(stance.pose.yaw)).clamp_min(0.3)
    glass = cover(lens, pixel)
    canvas.tint(glass * per_pixel(wear.tint), who.colors.rim * 0.5 + 0.1)
    glare = cover((u + v * 0.6 - spacing * 0.9 * u.sign()).abs() - 0.03, pixel) * glass
    canvas.tint(glare * 0.25, torch.ones_like(who.colors.rim))
    bridge = torch.maximum((v + 0.04 - 0.1 * u * u).abs() - rim * 0.8, u.abs() - (spacing - width))
    canvas.tint(cover(torch.minimum(lens.abs() - rim, bridge), pixel), who.colors.rim)
    for side in (1.0, -1.0):
        start = turn @ column(side * (spacing + width)[:, 0, 0], who.eyes.y - 0.03, front)[:, :, None]
        end = turn @ column(side * who.head.width * 1.02, who.eyes.y - 0.02, -0.08)[:, :, None]
        line = segment(
            x,
            y,
            (per_pixel(start[:, 0, 0]), per_pixel(start[:, 1, 0])),
            (per_pixel(end[:, 0, 0]), per_pixel(end[:, 1, 0])),
        )
        behind = ((torch.minimum(start[:, 2], end[:, 2])[:, :, None] + 0.25 - head) * 10 + 0.5).clamp(0, 1)
        canvas.tint(cover(line - rim * 0.8, canvas.pixel) * behind, who.colors.rim)
