"""How a toon-animal is held: every parameter that moves, the same for any identity."""

from typing import NamedTuple

import torch
from torch import Tensor


class AnimalPose(NamedTuple):
    """Place and posture of an animal, each [B] unless said otherwise; angles in radians.

    place: [B, 2], its middle, (x, y) in [-1, 1]. scale: its extent over the picture's. tilt: how much the
    camera looks down. yaw: 0 faces the viewer, positive turns to the picture's right; within 110 degrees of
    it. pitch: of the trunk, up positive. bob: rise, in trunk lengths. swing, lift: [B, 4] of the limbs, in the
    order left front, right front, left back, right back: forward in [-1, 1], and off the ground in [0, 1];
    wings and fins swing up. bend: [B, 2], sideways bend of neck and tail. neck: its rise. head: [B, 2], yaw
    and pitch against the neck. tail: its rise. ears: [-1, 1]. blink: in [0, 1]. mouth: in [0, 1].
    camera: [B, 3] shift (x, y) of the background and the logarithm of its zoom.
    """

    place: Tensor
    scale: Tensor
    tilt: Tensor
    yaw: Tensor
    pitch: Tensor
    bob: Tensor
    swing: Tensor
    lift: Tensor
    bend: Tensor
    neck: Tensor
    head: Tensor
    tail: Tensor
    ears: Tensor
    blink: Tensor
    mouth: Tensor
    camera: Tensor


def rest_pose(batch: int = 1, scale: float = 0.75, yaw: float = 1.1) -> AnimalPose:
    """Return an animal that stands still, seen from three quarters, in the middle of the picture."""
    zero, two, four = torch.zeros(batch), torch.zeros(batch, 2), torch.zeros(batch, 4)
    return AnimalPose(
        two, zero + scale, zero + 0.12, zero + yaw, zero, zero, four, four, two, zero, two, zero, zero, zero,
        zero, torch.zeros(batch, 3),
    )  # fmt: skip
