"""How a toon is held: every parameter that moves, the same for any identity."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.draws import Draws

MAX_YAW = 70 * torch.pi / 180


class Pose(NamedTuple):
    """Place and expression of a toon, each [B] unless said otherwise; angles in radians.

    place: [B, 2] head's centre, (x, y) in [-1, 1]. scale: a head's height over the picture's.
    yaw: positive to the picture's right, within 70 degrees. pitch: positive up. roll: positive clockwise.
    gaze: [B, 2] in [-1, 1], right and down positive. blink: [B, 2] 0 open to 1 closed, subject's left first.
    brows: [B, 2] in [-1, 1], raised positive, subject's left first. mouth_open: in [0, 1]. mouth_width: in
    [-1, 1], pursed to wide. smile: in [-1, 1]. shoulders: raise, in head units. torso: [B, 2] the body's
    place against the head's, in head units. torso_yaw: turn of the body. camera: [B, 3] shift (x, y) of the
    background and the logarithm of its zoom.
    """

    place: Tensor
    scale: Tensor
    yaw: Tensor
    pitch: Tensor
    roll: Tensor
    gaze: Tensor
    blink: Tensor
    brows: Tensor
    mouth_open: Tensor
    mouth_width: Tensor
    smile: Tensor
    shoulders: Tensor
    torso: Tensor
    torso_yaw: Tensor
    camera: Tensor


def rest_pose(batch: int = 1, scale: float = 0.5) -> Pose:
    """Return a toon facing the viewer with a calm face, in the middle of the picture."""
    zero, two = torch.zeros(batch), torch.zeros(batch, 2)
    return Pose(
        two, torch.full((batch,), scale), zero, zero, zero, two, two, two, zero, zero, zero, zero, two, zero,
        torch.zeros(batch, 3),
    )  # fmt: skip


def random_pose(generator: torch.Generator, batch: int) -> Pose:
    """Draw independent poses, from bust to close-up, a third of them turned by more than 40 degrees."""
    draws = Draws(generator, batch)
    scale = draws.uniform(0.33, 0.70)
    room = (0.95 - scale).clamp_min(0.15)
    yaw = torch.where(draws.chance(0.68) > 0.5, draws.uniform(-MAX_YAW, MAX_YAW), draws.normal(0, 0.28))
    blink = either_blink(draws)
    talk = draws.chance(0.65)
    return Pose(
        place=torch.stack([draws.uniform(-0.55, 0.55) * room, draws.uniform(-0.5, 0.25) * room], 1),
        scale=scale,
        yaw=yaw.clamp(-MAX_YAW, MAX_YAW),
        pitch=draws.normal(0, 0.17),
        roll=draws.normal(0, 0.16),
        gaze=draws.normal(0, 0.45, 2).clamp(-1, 1),
        blink=blink,
        brows=(draws.normal(0, 0.4, 1) + draws.normal(0, 0.2, 2)).clamp(-1, 1),
        mouth_open=talk * draws.uniform(0, 1) ** 1.5,
        mouth_width=draws.normal(0, 0.4).clamp(-1, 1),
        smile=draws.normal(0.15, 0.4).clamp(-1, 1),
        shoulders=draws.normal(0, 0.06),
        torso=draws.normal(0, 0.08, 2),
        torso_yaw=(yaw * draws.uniform(0.0, 0.7)).clamp(-0.8, 0.8),
        camera=draws.normal(0, 0.06, 3) * draws.chance(0.33)[:, None],
    )


def either_blink(draws: Draws) -> Tensor:
    """Draw lids [B, 2]: mostly open, sometimes closing, sometimes shut, now and then a wink."""
    both = torch.where(draws.chance(0.15) > 0.5, draws.uniform(0.4, 1.0), draws.normal(0.06, 0.08))
    wink = draws.chance(0.06) * draws.uniform(0.5, 1.0)
    return torch.stack([torch.maximum(both, wink), both], 1).clamp(0, 1)
