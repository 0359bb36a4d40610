"""An animal as a figure: its tubes, what covers them, which hide which, and its landmarks."""

from functools import partial

import torch
from torch import Tensor

from animate_cli.data.toons.animals.coat import EYE_ALONG, EYE_AROUND, FAR_SHADE, cover_animal, paint_head
from animate_cli.data.toons.animals.flesh import Frames, add_head, add_limbs, add_tail, add_trunk
from animate_cli.data.toons.animals.identity import AnimalIdentity
from animate_cli.data.toons.animals.parts import AnimalPart
from animate_cli.data.toons.animals.pose import AnimalPose
from animate_cli.data.toons.figures.figure import Figure, Marks, Parts, Pass
from animate_cli.data.toons.figures.rig import Rig, View

_P = AnimalPart


def animal_figure(who: AnimalIdentity, pose: AnimalPose) -> Figure:
    """Hold animals in poses."""
    view = View(pose.place, pose.scale * 2, pose.tilt)
    frames, rig = Frames(who, pose), Rig(view)
    add_limbs(rig, who, pose, frames)
    add_trunk(rig, frames)
    add_head(rig, pose, frames)
    add_tail(rig, pose, frames)
    left = view.see(frames.trunk[:, :, 0])[:, 2]
    nearer = (left * 6).clamp(-1, 1)
    shades = {}
    for part in (_P.LEFT_FRONT, _P.LEFT_BACK, _P.LEFT_EAR):
        shades[int(part)] = 1 - (1 - FAR_SHADE) * (-nearer).clamp_min(0)
        shades[int(part) + 1] = 1 - (1 - FAR_SHADE) * nearer.clamp_min(0)
    return Figure(
        Parts(rig.tubes(), cover_animal(who, shades)), _passes(who, pose, view, frames),
        _marks(who), _ground(who, pose, frames), who.shadow,
    )  # fmt: skip


def _passes(who: AnimalIdentity, pose: AnimalPose, view: View, frames: Frames) -> tuple[Pass, ...]:
    every = torch.ones_like(pose.scale, dtype=torch.bool)
    shape = who.shape
    left_near = view.see(frames.trunk[:, :, 0])[:, 2] > 0
    ahead = view.see(frames.trunk[:, :, 2])[:, 2] > -0.2
    near, far = torch.where(left_near, 0, 1), torch.where(left_near, 1, 0)

    def fixed(part: AnimalPart, rows: Tensor = every) -> Pass:
        return Pass(torch.full_like(near, int(part)), rows)

    def paired(part: AnimalPart, index: Tensor, rows: Tensor = every) -> Pass:
        return Pass(index + int(part), rows)

    winged, eared = shape.wing > 0.5, shape.ear > 0.02
    tails = [fixed(_P.FAN, shape.wing < -0.5), fixed(_P.TAIL)]
    head_near = view.see(frames.head[:, :, 0])[:, 2] > 0
    ear_near, ear_far = torch.where(head_near, 0, 1), torch.where(head_near, 1, 0)

    def head(rows: Tensor) -> list[Pass]:
        ruffed, maned = (shape.ruff > 0.5) & rows, (shape.mane > 0) & (shape.ruff < 0.5) & rows
        beak = (shape.beak > 0) & rows
        return [
            fixed(_P.MANE, maned), fixed(_P.NECK, rows), fixed(_P.MANE, ruffed),
            paired(_P.LEFT_EAR, ear_far, eared & rows), fixed(_P.BEAK, beak & (shape.hang < 0.5)),
            fixed(_P.HEAD, rows)._replace(decorate=partial(paint_head, who, pose)),
            fixed(_P.BEAK, beak & (shape.hang > 0.5)), paired(_P.LEFT_EAR, ear_near, eared & rows),
        ]  # fmt: skip

    return (
        *head(~ahead),
        *(step._replace(rows=step.rows & ahead) for step in tails),
        paired(_P.LEFT_FRONT, far), paired(_P.LEFT_BACK, far),
        fixed(_P.CREST, shape.crest > 0),
        paired(_P.LEFT_BACK, near, winged),
        fixed(_P.TRUNK),
        paired(_P.LEFT_BACK, near, ~winged), paired(_P.LEFT_FRONT, near, ~winged),
        *(step._replace(rows=step.rows & ~ahead) for step in tails),
        *head(ahead),
        paired(_P.LEFT_FRONT, near, winged),
    )  # fmt: skip


_TORSO = (_P.TRUNK, _P.NECK, _P.MANE, _P.HEAD)


def _marks(who: AnimalIdentity) -> Marks:
    """Landmarks in the order of ANIMAL_LANDMARKS."""
    zero = torch.zeros_like(who.unit)
    beaked = who.shape.beak > 0
    rows: list[tuple[AnimalPart, float, float, bool, tuple[AnimalPart, ...]]] = [
        (_P.HEAD, 3.55, 0.0, False, (_P.BEAK,)),
        (_P.HEAD, EYE_ALONG, EYE_AROUND, True, ()),
        (_P.HEAD, EYE_ALONG, -EYE_AROUND, True, ()),
        (_P.HEAD, 0.1, 0.0, False, (_P.LEFT_EAR, _P.RIGHT_EAR, _P.MANE)),
        (_P.NECK, 0.6, 0.0, False, _TORSO),
        (_P.TRUNK, 3.4, 0.0, False, (*_TORSO, _P.LEFT_FRONT, _P.RIGHT_FRONT)),
        (_P.TRUNK, 1.5, 0.0, False, (_P.CREST, _P.LEFT_FRONT, _P.RIGHT_FRONT)),
        (_P.TRUNK, 0.0, 0.0, False, (_P.TAIL, _P.FAN, _P.LEFT_BACK, _P.RIGHT_BACK)),
        (_P.TRUNK, 1.5, 2.6, False, (_P.LEFT_FRONT, _P.RIGHT_FRONT, _P.LEFT_BACK, _P.RIGHT_BACK)),
        (_P.TAIL, 1.5, 0.0, False, (_P.FAN,)),
        (_P.TAIL, 3.0, 0.0, False, ()),
    ]
    for parts in ((_P.LEFT_FRONT, _P.RIGHT_FRONT), (_P.LEFT_BACK, _P.RIGHT_BACK)):
        rows += [(part, along, 0.0, False, ()) for along in (1.0, 3.0) for part in parts]
    accepted = torch.zeros(len(rows), len(AnimalPart), dtype=torch.bool)
    for row, (*_, over) in enumerate(rows):
        accepted[row, list(over)] = True
    batch, device = zero.shape[0], zero.device

    def column(index: int, dtype: torch.dtype) -> Tensor:
        return torch.tensor([row[index] for row in rows], dtype=dtype, device=device).expand(batch, -1)

    part, along = column(0, torch.long).clone(), column(1, zero.dtype).clone()
    part[:, 0] = torch.where(beaked, int(_P.BEAK), int(_P.HEAD))
    along[:, 0] = torch.where(beaked, 3.0, 3.55)
    return Marks(part, along, column(2, zero.dtype), column(3, torch.bool), accepted.to(device))


def _ground(who: AnimalIdentity, pose: AnimalPose, frames: Frames) -> Tensor:
    """Centre and half axes [B, 4] of the shadow below the feet."""
    scale = pose.scale * 2
    side = torch.sin(pose.yaw).abs()
    reach = scale * who.unit * (0.45 + 0.45 * side)
    low = (who.middle[:, 0] + who.shape.back * 0.97 + 0.35 * who.shape.rump) * who.unit * torch.cos(pose.tilt)
    y = pose.place[:, 1] + low * scale
    return torch.stack([pose.place[:, 0], y, reach, reach * (0.16 + 0.4 * torch.sin(pose.tilt))], 1)
