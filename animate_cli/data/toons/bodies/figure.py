"""A person as a figure: its tubes, what covers them, which hide which, and its landmarks."""

from functools import partial

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.dress import FAR_SHADE, dress
from animate_cli.data.toons.bodies.features import HEAD_STEP, HEAD_TOP, paint_chest, paint_face
from animate_cli.data.toons.bodies.flesh import (
    add_arms,
    add_feet,
    add_hair,
    add_head,
    add_legs,
    add_neck,
    add_pelvis,
    add_skirt,
    add_trunk,
)
from animate_cli.data.toons.bodies.identity import BodyIdentity
from animate_cli.data.toons.bodies.parts import BodyPart
from animate_cli.data.toons.bodies.pose import BodyPose
from animate_cli.data.toons.bodies.skeleton import Joints, measure, stand
from animate_cli.data.toons.figures.figure import Figure, Marks, Parts, Pass
from animate_cli.data.toons.figures.rig import Rig, View


def body_figure(who: BodyIdentity, pose: BodyPose) -> Figure:
    """Hold people in poses."""
    view = View(pose.place, pose.scale * 2, pose.tilt)
    long, joints, rig = measure(who), stand(who, pose), Rig(view)
    add_arms(rig, who, long, joints)
    add_legs(rig, who, joints)
    add_feet(rig, who, pose, joints)
    add_trunk(rig, who, joints)
    add_skirt(rig, who, long, joints)
    add_neck(rig, who, joints)
    add_head(rig, who, long, joints)
    add_hair(rig, who, long, joints)
    add_pelvis(rig, who, joints)
    depth = _Depth(view, joints)
    return Figure(
        Parts(rig.tubes(), dress(who, depth.shades())), _passes(who, pose, depth),
        _marks(who), _ground(who, pose, view, joints), who.shadow,
    )  # fmt: skip


class _Depth:
    """How near the viewer parts are, each [B]."""

    def __init__(self, view: View, joints: Joints) -> None:
        def z(point: Tensor) -> Tensor:
            return view.see(point)[:, 2]

        middle = z((joints.spine[0] + joints.spine[3]) * 0.5)
        self.arms = [
            0.55 * z(joints.wrists[i]) + 0.35 * z(joints.elbows[i]) + 0.1 * z(joints.shoulders[i]) - middle
            for i in (0, 1)
        ]
        hips = z(joints.spine[3])
        self.legs = [
            0.5 * z(joints.knees[i]) + 0.3 * z(joints.ankles[i]) + 0.2 * z(joints.hips[i]) - hips
            for i in (0, 1)
        ]
        self.thighs = [
            z(joints.knees[i]) - z(joints.hips[i]) - 1.1 * (joints.knees[i] - joints.hips[i])[:, 1]
            for i in (0, 1)
        ]
        self.face = view.see(joints.head_frame[:, :, 2])[:, 2]
        self.side = view.see(joints.head_frame[:, :, 0])[:, 2]

    def shades(self) -> dict[int, Tensor]:
        """Light on limbs: less on the far one of a pair."""
        light: dict[int, Tensor] = {}
        pairs = (
            (BodyPart.LEFT_ARM, self.arms),
            (BodyPart.LEFT_LEG, self.legs),
            (BodyPart.LEFT_FOOT, self.legs),
        )
        for part, (left, right) in pairs:
            nearer = ((left - right) * 12).clamp(-1, 1)
            light[part] = 1 - (1 - FAR_SHADE) * (-nearer).clamp_min(0)
            light[part + 1] = 1 - (1 - FAR_SHADE) * nearer.clamp_min(0)
        return light


def _passes(who: BodyIdentity, pose: BodyPose, depth: _Depth) -> tuple[Pass, ...]:
    every = torch.ones_like(pose.scale, dtype=torch.bool)
    behind = depth.face > 0
    far_arm = torch.where(depth.arms[0] < depth.arms[1], 0, 1)
    arms = torch.stack(depth.arms, 1)
    legs = torch.stack(depth.thighs, 1)
    far_leg = torch.where(depth.legs[0] < depth.legs[1], 0, 1)

    def pick(values: Tensor, index: Tensor) -> Tensor:
        return values.gather(1, index[:, None])[:, 0]

    def limb(part: BodyPart, index: Tensor) -> Tensor:
        return index + int(part)

    def fixed(part: BodyPart, rows: Tensor = every, *, capped: bool = False) -> Pass:
        return Pass(torch.full_like(far_arm, int(part)), rows, capped)

    locks = who.locks
    tail, twin = (locks.pony > 0) & (locks.pigtails < 0.5), locks.pigtails > 0.5
    fall, capped = locks.fall > 0, locks.cap > 0
    left_far = depth.side < 0
    hidden = [(pick(arms, index) < -0.01) for index in (far_arm, 1 - far_arm)]
    skirted = who.outfit.skirt > 0
    raised = [(pick(legs, index) > 0) & ~skirted for index in (far_leg, 1 - far_leg)]
    arm = BodyPart.LEFT_ARM
    passes = [
        fixed(BodyPart.FALL, fall & behind), fixed(BodyPart.PONY, tail & behind),
        Pass(limb(arm, far_arm), hidden[0]), Pass(limb(arm, 1 - far_arm), hidden[1]),
        fixed(BodyPart.NECK), fixed(BodyPart.PELVIS),
    ]  # fmt: skip
    for index, up in ((far_leg, raised[0]), (1 - far_leg, raised[1])):
        passes += [
            Pass(limb(BodyPart.LEFT_LEG, index), ~up),
            Pass(limb(BodyPart.LEFT_FOOT, index), ~up),
        ]
    passes += [
        fixed(BodyPart.TRUNK, capped=True)._replace(decorate=partial(paint_chest, who)),
        fixed(BodyPart.SKIRT, skirted),
    ]
    for index, up in ((far_leg, raised[0]), (1 - far_leg, raised[1])):
        passes += [Pass(limb(BodyPart.LEFT_LEG, index), up), Pass(limb(BodyPart.LEFT_FOOT, index), up)]
    passes += [
        Pass(torch.where(left_far, 11, 12), every), Pass(torch.where(left_far, 16, 17), twin),
        fixed(BodyPart.HEAD)._replace(decorate=partial(paint_face, who, pose)),
        fixed(BodyPart.NOSE, behind & (who.looks.nose > 0)),
        Pass(torch.where(left_far, 12, 11), every),
        fixed(BodyPart.HAIR, capped, capped=True),
        Pass(torch.where(left_far, 17, 16), twin),
        fixed(BodyPart.FALL, fall & ~behind), fixed(BodyPart.PONY, tail & ~behind),
        Pass(limb(arm, far_arm), ~hidden[0]), Pass(limb(arm, 1 - far_arm), ~hidden[1]),
    ]  # fmt: skip
    return tuple(passes)


_P = BodyPart
_ARMS, _LEGS, _FEET = (_P.LEFT_ARM, _P.RIGHT_ARM), (_P.LEFT_LEG, _P.RIGHT_LEG), (_P.LEFT_FOOT, _P.RIGHT_FOOT)
_TRUNK = (_P.TRUNK, _P.NECK, _P.SKIRT, _P.PELVIS)
_HAIRS = (_P.HAIR, _P.FALL, _P.PONY)


def _marks(who: BodyIdentity) -> Marks:
    """Landmarks in the order of BODY_LANDMARKS."""
    build, looks = who.build, who.looks
    zero = torch.zeros_like(build.face)

    def height(y: Tensor) -> Tensor:
        return (y - HEAD_TOP) / HEAD_STEP

    eye = torch.asin((looks.spacing / build.face).clamp(-0.95, 0.95))
    rows: list[tuple[BodyPart, Tensor, Tensor, bool, tuple[BodyPart, ...]]] = [
        (_P.HEAD, zero - 0.75, zero, False, _HAIRS),
        (_P.HEAD, height(looks.y + 0.13), zero, True, (_P.NOSE,)),
        (_P.HEAD, height(looks.y), eye, True, ()),
        (_P.HEAD, height(looks.y), -eye, True, ()),
        (_P.HEAD, zero + 3.6, zero, False, (_P.NECK, _P.TRUNK)),
        (_P.NECK, zero + 0.4, zero, False, (_P.TRUNK, _P.HEAD)),
    ]
    limbs: tuple[tuple[tuple[_P, _P], float, tuple[_P, ...]], ...] = (
        (_ARMS, 0.0, _TRUNK), (_ARMS, 1.0, ()), (_ARMS, 2.0, ()), (_LEGS, 0.0, _TRUNK),
        (_LEGS, 1.0, (_P.SKIRT,)), (_LEGS, 3.0, ()), (_FEET, 3.0, ()),
    )  # fmt: skip
    for parts, along, over in limbs:
        for column, part in enumerate(parts):
            joined = () if parts == _ARMS else (_LEGS[column], _FEET[column])
            rows.append((part, zero + along, zero, False, (*over, *joined)))
    accepted = torch.zeros(len(rows), len(BodyPart), dtype=torch.bool)
    for row, (*_, over) in enumerate(rows):
        accepted[row, list(over)] = True
    device = zero.device
    return Marks(
        torch.tensor([int(row[0]) for row in rows], device=device).expand(zero.shape[0], -1),
        torch.stack([row[1] for row in rows], 1),
        torch.stack([row[2] for row in rows], 1),
        torch.tensor([row[3] for row in rows], device=device).expand(zero.shape[0], -1),
        accepted.to(device),
    )


def _ground(who: BodyIdentity, pose: BodyPose, view: View, joints: Joints) -> Tensor:
    """Centre and half axes [B, 4] of the shadow below the feet."""
    left, right = (
        view.project(joints.ankles[i] * torch.tensor([1.0, 0.0, 1.0]).to(pose.scale)) for i in (0, 1)
    )
    middle = (left + right)[:, :2] * 0.5
    reach = (left - right)[:, 0].abs() * 0.5 + 2.4 * who.build.hip * view.scale
    flat = reach * (0.22 + 0.4 * torch.sin(pose.tilt))
    return torch.cat([middle, torch.stack([reach, flat], 1)], 1)
