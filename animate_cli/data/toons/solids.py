"""The ellipsoids that a toon's head is made of, and what is on it."""

from enum import IntEnum

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Ellipsoid, rotation
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.pose import Pose


class Solid(IntEnum):
    """Ellipsoids by index; those up to BRIDGE are melted together to the bare head."""

    CRANIUM = 0
    JAW = 1
    CHIN = 2
    TIP = 3
    BRIDGE = 4
    LEFT_EAR = 5
    RIGHT_EAR = 6
    CAP = 7
    FALL = 8
    LEFT_BUN = 9
    RIGHT_BUN = 10
    HAT = 11
    BRIM = 12
    LEFT_OUTER = 13
    LEFT_INNER = 14
    RIGHT_OUTER = 15
    RIGHT_INNER = 16


def column(value: Tensor, *others: Tensor | float) -> Tensor:
    """Stack numbers [B] to a vector [B, 3]."""
    return torch.stack(
        [v if isinstance(v, Tensor) else value.new_full(value.shape, v) for v in (value, *others)], 1
    )


def lean(angle: Tensor) -> Tensor:
    """Rotation [B, 3, 3] that leans an upright axis: its lower end forward."""
    return rotation(torch.zeros_like(angle), angle, torch.zeros_like(angle))


def ellipsoids(who: Identity, pose: Pose) -> list[Ellipsoid]:
    """List the ellipsoids in the order of Solid, those too that a toon lacks."""
    return [*_bare_head(who, pose), *_ears(who), *_hair(who), *_hat(who), *_top_ears(who)]


def worn(who: Identity) -> Tensor:
    """Tell which of the ellipsoids there are, [B, N] bool."""
    hair, wear, ears = who.hair, who.wear, who.ears
    on_top, bun = ears.width > 0.01, hair.bun > 0
    always, human = torch.ones_like(bun), ears.human > 0
    return torch.stack(
        [*[always] * 5, human, human, hair.cap > 0, (hair.cap > 0) & (hair.fall > 0),
         bun, bun & (hair.bun_x > 0), wear.hat > 0, (wear.hat > 0) & (wear.brim > 0), *[on_top] * 4], 1
    )  # fmt: skip


def _bare_head(who: Identity, pose: Pose) -> list[Ellipsoid]:
    head, nose, opened = who.head, who.nose, pose.mouth_open
    zero = torch.zeros_like(opened)
    tip_y, tip_z = nose.y - 0.09, 0.55 + nose.out
    brow_y, brow_z = who.eyes.y - 0.06, 0.62
    half = torch.hypot(tip_y - brow_y, tip_z - brow_z) * 0.5
    return [
        Ellipsoid(column(zero, -0.26, -0.12), column(head.width, head.crown, 0.86)),
        Ellipsoid(
            column(zero, 0.28 * head.length + 0.06 * opened, 0.04),
            column(head.width * head.jaw * 0.86, 0.64 * head.length, 0.66),
        ),
        Ellipsoid(
            column(zero, (0.98 * head.length - head.chin * 0.9) + 0.2 * opened, 0.06),
            column(head.chin * 1.35, head.chin, 0.52),
        ),
        Ellipsoid(column(zero, tip_y, tip_z), column(nose.width * 0.85, 0.10 + 0.15 * nose.width, 0.15)),
        Ellipsoid(
            column(zero, (brow_y + tip_y) * 0.5, (tip_z + brow_z) * 0.5 + 0.03 * (nose.bridge - 0.5)),
            column(nose.width * 0.5, half + 0.08, 0.09 + 0.04 * nose.bridge),
            lean(torch.atan2(tip_z - brow_z, tip_y - brow_y)),
        ),
    ]


def _ears(who: Identity) -> list[Ellipsoid]:
    size, width = who.ears.human, who.head.width * 0.97
    radii = column(0.075 * size + 1e-3, 0.215 * size + 1e-3, 0.14 * size + 1e-3)
    return [Ellipsoid(column(side * width, 0.06, -0.12), radii) for side in (1.0, -1.0)]


def _hair(who: Identity) -> list[Ellipsoid]:
    hair, head = who.hair, who.head
    zero, volume = torch.zeros_like(hair.volume), hair.volume
    tall, bun = 0.45 + 0.68 * hair.fall, hair.bun.clamp_min(1e-3)
    return [
        Ellipsoid(
            column(zero, -0.27 - 0.3 * volume, -0.14),
            column(head.width + volume, head.crown + volume, 0.86 + volume),
        ),
        Ellipsoid(column(zero, tall - 0.92, -0.30), column(head.width * hair.spread + 0.06, tall, 0.62)),
        *(
            Ellipsoid(column(hair.bun_x * side, hair.bun_y, -0.35), column(bun, bun, bun))
            for side in (1.0, -1.0)
        ),
    ]


def _hat(who: Identity) -> list[Ellipsoid]:
    wear, head = who.wear, who.head
    puff = (who.hair.volume * who.hair.cap).clamp(0.05, 0.16) + 0.03
    zero = torch.zeros_like(puff)
    width, deep = head.width + puff, 0.86 + puff
    side, front = width + wear.brim * (1 - wear.peak * 1.6), deep * 0.9 + wear.brim * 0.6
    return [
        Ellipsoid(column(zero, -0.30 - 0.3 * puff, -0.14), column(width, head.crown + puff, deep)),
        Ellipsoid(
            column(zero, wear.hat_line - 0.02, wear.peak - 0.2), column(side, 0.04, front), lean(zero - 0.14)
        ),
    ]


def _top_ears(who: Identity) -> list[Ellipsoid]:
    """Ears of cats, bears and rabbits: each is what an outer and an inner ellipsoid have in common."""
    ears = who.ears
    zero, found = torch.zeros_like(ears.lean), []
    radii = column(ears.width * (1 + ears.point) + 1e-3, ears.height + 1e-3, 0.12)
    for side in (1.0, -1.0):
        tilt = rotation(zero, zero, ears.lean * side)
        center = column(ears.x * side, ears.y, -0.08)
        shift = (tilt @ column(ears.point * ears.width, 0.0, 0.0)[:, :, None])[:, :, 0]
        found += [Ellipsoid(center + shift, radii, tilt), Ellipsoid(center - shift, radii, tilt)]
    return found
