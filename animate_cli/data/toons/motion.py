"""The true motion between two poses of a toon: surface points followed from one picture to the other."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.background import from_camera, to_camera
from animate_cli.data.toons.expression import express, mouth_middle, relax
from animate_cli.data.toons.eyes import SIDES, eye_points, eye_shape, lids
from animate_cli.data.toons.geometry import Points, apply, per_pixel
from animate_cli.data.toons.grids import grid
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.mouth import inside_mouth
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.scene import Scene
from animate_cli.data.toons.shapes import cover
from animate_cli.data.toons.stance import Part

NEAR = 0.10
"""How close, in head units, the surface met must be to the one expected to count as the same."""


class Surface(NamedTuple):
    """What is seen at a point: its part [B, h, w] and its place on that part, in the part's own frame."""

    part: Tensor
    local: Points


def true_motion(identity: Identity, pose_from: Pose, pose_to: Pose, size: int) -> tuple[Tensor, Tensor]:
    """Find where every place of one picture is in another.

    Args:
        identity: who, [B].
        pose_from: the driving pose, whose picture is being explained.
        pose_to: the source pose, whose picture is to be warped.
        size: side of the maps.

    Returns:
        The deformation [B, size, size, 2], (x, y) in [-1, 1] of the source, and [B, size, size] bool: the
        point is inside the source's picture and visible there.
    """
    points = grid(size, pose_from.scale.shape[0], pose_from.scale.device)
    driving, source = Scene(identity, pose_from), Scene(identity, pose_to)
    seen = trace(driving, points)
    local, valid = _change_expression(identity, pose_from, pose_to, seen)
    found = _project(source, Surface(seen.part, local))
    behind = from_camera(pose_to, to_camera(pose_from, points))
    deformation = torch.where((seen.part == Part.BACKGROUND)[..., None], behind, found)
    met = trace(source, deformation)
    offset = torch.stack([a - b for a, b in zip(met.local, local, strict=True)]).norm(dim=0)
    same = (met.part == seen.part) & ((offset < NEAR) | (seen.part <= Part.CLOTHES))
    inside = (deformation.abs() <= 1).all(-1)
    return deformation, same & inside & valid


def trace(scene: Scene, points: Tensor) -> Surface:
    """Find the topmost surface at points (x, y) in [-1, 1] [B, h, w, 2]."""
    x, y = scene.head_points(points)
    part = torch.zeros_like(x, dtype=torch.long)
    local = Points(x, y, torch.zeros_like(x))
    for layer in scene.solids(x, y):
        alpha = cover(layer.distance, 0.02)
        if layer.gate is not None:
            alpha = alpha * layer.gate
        top = alpha >= 0.5
        part = torch.where(top, int(layer.part), part)
        local = Points(*(torch.where(top, new, old) for new, old in zip(layer.locate(), local, strict=True)))
    return Surface(part, local)


def _project(scene: Scene, seen: Surface) -> Tensor:
    """Place surface points into the picture of a scene, (x, y) in [-1, 1] [B, h, w, 2]."""
    head = apply(scene.rotation, seen.local)
    x, y = head.x, head.y
    turn, base = scene.pose.torso_yaw, scene.base
    clothed = (seen.part == Part.CHEST) | (seen.part == Part.CLOTHES)
    across = seen.local.x * per_pixel(torch.cos(turn)) + seen.local.z * per_pixel(torch.sin(turn))
    x = torch.where(clothed, across + per_pixel(base[:, 0]), x)
    y = torch.where(clothed, seen.local.y + per_pixel(base[:, 1] - scene.pose.shoulders), y)
    start, along = scene.neck_line()
    ahead = along / along.norm(dim=1, keepdim=True)
    neck = seen.part == Part.NECK
    place, side = seen.local.y, seen.local.x
    x = torch.where(
        neck, per_pixel(start[:, 0]) + place * per_pixel(along[:, 0]) + side * per_pixel(ahead[:, 1]), x
    )
    y = torch.where(
        neck, per_pixel(start[:, 1]) + place * per_pixel(along[:, 1]) - side * per_pixel(ahead[:, 0]), y
    )
    pose = scene.pose
    return torch.stack([x, y], -1) * pose.scale[:, None, None, None] + pose.place[:, None, None]


def _change_expression(who: Identity, driving: Pose, source: Pose, seen: Surface) -> tuple[Points, Tensor]:
    """Move points of the skin from one expression to another, and say which have a counterpart at all."""
    x, y, z = seen.local
    skin = (seen.part == Part.HEAD) & (z > 0)
    below = y > mouth_middle(who, driving, x)
    shown = express(who, source, *relax(who, driving, x, y, below), below)
    valid = ~(skin & inside_mouth(who, driving, x, y))
    u, v = shown
    for column, side in SIDES:
        before, after = eye_shape(who, driving, column), eye_shape(who, source, column)
        old_u, old_v = eye_points(who, column, x, y)
        opened = lids(who, before, old_u, old_v)[0] < 0
        on_iris = (
            torch.hypot(old_u - per_pixel(before.iris_x), old_v - per_pixel(before.iris_y))
            < per_pixel(who.eyes.iris) * 1.05
        )
        moved = opened & on_iris & skin
        u = torch.where(moved, u + per_pixel(after.iris_x - before.iris_x) * side, u)
        v = torch.where(moved, v + per_pixel(after.iris_y - before.iris_y), v)
        still_open = lids(who, after, *eye_points(who, column, u, v))[0] < 0
        valid = valid & ~(skin & (opened != still_open))
    return Points(torch.where(skin, u, x), torch.where(skin, v, y), z), valid
