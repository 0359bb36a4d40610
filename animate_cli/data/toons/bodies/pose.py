"""How a toon-body is held: every parameter that moves, the same for any identity."""

from typing import NamedTuple

import torch
from torch import Tensor


class BodyPose(NamedTuple):
    """Place and posture of a person, each [B] unless said otherwise; angles in radians.

    place: [B, 2], the ground below the body, (x, y) in [-1, 1]. scale: the body's height over the picture's.
    tilt: how much the camera looks down. yaw: of the hips, positive to the picture's right, any angle.
    twist: of the chest against the hips. lean: [B, 2], forward and to the subject's left. sway: [B, 2], the
    hips' shift to the subject's left and forward, in leg lengths. crouch: drop of the hips, in leg lengths.
    head: [B, 3], yaw, pitch (up positive) and roll against the chest. hands: [B, 2, 3], left first: places
    from the shoulder, outward, down and forward, in arm lengths. feet: [B, 2, 3]: places from the ground
    below the body, outward, up and forward, in leg lengths. toes: [B, 2], turned out.
    blink: in [0, 1]. smile: in [-1, 1]. mouth_open: in [0, 1]. gaze: [B, 2] in [-1, 1].
    camera: [B, 3] shift (x, y) of the background and the logarithm of its zoom.
    """

    place: Tensor
    scale: Tensor
    tilt: Tensor
    yaw: Tensor
    twist: Tensor
    lean: Tensor
    sway: Tensor
    crouch: Tensor
    head: Tensor
    hands: Tensor
    feet: Tensor
    toes: Tensor
    blink: Tensor
    smile: Tensor
    mouth_open: Tensor
    gaze: Tensor
    camera: Tensor


def rest_pose(batch: int = 1, scale: float = 0.85) -> BodyPose:
    """Return a person standing and facing the viewer, arms hanging, in the middle of the picture."""
    zero, two = torch.zeros(batch), torch.zeros(batch, 2)
    return BodyPose(
        torch.tensor([0.0, 0.88]).expand(batch, 2), zero + scale, zero + 0.12, zero, zero, two, two, zero,
        torch.zeros(batch, 3), torch.tensor([0.3, 0.85, 0.12]).expand(batch, 2, 3),
        torch.tensor([0.17, 0.0, 0.0]).expand(batch, 2, 3), two + 0.35, zero, zero + 0.3, zero, two,
        torch.zeros(batch, 3),
    )  # fmt: skip
