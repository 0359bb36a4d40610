"""A toon in a pose: its turn, its places, and the layers of solids that it is made of."""

from collections.abc import Callable
from copy import copy
from enum import IntEnum
from typing import NamedTuple, Self

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, Sight, along, apply, outlines, rotation, see_ellipsoid
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.solids import Solid, ellipsoids
from animate_cli.data.toons.trees import Packed

NECK_LENGTH = 1.12
"""From the middle of the head to the base of the neck, in head units."""


class Part(IntEnum):
    """What a layer is made of; parts up to CLOTHES do not turn with the head."""

    BACKGROUND = 0
    CHEST = 1
    NECK = 2
    CLOTHES = 3
    HAIR_BACK = 4
    HEAD = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    HAIR = 9
    BUN = 11
    BRIM = 12
    HAT = 13
    BEHIND_EARS = 14


class Layer(NamedTuple):
    """A solid: distance to its visible edge [B, h, w], depth [B, h, w], its local points, opacity or None.

    locate: finds the local points, which not every painter needs.
    """

    part: Part
    distance: Tensor
    depth: Tensor
    locate: Callable[[], Points]
    gate: Tensor | None = None


class _Cast(NamedTuple):
    identity: Identity
    pose: Pose


class Stance:
    """A batch of identities, each held in a pose."""

    def __init__(self, identity: Identity, pose: Pose) -> None:
        self.identity = identity
        self.pose = pose
        self._cast = Packed(_Cast(identity, pose))
        self._rows = torch.arange(len(pose.scale), device=pose.scale.device)
        self.rotation = rotation(pose.yaw, pose.pitch, pose.roll)
        self.inverse = self.rotation.transpose(1, 2)
        self.outlines = outlines(self.rotation, ellipsoids(identity, pose))
        roll, pitch = torch.sin(pose.roll), torch.sin(pose.pitch)
        self.base = torch.stack(
            [
                pose.torso[:, 0] - 0.75 * roll,
                NECK_LENGTH + pose.torso[:, 1] - 0.12 * roll.abs() + 0.1 * pitch,
            ],
            1,
        )

    def take(self, rows: Tensor) -> Self:
        """Pick rows [R]."""
        chosen = copy(self)
        chosen._rows = self._rows[rows]
        chosen.identity, chosen.pose = self._cast.take(chosen._rows)
        chosen.rotation, chosen.outlines = self.rotation[rows], self.outlines[rows]
        chosen.inverse, chosen.base = chosen.rotation.transpose(1, 2), self.base[rows]
        return chosen

    def head_points(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Turn (x, y) in [-1, 1] [B, h, w, 2] into head units about the head's centre."""
        local = (points - self.pose.place[:, None, None]) / self.pose.scale[:, None, None, None]
        return local[..., 0], local[..., 1]

    def see(self, solid: Solid, x: Tensor, y: Tensor) -> Sight:
        """Look at an ellipsoid that turns with the head."""
        return see_ellipsoid(self.outlines[:, solid], x, y)

    def to_local(self, x: Tensor, y: Tensor, z: Tensor) -> Points:
        """Turn points in head units into the head's own frame."""
        return apply(self.inverse, Points(x, y, z))

    def height(self, x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        """Find y of points in head units in the head's own frame."""
        return along(self.inverse, 1, Points(x, y, z))

    def box(self, center: Tensor, half: Tensor) -> tuple[Tensor, Tensor]:
        """Corners [B, 2] of what is seen of a box of the head's frame, with a centre and half sides [B, 3]."""
        shown = self.rotation[:, :2]
        middle, reach = (shown @ center[:, :, None])[:, :, 0], (shown.abs() @ half[:, :, None])[:, :, 0]
        return middle - reach, middle + reach

    def neck_line(self) -> tuple[Tensor, Tensor]:
        """Where the neck begins in the head, and the way to its base; each [B, 2] in head units."""
        start = (self.rotation @ torch.tensor([0.0, 0.42, -0.16]).to(self.base))[:, :2]
        return start, self.base - start


def above(depth: Tensor, other: Tensor) -> Tensor:
    """Opacity [B, h, w] of a surface that may be behind another."""
    return (depth - other).mul_(25).add_(0.5).clamp_(0, 1)
