"""Bones: frames that turn, limbs of two bones that reach for a place, and how they are seen.

Vectors are [B, 3]: x to the picture's right, y down, z to the viewer; lengths in the figure's units.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.figures.tubes import NO_CUT, Tubes, slopes_of
from animate_cli.data.toons.geometry import rotation


def frame(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Rotation [B, 3, 3] by a roll, then a pitch, then a yaw, each about the turned body's own axes."""
    zero = torch.zeros_like(yaw)
    return rotation(yaw, zero, zero) @ rotation(zero, pitch, zero) @ rotation(zero, zero, roll)


def vector(x: Tensor | float, y: Tensor | float, z: Tensor | float, like: Tensor) -> Tensor:
    """Stack numbers, or tensors [B], to vectors [B, 3]; like: any tensor [B]."""
    return torch.stack([torch.as_tensor(v).to(like).expand_as(like) for v in (x, y, z)], -1)


def turn(matrix: Tensor, vectors: Tensor) -> Tensor:
    """Turn vectors [B, 3] by matrices [B, 3, 3]."""
    return (matrix @ vectors[..., None])[..., 0]


def reach(start: Tensor, target: Tensor, upper: Tensor, lower: Tensor, hint: Tensor) -> tuple[Tensor, Tensor]:
    """Bend two bones of lengths [B] from a start towards a target; return the middle joint and the end.

    hint: [B, 3], where the middle joint would rather be.
    """
    way = target - start
    far = way.norm(dim=1, keepdim=True)
    direction = way / far.clamp_min(1e-5)
    upper, lower = upper[:, None], lower[:, None]
    far = torch.minimum(
        torch.maximum(far, (upper - lower).abs() + 0.3 * torch.minimum(upper, lower)), (upper + lower) * 0.995
    )
    run = (upper**2 - lower**2 + far**2) / (2 * far)
    height = (upper**2 - run**2).clamp_min(0).sqrt()
    side = hint - (hint * direction).sum(1, keepdim=True) * direction
    side = side / side.norm(dim=1, keepdim=True).clamp_min(1e-5)
    return start + direction * run + side * height, start + direction * far


class View(NamedTuple):
    """How figures are seen: place [B, 2] of their origin in the picture, scale [B], looking down by tilt [B]."""

    place: Tensor
    scale: Tensor
    tilt: Tensor

    def see(self, vectors: Tensor) -> Tensor:
        """Turn vectors [..., B, 3] of the figure's space by the look down."""
        cos, sin = torch.cos(self.tilt), torch.sin(self.tilt)
        x, y, z = vectors.unbind(-1)
        return torch.stack([x, y * cos + z * sin, z * cos - y * sin], -1)

    def project(self, points: Tensor) -> Tensor:
        """Place points [..., B, 3] in the picture: (x, y) in [-1, 1], and z."""
        seen = self.see(points) * self.scale[:, None]
        return torch.cat([seen[..., :2] + self.place, seen[..., 2:]], -1)


class Rig:
    """Collects the tubes of a batch of figures, in a fixed order."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._tubes: list[Tubes] = []

    def tube(
        self,
        points: Sequence[Tensor],
        radii: Sequence[Tensor],
        *,
        facing: Tensor | None = None,
        section: tuple[Tensor | float, Tensor | float] = (1.0, 1.0),
        caps: tuple[float, float] = (1.0, 1.0),
        cut: Tensor | float = NO_CUT,
        bag: Tensor | float = 0.0,
        nods: bool = False,
    ) -> int:
        """Add a tube through four balls and return its index.

        Args:
            points: four of [B, 3].
            radii: four of [B].
            facing: [B, 3, 3], whose columns are the tube's side, its way along and its front, handed as a
                rotation is; without it, the side that faces the viewer is the front.
            section: half widths to the side and to the front, in radii.
            caps: how far the ends bulge, in radii.
            cut: place along it where a sleeve ends, [B].
            bag: by how much the sleeve is wider, [B].
            nods: whether its front moves along it when the tube leans.
        """
        balls = torch.stack(list(points), 0)
        seen = self.view.project(balls).permute(1, 0, 2)
        size = torch.stack(list(radii), -1)
        span = (balls[1:] - balls[:-1]).norm(dim=-1).mean(0).clamp_min(1e-4)
        girth = size.mean(-1)
        like, scale = span, self.view.scale
        angle, nod, width = torch.zeros_like(like), torch.zeros_like(like), torch.ones_like(like)
        if facing is not None:
            angle, width, nod = self._turn(seen, facing, section)
            nod = nod * girth / span if nods else torch.zeros_like(nod)
        radii_seen = size * (width * scale)[:, None]
        self._tubes.append(
            Tubes(
                seen[..., :2], radii_seen, slopes_of(radii_seen), angle, nod,
                torch.tensor(caps).to(like).expand(like.shape[0], 2), span, girth,
                torch.as_tensor(cut).to(like).expand_as(like),
                torch.as_tensor(bag).to(like).expand_as(like) * scale,
            )
        )  # fmt: skip
        return len(self._tubes) - 1

    def _turn(
        self, seen: Tensor, facing: Tensor, section: tuple[Tensor | float, Tensor | float]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Angle of a tube's front, its half width as seen, and how much of its front looks along it."""
        axis = seen[:, 3, :2] - seen[:, 0, :2]
        unit = axis / axis.norm(dim=1, keepdim=True).clamp_min(1e-5)
        normal = torch.stack([unit[:, 1], -unit[:, 0]], 1)
        side, front = self.view.see(facing[:, :, 0]), self.view.see(facing[:, :, 2])
        across = section[0] * (side[:, :2] * normal).sum(1)
        deep = section[1] * (front[:, :2] * normal).sum(1)
        return torch.atan2(deep, across), torch.hypot(across, deep), (front[:, :2] * unit).sum(1)

    def tubes(self) -> Tubes:
        """Stack what was collected: [B, N, ...]."""
        return Tubes(*(torch.stack(list(values), 1) for values in zip(*self._tubes, strict=True)))
