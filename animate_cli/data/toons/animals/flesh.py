"""An animal's joints in space, and the tubes hung on them.

The origin is the animal's middle; lengths are in extents, x to the picture's right, y down, z to the viewer.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from animate_cli.data.toons.animals.identity import AnimalIdentity
from animate_cli.data.toons.animals.pose import AnimalPose
from animate_cli.data.toons.animals.species import Shape
from animate_cli.data.toons.figures.rig import Rig, frame, reach, turn, vector


class Frames:
    """The turned frames of an animal: trunk, neck and head; each has left, down and forward as columns."""

    def __init__(self, who: AnimalIdentity, pose: AnimalPose) -> None:
        zero = torch.zeros_like(pose.yaw)
        self.shape = Shape(
            *(self._scaled(who, name, value) for name, value in zip(Shape._fields, who.shape, strict=True))
        )
        self.unit = who.unit
        self.trunk = frame(pose.yaw, pose.pitch, zero)
        rise = who.shape.neck_up + pose.neck
        self.neck = frame(pose.yaw + 0.35 * pose.bend[:, 0], pose.pitch + rise, zero)
        look = pose.head[:, 1] - who.shape.nod + 0.3 * pose.pitch
        self.head = frame(pose.yaw + pose.bend[:, 0] + pose.head[:, 0], look, zero)
        self.tail = frame(pose.yaw + pose.bend[:, 1], zero, zero)
        height = vector(zero, (who.middle[:, 0] - pose.bob) * who.unit, zero, zero)
        height = height + turn(self.trunk, vector(zero, zero, -who.middle[:, 1] * who.unit, zero))
        self.rump = height + turn(self.trunk, vector(zero, zero, -0.5 * who.unit, zero))
        self.chest = height + turn(self.trunk, vector(zero, zero, 0.5 * who.unit, zero))
        self.withers = self.chest + turn(
            self.trunk, vector(zero, -0.35 * self.shape.chest, 0.1 * self.shape.chest, zero)
        )
        self.nape = self.withers + turn(
            self.neck, vector(zero, zero, self.shape.neck + 0.3 * self.shape.chest, zero)
        )

    @staticmethod
    def _scaled(who: AnimalIdentity, name: str, value: Tensor) -> Tensor:
        kept = ("thick", "neck_up", "nod", "ear_up", "tail_up", "ruff", "hang", "wing", "hover")
        return value if name in kept else value * who.unit

    @staticmethod
    def facing(matrix: Tensor) -> Tensor:
        """Turn a frame to columns left, forward, up: a tube's side, way along and front."""
        return torch.stack([matrix[:, :, 0], matrix[:, :, 2], -matrix[:, :, 1]], -1)


def add_limbs(rig: Rig, who: AnimalIdentity, pose: AnimalPose, frames: Frames) -> None:
    """Add legs, wings or fins."""
    shape, trunk = frames.shape, frames.trunk
    zero = torch.zeros_like(pose.yaw)
    for index in range(4):
        side, front = (1.0, -1.0)[index % 2], index < 2
        length, girth = (shape.front, shape.chest) if front else (shape.back, shape.rump)
        socket = frames.chest if front else frames.rump
        lateral = side * (girth * shape.thick - shape.thigh * 0.9).clamp_min(0.0)
        ahead = (-0.12 if front else 0.05) * frames.unit
        root = socket + turn(trunk, vector(lateral, girth * 0.35, ahead, zero))
        leg = _leg(root, length, pose, index, trunk, frames)
        wing_root = socket + turn(trunk, vector(side * girth * shape.thick * 0.8, -0.15 * girth, ahead, zero))
        wing = _wing(wing_root, length, pose, index, trunk, shape)
        fin_root = socket + turn(
            trunk, vector(side * girth * shape.thick * 0.7, 0.35 * girth, -0.1 * frames.unit, zero)
        )
        fin = _wing(fin_root, length, pose, index, trunk, shape)
        winged = (shape.wing > 0.5) if front else torch.zeros_like(shape.wing, dtype=torch.bool)
        finned = shape.wing < -0.5
        points = [
            torch.where(finned[:, None], c, torch.where(winged[:, None], b, a))
            for a, b, c in zip(leg, wing, fin, strict=True)
        ]
        thigh, foot = shape.thigh, shape.foot
        slim = (foot * 0.78).minimum(thigh)
        of_leg = (thigh * 1.15, (thigh + slim) * 0.5, slim, foot)
        of_wing = (length * 0.17, length * 0.25, length * 0.22, length * 0.07)
        of_fin = (length * 0.14, length * 0.22, length * 0.26, length * 0.18)
        radii = [
            torch.where(finned, c, torch.where(winged, b, a))
            for a, b, c in zip(of_leg, of_wing, of_fin, strict=True)
        ]
        cut = torch.where(winged | finned, zero + 1.9, torch.where(who.socks > 0.5, zero + 2.45, zero + 9.0))
        rig.tube(points, radii, cut=cut)


def _leg(
    root: Tensor, length: Tensor, pose: AnimalPose, index: int, trunk: Tensor, frames: Frames
) -> list[Tensor]:
    zero = torch.zeros_like(length)
    swing, lift = pose.swing[:, index], pose.lift[:, index]
    hovering = frames.shape.hover * frames.shape.wing.clamp_min(0)
    down = length * (0.96 - 0.34 * lift - 0.06 * swing.abs()) * (1 - 0.35 * hovering)
    target = root + turn(trunk, vector(zero, down, length * (0.45 * swing - 0.5 * hovering), zero))
    bends = 1.0 if index < 2 else -1.0
    knee, ankle = reach(
        root, target, length * 0.5, length * 0.48, turn(trunk, vector(zero, 0.0, bends, zero))
    )
    shin = torch.lerp(knee, ankle, 0.55)
    toe = ankle + turn(trunk, vector(zero, 0.02 * length, frames.shape.foot * 0.55, zero))
    return [root, knee, torch.lerp(shin, ankle, 0.4), toe]


def _wing(
    root: Tensor, length: Tensor, pose: AnimalPose, index: int, trunk: Tensor, shape: Shape
) -> list[Tensor]:
    """Sweep out, up with the swing, and back."""
    side = (1.0, -1.0)[index % 2]
    zero = torch.zeros_like(length)
    spread = torch.where(shape.hover > 0.5, zero + 1.0, zero + 0.35)
    winged = shape.wing > 0
    swing = torch.where(winged, pose.swing[:, 0], pose.swing[:, index])
    flap = swing * torch.where(winged, 1.25 * spread, zero + 0.6) + torch.where(
        winged, 0.25 * spread, zero - 0.1
    )
    up, out = torch.sin(flap), torch.cos(flap)
    points = []
    for share, back in ((0.0, 0.0), (0.38, 0.22), (0.72, 0.50), (1.0, 0.85)):
        away = vector(
            side * out * share * 0.45,
            -up * share * 0.9 + 0.25 * share * (1 - spread),
            zero - back * (1 - 0.35 * up.abs()),
            zero,
        )
        points.append(root + turn(trunk, away) * length[:, None])
    return points


def add_trunk(rig: Rig, frames: Frames) -> None:
    """Add the trunk, from the rump to the chest."""
    shape = frames.shape
    sag = (
        turn(frames.trunk, vector(0.0, 1.0, 0.0, shape.chest)) * ((shape.middle - shape.chest) * 0.3)[:, None]
    )
    points = (
        frames.rump,
        torch.lerp(frames.rump, frames.chest, 0.33) + sag,
        torch.lerp(frames.rump, frames.chest, 0.67) + sag,
        frames.chest,
    )
    middle = torch.lerp(shape.middle, shape.rump, 0.25), torch.lerp(shape.middle, shape.chest, 0.4)
    rig.tube(
        points, (shape.rump, *middle, shape.chest), facing=frames.facing(frames.trunk),
        section=(shape.thick, torch.ones_like(shape.thick)), caps=(0.75, 0.85),
    )  # fmt: skip


def add_head(rig: Rig, pose: AnimalPose, frames: Frames) -> None:
    """Add neck, head with its muzzle, beak or elephant's trunk, and ears."""
    shape, zero = frames.shape, torch.zeros_like(pose.yaw)
    skull, muzzle = shape.skull, shape.muzzle
    start = torch.lerp(frames.chest, frames.withers, 0.6)
    points = [torch.lerp(start, frames.nape, share) for share in (0.0, 0.35, 0.7, 1.0)]
    radii = (
        shape.chest * 0.72,
        torch.lerp(shape.neck_r, shape.chest * 0.72, 0.35),
        shape.neck_r,
        shape.neck_r * 0.9,
    )
    rig.tube(points, radii, facing=frames.facing(frames.neck), section=(0.9, 1.0))

    def at(x: Tensor | float, y: Tensor | float, z: Tensor | float) -> Tensor:
        return frames.nape + turn(frames.head, vector(x, y, z, zero))

    far = skull * 0.75 + muzzle
    line = [at(zero, 0.30 * skull * share, far * share) for share in (0.0, 0.28, 0.66, 1.0)]
    rig.tube(
        line, (skull * 0.96, skull, torch.lerp(shape.muzzle_r, skull, 0.32), shape.muzzle_r),
        facing=frames.facing(frames.head), section=(torch.lerp(shape.thick, torch.ones_like(zero), 0.5), 1.0),
    )  # fmt: skip
    _add_beak(rig, pose, frames, at, far)
    lift = shape.ear_up + 0.3 * pose.ears
    for side in (1.0, -1.0):
        out, up = torch.cos(lift * 1.25), torch.sin(lift * 1.25)
        base = at(side * skull * 0.62, -skull * 0.66, -skull * 0.05)
        way = (
            turn(frames.head, vector(side * (0.25 + 0.75 * out), -up, -0.25 * out - 0.1, zero))
            * shape.ear[:, None]
        )
        points = [base + way * share for share in (-0.05, 0.35, 0.7, 1.0)]
        rig.tube(points, (shape.ear_r * 0.9, shape.ear_r, shape.ear_r * 0.72, shape.ear_r * 0.22))


def _add_beak(rig: Rig, pose: AnimalPose, frames: Frames, at: Callable[..., Tensor], far: Tensor) -> None:
    shape, zero = frames.shape, torch.zeros_like(pose.yaw)
    hang = shape.hang
    points = []
    for share, drop, out in ((0.0, 0.0, 0.0), (0.33, 0.22, 0.14), (0.66, 0.62, 0.14), (1.0, 0.95, 0.30)):
        sway = hang * (0.25 * pose.swing[:, 0] + 0.6 * pose.mouth) * share * shape.beak
        straight_y, straight_z = 0.12 * shape.skull + 0.06 * share * shape.beak, share * shape.beak
        y = torch.lerp(straight_y, drop * shape.beak * (1 - 0.35 * pose.mouth), hang)
        z = torch.lerp(straight_z, out * shape.beak, hang) + sway * 0.7
        points.append(
            at(
                zero,
                y + (0.15 + 0.2 * hang) * shape.skull,
                far * (1 - 0.1 * hang) + 0.55 * shape.muzzle_r * (1 - hang) + z,
            )
        )
    thin = torch.lerp(zero + 0.12, zero + 0.5, hang)
    rig.tube(
        points,
        (
            shape.beak_r * (1 + 0.35 * hang),
            shape.beak_r * 0.85,
            shape.beak_r * (0.5 + 0.2 * hang),
            shape.beak_r * thin,
        ),
    )


def add_tail(rig: Rig, pose: AnimalPose, frames: Frames) -> None:
    """Add the tail, its lower lobe, the mane and the crest."""
    shape, zero = frames.shape, torch.zeros_like(pose.yaw)
    root = frames.rump + turn(
        frames.trunk, vector(zero, -0.25 * shape.rump * (1 - shape.wing.abs()), -0.72 * shape.rump, zero)
    )
    fork = (shape.wing < -0.5).to(zero)
    for lobe in (1.0, -1.0):
        rise = shape.tail_up + pose.tail + lobe * 0.55 * fork
        points, place = [root], root
        for step in range(3):
            angle = rise + (0.25 - 0.35 * rise.sign() * step * 0.5) * (1 - fork) * (shape.tail_up.abs() > 0.1)
            sway = pose.bend[:, 1] * (0.5 + 0.4 * step)
            way = vector(torch.sin(sway), -torch.sin(angle), -torch.cos(angle) * torch.cos(sway), zero)
            place = place + turn(frames.tail, way) * (shape.tail / 3)[:, None]
            points.append(place)
        middle = torch.lerp(shape.tail_r, shape.tip_r, 0.6) * (1 - 0.25 * fork)
        rig.tube(points, (shape.tail_r, torch.lerp(shape.tail_r, middle, 0.6), middle,
                          shape.tip_r * (1 - 0.45 * fork)),
                 cut=zero + 2.1)  # fmt: skip
    _add_mane(rig, frames, zero)
    top = torch.lerp(frames.rump, frames.chest, 0.55) + turn(
        frames.trunk, vector(zero, -0.72 * shape.middle, zero, zero)
    )
    back = turn(frames.trunk, vector(zero, -0.75, -0.55, zero)) * shape.crest[:, None]
    points = [top + back * share for share in (0.0, 0.35, 0.7, 1.0)]
    rig.tube(points, (shape.crest * 0.62, shape.crest * 0.5, shape.crest * 0.32, shape.crest * 0.12))


def _add_mane(rig: Rig, frames: Frames, zero: Tensor) -> None:
    """Add a mane along the top of the neck, or a ruff behind the face."""
    shape = frames.shape
    up = turn(frames.neck, vector(zero, -1.0 * shape.neck_r, zero, zero))
    crown = frames.nape + turn(frames.head, vector(zero, -0.72 * shape.skull, 0.2 * shape.skull, zero))
    behind = frames.nape + turn(frames.head, vector(zero, 0.12 * shape.skull, -0.18 * shape.skull, zero))
    ruff = shape.ruff[:, None]
    points = []
    for share in (0.0, 0.4, 0.8, 1.0):
        along = torch.lerp(torch.lerp(frames.withers, frames.nape, 0.15) + up, crown, share)
        around = behind + turn(frames.head, vector(zero, (0.5 - share) * 0.4 * shape.skull, zero, zero))
        points.append(torch.lerp(along, around, ruff))
    size = shape.mane
    rig.tube(points, (size * 0.8, size, size, size * (0.7 + 0.3 * shape.ruff)))
