"""Joints of a person in space: planted feet, hips above them, a bending spine, arms that reach.

The origin is the ground below the body; lengths are in body heights, x to the picture's right, y down,
z to the viewer.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.identity import BodyIdentity, Build
from animate_cli.data.toons.bodies.pose import BodyPose
from animate_cli.data.toons.figures.rig import frame, reach, turn, vector

NECK_SHARE = 0.035
"""Visible neck over the body's height."""


class Lengths(NamedTuple):
    """Lengths of one identity's bones, each [B]."""

    head: Tensor
    trunk: Tensor
    leg: Tensor
    arm: Tensor


class Joints(NamedTuple):
    """Joints [B, 3], pairs with the left one first, and the turned frames [B, 3, 3] of hips, chest, head.

    spine: from the shoulders' height down to the hips. head: the middle of the head.
    """

    spine: tuple[Tensor, Tensor, Tensor, Tensor]
    shoulders: tuple[Tensor, Tensor]
    elbows: tuple[Tensor, Tensor]
    wrists: tuple[Tensor, Tensor]
    hips: tuple[Tensor, Tensor]
    knees: tuple[Tensor, Tensor]
    ankles: tuple[Tensor, Tensor]
    head: Tensor
    hip_frame: Tensor
    chest_frame: Tensor
    head_frame: Tensor


def measure(who: BodyIdentity) -> Lengths:
    """Share the body's height out among head, trunk and legs."""
    head = 1 / who.build.heads
    rest = 1 - head - NECK_SHARE
    trunk = rest * (1 - who.build.legs)
    return Lengths(head, trunk, rest * who.build.legs, 0.62 * trunk + 0.38 * rest * who.build.legs)


def stand(who: BodyIdentity, pose: BodyPose) -> Joints:
    """Find every joint."""
    long, build = measure(who), who.build
    zero = torch.zeros_like(pose.yaw)
    hip_frame = frame(pose.yaw, zero, zero)
    half = frame(pose.yaw + 0.5 * pose.twist, -0.5 * pose.lean[:, 0], 0.5 * pose.lean[:, 1])
    chest = frame(pose.yaw + pose.twist, -pose.lean[:, 0], pose.lean[:, 1])
    feet = [_foot(pose, hip_frame, long.leg, column, side) for column, side in _SIDES]
    hips_at = _settle(pose, hip_frame, long.leg, feet, build)
    up, trunk = vector(0.0, -1.0, 0.0, zero), long.trunk[:, None]
    waist = hips_at + turn(half, up) * trunk * 0.34
    ribs = waist + turn(chest, up) * trunk * 0.34
    top = ribs + turn(chest, up) * trunk * 0.26
    left_arm, right_arm = (_arm(who, pose, long.arm, top, chest, column, side) for column, side in _SIDES)
    left_leg, right_leg = (
        _leg(build, long.leg, hips_at, hip_frame, feet[column], side) for column, side in _SIDES
    )
    arms, legs = zip(left_arm, right_arm, strict=True), zip(left_leg, right_leg, strict=True)
    shoulders, elbows, wrists = arms
    hips, knees, ankles = legs
    head_frame = chest @ frame(pose.head[:, 0], pose.head[:, 1] + 0.8 * pose.lean[:, 0], pose.head[:, 2])
    neck = top + turn(chest, up) * (build.shoulder * 0.22 + NECK_SHARE)[:, None]
    middle = neck + turn(head_frame, vector(0.0, -0.46, 0.04, zero)) * long.head[:, None]
    return Joints(
        (top, ribs, waist, hips_at), shoulders, elbows, wrists, hips, knees, ankles, middle,
        hip_frame, chest, head_frame,
    )  # fmt: skip


_SIDES = ((0, 1.0), (1, -1.0))

Bones = tuple[Tensor, Tensor, Tensor]


def _arm(
    who: BodyIdentity, pose: BodyPose, arm: Tensor, top: Tensor, chest: Tensor, column: int, side: float
) -> Bones:
    """Reach for the hand's place; the elbow hangs outward and back."""
    build = who.build
    shoulder = top + turn(chest, vector(side * (build.shoulder - build.arm * 0.7), build.arm * 0.5, 0.0, arm))
    hand = pose.hands[:, column] * arm[:, None]
    target = shoulder + turn(chest, vector(side * hand[:, 0], hand[:, 1], hand[:, 2], arm))
    hint = turn(chest, vector(side * 0.7, 0.55, -0.75, arm))
    return shoulder, *reach(shoulder, target, arm * 0.48, arm * 0.4, hint)


def _leg(build: Build, leg: Tensor, hips: Tensor, turned: Tensor, foot: Tensor, side: float) -> Bones:
    """Reach for the foot's place; the knee bends forward."""
    hip = hips + turn(turned, vector(side * build.hip * 0.52, 0.0, 0.0, leg))
    forward = turn(turned, vector(side * 0.3, 0.0, 1.0, leg))
    return hip, *reach(hip, foot, leg * 0.5, leg * 0.5, forward)


def _foot(pose: BodyPose, hips: Tensor, leg: Tensor, column: int, side: float) -> Tensor:
    """Place of an ankle."""
    out, up, ahead = (pose.feet[:, column] * leg[:, None]).unbind(1)
    return turn(hips, vector(out * side, -up - 0.09 * leg, ahead, leg))


def _settle(pose: BodyPose, frame: Tensor, leg: Tensor, feet: list[Tensor], build: Build) -> Tensor:
    """Place the hips: as high as the standing leg lets them be, less the crouch."""
    sway = pose.sway * leg[:, None]
    zero = torch.zeros_like(leg)
    level = turn(frame, vector(sway[:, 0], zero, sway[:, 1], zero))
    heights = []
    for foot, (_, side) in zip(feet, _SIDES, strict=True):
        hip = level + turn(frame, vector(side * build.hip * 0.52, zero, zero, zero))
        away = (foot - hip)[:, 0::2].norm(dim=1)
        heights.append(((0.985 * leg) ** 2 - away**2).clamp_min(0).sqrt() - foot[:, 1])
    height = torch.minimum(*heights) - pose.crouch * leg
    return level + vector(zero, -height.maximum(0.35 * leg), zero, zero)
