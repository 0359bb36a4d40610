"""How the skin of the face moves with the mouth and the brows, as a map of the face's front."""

import torch
from torch import Tensor

from animate_cli.data.toons.eyes import brow_place
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.mouth import mouth_shape
from animate_cli.data.toons.pose import Pose


def mouth_middle(who: Identity, pose: Pose, x: Tensor) -> Tensor:
    """Height [B, h, w] of the middle of the mouth's gap at x [B, h, w] of the face's front."""
    shape = mouth_shape(who, pose)
    t2 = (x / per_pixel(shape.width)) ** 2
    gap = per_pixel((shape.drop - shape.rise) * 0.5) * (1 - t2).clamp_min(0)
    return per_pixel(who.mouth.y) + per_pixel(shape.lift) * (t2.clamp_max(1.5) - 0.35) + gap


def relax(who: Identity, pose: Pose, x: Tensor, y: Tensor, below: Tensor) -> tuple[Tensor, Tensor]:
    """Take a point of the face's front [B, h, w] in an expression to its place in the calm face.

    below: [B, h, w] bool, whether the point is under the mouth's gap.
    """
    shape, mouth = mouth_shape(who, pose), who.mouth
    width = per_pixel(shape.width)
    t2 = (x / width) ** 2
    bow = (1 - t2).clamp_min(0)
    drop, rise = per_pixel(shape.drop), per_pixel(shape.rise)
    edge = per_pixel(mouth.y) + per_pixel(shape.lift) * (t2.clamp_max(1.5) - 0.35)
    lip = torch.where(below, edge + drop * bow, edge - rise * bow)
    beyond = torch.where(below, y - lip, lip - y).clamp_min(0)
    near = 1 / ((1 + (t2 / 2.2) ** 2) * (1 + (beyond / 0.22) ** 2))
    opened = per_pixel(pose.mouth_open)
    chin = 0.2 * opened * torch.exp(-((x / 0.7) ** 2))
    fade = (beyond / 0.28).clamp(0, 1)
    shift = torch.where(below, torch.lerp(drop * bow, chin, fade), -rise * bow * (1 - fade))
    lifted = per_pixel(shape.lift) * (t2.clamp_max(1.5) - 0.35) * near
    calm_x = x * (1 + (per_pixel(mouth.width / shape.width) - 1) * near)
    calm_y = y - shift - lifted
    for column, side in ((0, 1.0), (1, -1.0)):
        middle = per_pixel(brow_place(who, pose, column))
        span = (x * side - per_pixel(who.eyes.spacing)) / 0.32
        raised = 0.10 * per_pixel(pose.brows[:, column])
        calm_y = calm_y + raised * torch.exp(-((span * span) ** 2) - ((y - middle) / 0.14) ** 2)
    return calm_x, calm_y


def express(who: Identity, pose: Pose, x: Tensor, y: Tensor, below: Tensor) -> tuple[Tensor, Tensor]:
    """Take a point of the calm face [B, h, w] to its place in an expression; undoes relax."""
    shown_x, shown_y = x, y
    for _ in range(5):
        calm_x, calm_y = relax(who, pose, shown_x, shown_y, below)
        shown_x, shown_y = shown_x + (x - calm_x), shown_y + (y - calm_y)
    return shown_x, shown_y
