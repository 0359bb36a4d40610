"""A toon in a pose as solids: what surface each line of sight meets, and where on that surface.

Each solid comes as a Layer, from the back to the front. A layer's local points stick to the surface, whatever
the pose, so that the same layers paint the picture, find what is visible, and tell the true motion.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.geometry import Points, Sight, apply, per_pixel, rotation, see_ellipsoid, smooth_union
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.shapes import ellipse, waves

NECK_LENGTH = 1.12


class Part(IntEnum):
    """What a layer is made of; parts up to CLOTHES do not turn with the head."""

    BACKGROUND = 0
    CHEST = 1
    NECK = 2
    CLOTHES = 3
    FALL_BACK = 4
    CAP_BACK = 5
    HEAD = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    FALL = 9
    CAP = 10
    BUN = 11
    BRIM = 12
    HAT = 13
    BEHIND_EARS = 14


class Layer(NamedTuple):
    """A solid: signed distance to its visible edge [B, h, w], depth [B, h, w], local points, opacity or None."""

    part: Part
    distance: Tensor
    depth: Tensor
    local: Points
    gate: Tensor | None = None


class Scene:
    """One batch of toons, each held in a pose."""

    def __init__(self, identity: Identity, pose: Pose) -> None:
        self.identity = identity
        self.pose = pose
        self.rotation = rotation(pose.yaw, pose.pitch, pose.roll)
        self.inverse = self.rotation.transpose(1, 2)
        roll, pitch = torch.sin(pose.roll), torch.sin(pose.pitch)
        self.base = torch.stack(
            [pose.torso[:, 0] - 0.75 * roll, NECK_LENGTH + pose.torso[:, 1] - 0.12 * roll.abs() + 0.1 * pitch], 1
        )

    def column(self, value: Tensor, *others: Tensor | float) -> Tensor:
        """Stack numbers [B] to a vector [B, 3]."""
        return torch.stack([torch.as_tensor(v).to(value).expand_as(value) for v in (value, *others)], 1)

    def head_points(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Turn (x, y) in [-1, 1] [B, h, w, 2] into head units about the head's centre."""
        local = (points - self.pose.place[:, None, None]) / self.pose.scale[:, None, None, None]
        return local[..., 0], local[..., 1]

    def see(self, x: Tensor, y: Tensor, *, center: Tensor, radii: Tensor, tilt: Tensor | None = None) -> Sight:
        """Look at an ellipsoid that turns with the head."""
        return see_ellipsoid(x, y, self.rotation, center, radii, tilt)

    def to_local(self, x: Tensor, y: Tensor, z: Tensor) -> Points:
        """Turn points in head units into the head's own frame."""
        return apply(self.inverse, Points(x, y, z))

    def reach(self) -> Tensor:
        """Radius [B] in head units about the head's centre that holds all that turns with the head."""
        who = self.identity
        hair, ears, wear = who.hair, who.ears, who.wear
        top = torch.hypot(ears.x + ears.width, ears.y - ears.height) * (ears.width > 0.01)
        fall = torch.hypot(hair.fall, who.head.width * hair.spread + 0.1) * (hair.fall > 0)
        bun = torch.hypot(hair.bun_x, hair.bun_y) + hair.bun
        brim = who.head.width + 0.25 + wear.brim
        crown = 0.30 + who.head.crown + (1.3 * hair.volume + hair.spike).clamp_min(0.2 * wear.hat)
        nose = 0.75 + who.nose.out
        return torch.stack([top, fall, bun, brim, crown, nose, 1.2 + 0 * top]).amax(0) + 0.08

    def solids(self, x: Tensor, y: Tensor) -> Iterator[Layer]:
        """Yield the layers in front of the background, back to front, at points in head units."""
        behind, before = self.head_solids(x, y)
        yield from behind
        yield from self.body_solids(x, y)
        yield from before

    def head_solids(self, x: Tensor, y: Tensor) -> tuple[list[Layer], Iterator[Layer]]:
        """The layers that turn with the head: those behind the body, and those before it."""
        head = self._head(x, y)
        pairs = [pair for pair in (self._fall(x, y, head.depth), self._cap(x, y, head.depth)) if pair is not None]
        return [pair[0] for pair in pairs], self._before(x, y, head, [pair[1] for pair in pairs])

    def _before(self, x: Tensor, y: Tensor, head: Layer, hair: list[Layer]) -> Iterator[Layer]:
        yield from self._top_ears(x, y)
        yield head
        yield from self._ears(x, y, head.depth)
        yield from hair
        yield from self._bun(x, y, head.depth)
        yield from self._hat(x, y, head.depth)

    def head_surface(self, x: Tensor, y: Tensor, turned: bool = True) -> tuple[Tensor, Tensor]:
        """Distance to the outline of the bare head with its nose, and depth of its surface, at head units."""
        who, pose = self.identity, self.pose
        matrix = self.rotation if turned else torch.eye(3).to(x).expand(x.shape[0], 3, 3)
        opened = pose.mouth_open
        zero = torch.zeros_like(opened)
        length, width = who.head.length, who.head.width
        cranium = see_ellipsoid(
            x, y, matrix, self.column(zero, -0.26, -0.12), self.column(width, who.head.crown, 0.86)
        )
        jaw = see_ellipsoid(
            x, y, matrix, self.column(zero, 0.28 * length + 0.06 * opened, 0.04),
            self.column(width * who.head.jaw * 0.86, 0.64 * length, 0.66),
        )  # fmt: skip
        chin_y = (0.98 * length - who.head.chin * 0.9) + 0.2 * opened
        chin = see_ellipsoid(
            x, y, matrix, self.column(zero, chin_y, 0.36), self.column(who.head.chin * 1.25, who.head.chin, 0.28)
        )
        nose = who.nose
        tip_y, tip_z = nose.y - 0.09, 0.55 + nose.out
        tip = see_ellipsoid(
            x, y, matrix, self.column(zero, tip_y, tip_z), self.column(nose.width * 0.85, 0.10 + 0.15 * nose.width, 0.15)
        )
        brow_y, brow_z = who.eyes.y - 0.06, 0.62
        half = torch.hypot(tip_y - brow_y, tip_z - brow_z) * 0.5
        bridge = see_ellipsoid(
            x, y, matrix, self.column(zero, (brow_y + tip_y) * 0.5, (tip_z + brow_z) * 0.5 + 0.03 * (nose.bridge - 0.5)),
            self.column(nose.width * 0.5, half + 0.08, 0.09 + 0.04 * nose.bridge),
            _lean(torch.atan2(tip_z - brow_z, tip_y - brow_y)),
        )  # fmt: skip
        distance = smooth_union(cranium.distance, jaw.distance, 0.2)
        depth = -smooth_union(-cranium.near, -jaw.near, 0.2)
        distance = smooth_union(distance, chin.distance, 0.14)
        depth = -smooth_union(-depth, -chin.near, 0.16)
        depth = -smooth_union(-depth, -bridge.near, 0.10)
        depth = -smooth_union(-depth, -tip.near, 0.07)
        distance = smooth_union(distance, torch.minimum(tip.distance, bridge.distance), 0.05)
        return distance, depth

    def _head(self, x: Tensor, y: Tensor) -> Layer:
        distance, depth = self.head_surface(x, y)
        return Layer(Part.HEAD, distance, depth, self.to_local(x, y, depth))

    def body_solids(self, x: Tensor, y: Tensor) -> Iterator[Layer]:
        """Yield chest, neck and clothes at points in head units."""
        wear = self.identity.wear
        turn = self.pose.torso_yaw
        half, deep = wear.shoulder, wear.shoulder * 0.38
        cos, sin = torch.cos(turn), torch.sin(turn)
        reach = torch.hypot(half * cos, deep * sin)
        bx, by = x - per_pixel(self.base[:, 0]), y - per_pixel(self.base[:, 1] - self.pose.shoulders)
        top = per_pixel(wear.slope) * (torch.sqrt(bx * bx + 0.1) - 0.30) - by + 0.12
        flank = bx.abs() - per_pixel(reach)
        distance = -smooth_union(-top * 0.9, -flank, 0.55)
        level = (1 - (bx / per_pixel(reach)) ** 2).clamp_min(0.02).sqrt()
        z = level * per_pixel(half * deep / reach) + bx * per_pixel(cos * sin * (deep**2 - half**2) / reach**2)
        local = Points(bx * per_pixel(cos) - z * per_pixel(sin), by, bx * per_pixel(sin) + z * per_pixel(cos))
        yield Layer(Part.CHEST, distance, z - 0.6, local)
        yield self._neck(x, y)
        yield Layer(Part.CLOTHES, torch.maximum(distance, -self._neckline(local)), z - 0.5, local)

    def _neckline(self, local: Points) -> Tensor:
        """Signed distance to the opening of the collar, which shows the chest."""
        wear = self.identity.wear
        size = per_pixel(wear.collar_size)
        kind = per_pixel(wear.collar)
        neck = per_pixel(self.identity.head.neck)
        round_neck = ellipse(local.x, local.y - 0.05, neck + 0.12 + 0.15 * size, 0.14 + 0.25 * size)
        vee = (local.x.abs() * (0.8 + size) + (local.y - 0.15 - size)) * 0.6
        high = torch.hypot(local.x, local.y + 3.0) - 2.75
        return torch.where(kind == 0, round_neck, torch.where(kind == 3, high, vee))

    def neck_line(self) -> tuple[Tensor, Tensor]:
        """Where the neck begins in the head, and the way from there to its base; each [B, 2] in head units."""
        start = (self.rotation @ torch.tensor([0.0, 0.42, -0.16]).to(self.base))[:, :2]
        return start, self.base - start

    def _neck(self, x: Tensor, y: Tensor) -> Layer:
        start, along = self.neck_line()
        length = along.norm(dim=1)
        ux, uy = per_pixel(along[:, 0] / length), per_pixel(along[:, 1] / length)
        dx, dy = x - per_pixel(start[:, 0]), y - per_pixel(start[:, 1])
        place = (dx * ux + dy * uy) / per_pixel(length)
        across = dx * uy - dy * ux
        radius = per_pixel(self.identity.head.neck) * (1 + 0.5 * (place - 0.55).clamp(0, 1))
        distance = torch.maximum(across.abs() - radius, (place - 1.25).abs() - 1.25)
        depth = (radius * radius - across * across).clamp_min(0).sqrt() - 0.2
        return Layer(Part.NECK, distance, depth, Points(across, place, depth))

    def _ears(self, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
        size = self.identity.ears.human
        if not bool((size > 0).any()):
            return
        width = self.identity.head.width
        for part, side in ((Part.LEFT_EAR, 1.0), (Part.RIGHT_EAR, -1.0)):
            center = self.column(side * (width * 0.97), 0.06 + 0 * size, -0.12)
            radii = self.column(0.075 * size + 1e-3, 0.215 * size + 1e-3, 0.14 * size + 1e-3)
            ear = self.see(x, y, center=center, radii=radii)
            gate = _above(ear.near, head) * per_pixel((size > 0).to(x))
            yield Layer(part, ear.distance, ear.near, self.to_local(x, y, ear.near), gate)

    def _top_ears(self, x: Tensor, y: Tensor) -> Iterator[Layer]:
        ears = self.identity.ears
        present = ears.width > 0.01
        if not bool(present.any()):
            return
        for side in (1.0, -1.0):
            tilt = rotation(0 * ears.lean, 0 * ears.lean, ears.lean * side)
            center = self.column(ears.x * side, ears.y, -0.08)
            shift = tilt @ self.column(ears.point * ears.width, 0 * ears.x, 0.0)[:, :, None]
            radii = self.column(ears.width * (1 + ears.point) + 1e-3, ears.height + 1e-3, 0.12)
            outer = self.see(x, y, center=center + shift[:, :, 0], radii=radii, tilt=tilt)
            inner = self.see(x, y, center=center - shift[:, :, 0], radii=radii, tilt=tilt)
            distance, depth = torch.maximum(outer.distance, inner.distance), torch.minimum(outer.near, inner.near)
            local = self.to_local(x, y, depth)
            yield Layer(Part.BEHIND_EARS, distance, depth, local, per_pixel(present.to(x)).expand_as(x))

    def _cap(self, x: Tensor, y: Tensor, head: Tensor) -> tuple[Layer, Layer] | None:
        who, hair = self.identity, self.identity.hair
        if not bool((hair.cap > 0).any()):
            return None
        zero = torch.zeros_like(hair.cap)
        center = self.column(zero, -0.27 - 0.3 * hair.volume, -0.14)
        volume = hair.volume
        radii = self.column(who.head.width + volume, who.head.crown + volume, 0.86 + volume)
        sight = self.see(x, y, center=center, radii=radii)
        rim = sight.distance + self._ruffle(x, y)
        near, far = self.to_local(x, y, sight.near), self.to_local(x, y, sight.far)
        gate = per_pixel(hair.cap).expand_as(x)
        front = torch.maximum(rim, self._hairline(near))
        back = torch.maximum(rim, far.y - per_pixel(hair.nape))
        return Layer(Part.CAP_BACK, back, sight.far, far, gate), Layer(Part.CAP, front, sight.near, near, gate * _above(sight.near, head))

    def _ruffle(self, x: Tensor, y: Tensor) -> Tensor:
        """Waves of the hair's outline: curls and spikes."""
        hair = self.identity.hair
        if not bool(((hair.curl + hair.spike) > 0).any()):
            return torch.zeros_like(x)
        roll = per_pixel(self.pose.roll)
        angle = torch.atan2(x, -(y + 0.3)) - roll
        curls = 1 - waves(angle, 2.2).abs() ** 2
        return -per_pixel(hair.curl) * (2 * curls) + per_pixel(hair.spike) * waves(angle, 1.6)

    def _hairline(self, local: Points) -> Tensor:
        """Signed distance on the hair's surface to where it is cut open for the face, and at the nape."""
        hair = self.identity.hair
        x = local.x
        bend = per_pixel(hair.line) + 0.22 * x * x + per_pixel(hair.part) * x
        bend = bend + per_pixel(hair.fringe) * waves(x + 0.1, 3.1)
        edge = per_pixel(hair.side) - per_pixel(hair.temple) * (local.y + 0.15).clamp_min(0)
        kept = smooth_union(local.z - edge, local.y - bend, 0.25)
        return torch.maximum(kept, local.y - per_pixel(hair.nape))

    def _fall(self, x: Tensor, y: Tensor, head: Tensor) -> tuple[Layer, Layer] | None:
        hair, width = self.identity.hair, self.identity.head.width
        present = hair.fall > 0
        if not bool(present.any()):
            return None
        zero = torch.zeros_like(hair.fall)
        tall = 0.45 + 0.68 * hair.fall
        center = self.column(zero, tall - 0.92, -0.30)
        radii = self.column(width * hair.spread + 0.06, tall, 0.62)
        sight = self.see(x, y, center=center, radii=radii)
        rim = sight.distance + self._ruffle(x, y) + 0.02 * waves(x, 3.0) * y.clamp(0, 1)
        near, far = self.to_local(x, y, sight.near), self.to_local(x, y, sight.far)
        gate = per_pixel(present.to(x)).expand_as(x)
        end = per_pixel(hair.fall)
        front = torch.maximum(torch.maximum(rim, near.z - per_pixel(hair.side - 0.2)), near.y - end)
        back = torch.maximum(rim, far.y - end)
        return Layer(Part.FALL_BACK, back, sight.far, far, gate), Layer(Part.FALL, front, sight.near, near, gate * _above(sight.near, head))

    def _bun(self, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
        hair = self.identity.hair
        if not bool((hair.bun > 0).any()):
            return
        radii = hair.bun.clamp_min(1e-3)
        sides = (1.0, -1.0) if bool((hair.bun_x > 0).any()) else (1.0,)
        for side in sides:
            present = (hair.bun > 0) & ((hair.bun_x > 0) | (side > 0))
            center = self.column(hair.bun_x * side, hair.bun_y, -0.35)
            sight = self.see(x, y, center=center, radii=self.column(radii, radii, radii))
            gate = _above(sight.near, head) * per_pixel(present.to(x))
            yield Layer(Part.BUN, sight.distance, sight.near, self.to_local(x, y, sight.near), gate)

    def _hat(self, x: Tensor, y: Tensor, head: Tensor) -> Iterator[Layer]:
        wear, who = self.identity.wear, self.identity
        present = wear.hat > 0
        if not bool(present.any()):
            return
        puff = (who.hair.volume * who.hair.cap).clamp(0.05, 0.16) + 0.03
        center = self.column(0 * puff, -0.30 - 0.3 * puff, -0.14)
        radii = self.column(who.head.width + puff, who.head.crown + puff, 0.86 + puff)
        sight = self.see(x, y, center=center, radii=radii)
        near = self.to_local(x, y, sight.near)
        gate = per_pixel(present.to(x)).expand_as(x)
        edge = near.y - 0.14 * near.z - per_pixel(wear.hat_line)
        brim_z = wear.peak
        brim = self.see(
            x, y, center=self.column(0 * puff, wear.hat_line - 0.02, brim_z - 0.2),
            radii=self.column(radii[:, 0] + wear.brim * (1 - wear.peak * 1.6), 0.04, radii[:, 2] * 0.9 + wear.brim * 0.6),
            tilt=_lean(0 * puff - 0.14),
        )  # fmt: skip
        hidden = _above(brim.near, head) * per_pixel((wear.brim > 0).to(x))
        yield Layer(Part.HAT, torch.maximum(sight.distance, edge), sight.near, near, gate)
        yield Layer(Part.BRIM, brim.distance, brim.near, self.to_local(x, y, brim.near), hidden)


def _above(depth: Tensor, other: Tensor) -> Tensor:
    """Opacity [B, h, w] of a surface that may be behind another."""
    return ((depth - other) * 25 + 0.5).clamp_(0, 1)


def _lean(angle: Tensor) -> Tensor:
    """Rotation [B, 3, 3] that leans an upright axis: its lower end forward."""
    return rotation(torch.zeros_like(angle), angle, torch.zeros_like(angle))
