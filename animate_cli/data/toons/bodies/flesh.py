"""Tubes of a person: limbs, trunk, head and hair hung on the joints."""

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.identity import BodyIdentity
from animate_cli.data.toons.bodies.pose import BodyPose
from animate_cli.data.toons.bodies.skeleton import Joints, Lengths
from animate_cli.data.toons.figures.rig import Rig, turn, vector


def add_arms(rig: Rig, who: BodyIdentity, long: Lengths, joints: Joints) -> None:
    """Add both arms with their hands."""
    arm, outfit = who.build.arm, who.outfit
    for column in (0, 1):
        shoulder, elbow, wrist = joints.shoulders[column], joints.elbows[column], joints.wrists[column]
        along = (wrist - elbow) / (wrist - elbow).norm(dim=1, keepdim=True).clamp_min(1e-4)
        tip = wrist + along * (long.arm * 0.05 + who.build.hand * 0.9)[:, None]
        radii = (arm * 1.05, arm * 0.86, arm * 0.68, who.build.hand)
        rig.tube((shoulder, elbow, wrist, tip), radii, cut=outfit.sleeve, bag=arm * outfit.loose[:, 0])


def add_legs(rig: Rig, who: BodyIdentity, joints: Joints) -> None:
    """Add both legs, down to the ankles."""
    leg, outfit = who.build.leg, who.outfit
    for column in (0, 1):
        hip, knee, ankle = joints.hips[column], joints.knees[column], joints.ankles[column]
        calf = torch.lerp(knee, ankle, 0.45)
        radii = (leg * 1.12, leg * 0.84, leg * 0.74, leg * 0.56)
        rig.tube((hip, knee, calf, ankle), radii, cut=outfit.trouser, bag=leg * outfit.loose[:, 1])


def add_feet(rig: Rig, who: BodyIdentity, pose: BodyPose, joints: Joints) -> None:
    """Add both feet: flat on the ground, hanging from a lifted leg."""
    foot = who.build.foot
    for column, side in ((0, 1.0), (1, -1.0)):
        ankle, knee = joints.ankles[column], joints.knees[column]
        out = pose.toes[:, column] * side
        ahead = turn(joints.hip_frame, vector(torch.sin(out), 0.0, torch.cos(out), out))
        shin = (ankle - knee) / (ankle - knee).norm(dim=1, keepdim=True).clamp_min(1e-4)
        lifted = (pose.feet[:, column, 1] * 4).clamp(0, 0.8)[:, None]
        sole = torch.lerp(vector(0.0, 1.0, 0.0, out).expand_as(shin), shin, lifted)
        forward = ahead - (ahead * sole).sum(1, keepdim=True) * sole * 0.8 + sole * 0.2 * lifted
        forward = forward / forward.norm(dim=1, keepdim=True).clamp_min(1e-4)
        heel = ankle + sole * (foot * 0.25)[:, None] - forward * (foot * 0.18)[:, None]
        points = [heel + forward * (foot * share)[:, None] for share in (0.0, 0.55, 1.05, 1.5)]
        points = [
            point + sole * (foot * drop)[:, None]
            for point, drop in zip(points, (0, 0.04, 0.1, 0.14), strict=True)
        ]
        rig.tube(points, (foot * 0.5, foot * 0.46, foot * 0.40, foot * 0.33))


def add_trunk(rig: Rig, who: BodyIdentity, joints: Joints) -> None:
    """Add the trunk, from the shoulders down between the legs."""
    build = who.build
    ribs = torch.lerp(build.shoulder, build.waist, 0.35)
    radii = (build.shoulder * 0.93, ribs, build.waist, build.hip)
    section = (torch.ones_like(build.deep), build.deep)
    rig.tube(joints.spine, radii, facing=joints.chest_frame, section=section, caps=(0.34, 0.3))


def add_pelvis(rig: Rig, who: BodyIdentity, joints: Joints) -> None:
    """Add what trousers cover of the trunk."""
    build, waist, hips = who.build, joints.spine[2], joints.spine[3]
    points = [torch.lerp(waist, hips, share) for share in (-0.2, 0.3, 0.7, 1.0)]
    radii = (build.waist * 0.9, build.waist * 0.97, build.hip, build.hip * 0.97)
    rig.tube(points, radii, facing=joints.hip_frame, section=(torch.ones_like(build.deep), build.deep),
             caps=(0.3, 0.62))  # fmt: skip


def add_skirt(rig: Rig, who: BodyIdentity, long: Lengths, joints: Joints) -> None:
    """Add a skirt from the waist over both legs."""
    build, outfit = who.build, who.outfit
    waist, hips = joints.spine[2], joints.spine[3]
    knees = (joints.knees[0] + joints.knees[1]) * 0.5
    down = knees - hips
    down = down / down.norm(dim=1, keepdim=True).clamp_min(1e-4)
    length = (outfit.skirt * long.leg)[:, None]
    start = torch.lerp(waist, hips, 0.15)
    points = (start, torch.lerp(start, hips, 0.75), hips + down * length * 0.5, hips + down * length)
    spread = (joints.knees[0] - joints.knees[1])[:, :2].norm(dim=1) * 0.5 * (outfit.skirt * 2).clamp(0.4, 1)
    hem = (build.hip * (1 + outfit.flare)).maximum(spread + build.leg * 1.15)
    middle = torch.lerp(build.hip * 1.08, hem, 0.55)
    rig.tube(
        points, (build.waist * 1.03, build.hip * 1.06, middle, hem), facing=joints.hip_frame,
        section=(torch.ones_like(build.deep), (build.deep + 1) * 0.5), caps=(0.2, 0.13),
    )  # fmt: skip


def add_neck(rig: Rig, who: BodyIdentity, joints: Joints) -> None:
    """Add the neck, or a scarf around it."""
    top, neck = joints.spine[0], who.build.neck
    points = [torch.lerp(top, joints.head, share) for share in (0.0, 0.2, 0.4, 0.75)]
    thick = neck * (1 + 0.45 * who.outfit.scarf)
    rig.tube(points, (thick * 1.1, thick, thick, neck), facing=joints.chest_frame, caps=(0.5, 1.0))


def add_head(rig: Rig, who: BodyIdentity, long: Lengths, joints: Joints) -> None:
    """Add head, nose and ears."""
    build, zero = who.build, torch.zeros_like(long.head)
    wide = long.head * build.face
    rig.tube(
        head_line(joints, long), (wide * 0.80, wide * 0.99, wide * 0.95, wide * build.jaw * 0.8),
        facing=joints.head_frame, section=(1.0, 1.02), caps=(0.86, 0.9), nods=True,
    )  # fmt: skip
    size = who.looks.nose * long.head

    def at(x: Tensor | float, y: Tensor | float, z: Tensor | float) -> Tensor:
        return joints.head + turn(joints.head_frame, vector(x, y, z, zero))

    nose_y = (who.looks.y + 0.13) * long.head
    front = wide * 0.97
    rig.tube(
        (at(zero, nose_y - size, front - size), at(zero, nose_y - size * 0.5, front - size * 0.4),
         at(zero, nose_y, front + size * 0.15), at(zero, nose_y + size * 0.1, front + size * 0.4)),
        (size * 0.5, size * 0.6, size * 0.85, size * 0.8),
    )  # fmt: skip
    for side in (1.0, -1.0):
        y, ear = 0.08 * long.head, long.head * 0.085
        points = [
            at(side * (wide * 0.98 + ear * 0.25 * lift), y + ear * (lift - 1), -ear * 0.4 - ear * 0.3 * lift)
            for lift in (1.4, 1.0, 0.4, 0.0)
        ]
        rig.tube(points, (ear * 0.5, ear * 0.7, ear * 0.85, ear * 0.8))


def head_line(joints: Joints, long: Lengths) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Balls of the head from the crown to the chin."""
    zero = torch.zeros_like(long.head)

    def at(y: float) -> Tensor:
        return joints.head + turn(joints.head_frame, vector(zero, y * long.head, zero, zero))

    return at(-0.17), at(-0.02), at(0.13), at(0.28)


def add_hair(rig: Rig, who: BodyIdentity, long: Lengths, joints: Joints) -> None:
    """Add the cap of hair or hat, long hair, a bun or pony tail, and pigtails."""
    locks, wide = who.locks, long.head * who.build.face
    thick = locks.cap * long.head
    crown, temple, cheek, chin = head_line(joints, long)
    zero = torch.zeros_like(wide)
    rig.tube(
        (crown, temple, cheek, chin),
        (wide * 0.82 + thick * 1.1, wide * 1.0 + thick, wide * 0.97 + thick * 0.5, wide * 0.8),
        facing=joints.head_frame, section=(1.0, 1.05), caps=(0.92, 0.9), nods=True,
    )  # fmt: skip
    down = vector(0.0, 1.0, 0.0, zero)

    def at(x: Tensor | float, y: Tensor | float, z: Tensor | float) -> Tensor:
        return joints.head + turn(joints.head_frame, vector(x, y, z, zero)) * long.head[:, None]

    root, length = at(zero, zero - 0.12, zero - 0.17), (locks.fall * long.head)[:, None]
    points = [root + down * length * share for share in (0.0, 0.35, 0.7, 1.0)]
    full = locks.wide * long.head
    rig.tube(points, (full * 0.85, full, full * 1.02, full * 0.86), facing=joints.head_frame,
             section=(1.0, 0.7), caps=(1.0, 0.35))  # fmt: skip
    _tail(
        rig, at(zero, zero - locks.high, -0.40 + 0.3 * (locks.high - 0.3)), joints.head_frame, 0.0, who, long
    )
    for side in (1.0, -1.0):
        _tail(rig, at(zero + side * 0.47, zero - 0.05, zero - 0.10), joints.head_frame, side, who, long)


def _tail(rig: Rig, root: Tensor, head: Tensor, side: float, who: BodyIdentity, long: Lengths) -> None:
    """Add a bundle of hair that hangs from a place on the head."""
    thick, length = who.locks.pony * long.head, who.locks.hang * long.head
    zero = torch.zeros_like(thick)
    out = turn(head, vector(side, zero, -1.0 + abs(side), zero))
    down = vector(0.0, 1.0, 0.0, zero)
    points = [
        root + out * (length * share_out + thick * 0.5)[:, None] + down * (length * share)[:, None]
        for share_out, share in ((0.0, 0.0), (0.22, 0.2), (0.25, 0.6), (0.16, 1.0))
    ]
    bun = (1 - length / (long.head * 0.3)).clamp(0, 1)
    rig.tube(
        points,
        (
            thick * (0.6 + 0.4 * bun),
            thick * (1.0 + 0 * bun),
            thick * (0.9 + 0.1 * bun),
            thick * (0.35 + 0.65 * bun),
        ),
    )
