"""Draw toons: layers of solids, features on the face, and a style over all."""

import torch
from torch import Tensor

from animate_cli.data.toons.accessories import paint_glasses
from animate_cli.data.toons.background import paint_background
from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.eyes import SIDES, paint_brow, paint_eye
from animate_cli.data.toons.face import paint_beard, paint_nose, paint_skin
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.grids import grid
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.landmarks import find_landmarks
from animate_cli.data.toons.mouth import paint_mouth
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.scene import Layer, Part, Scene
from animate_cli.data.toons.style import apply_style
from animate_cli.data.toons.surfaces import cloth_color, hair_color, light_on
from animate_cli.data.toons.trees import take
from animate_cli.data.toons.values import ToonFrame

CHUNK = 8
"""Toons drawn at once: few enough for the processor's cache."""


def render(identity: Identity, pose: Pose, size: int) -> ToonFrame:
    """Draw every identity in its pose at size x size."""
    batch = pose.scale.shape[0]
    if pose.scale.device.type != "cpu":
        return _render(identity, pose, size)
    parts = [
        _render(take(identity, slice(start, start + CHUNK)), take(pose, slice(start, start + CHUNK)), size)
        for start in range(0, batch, CHUNK)
    ]
    return parts[0] if len(parts) == 1 else ToonFrame(*(torch.cat(values) for values in zip(*parts, strict=True)))


def _render(who: Identity, pose: Pose, size: int) -> ToonFrame:
    scene = Scene(who, pose)
    points = grid(size, pose.scale.shape[0], pose.scale.device)
    x, y = scene.head_points(points)
    pixel = per_pixel(2 / (size - 1) / pose.scale)
    canvas = Canvas(paint_background(who, pose, points), pixel, per_pixel(who.style.outline))
    mask = torch.zeros_like(x)
    for layer in scene.solids(x, y):
        mask = torch.maximum(mask, _paint(canvas, scene, layer, x, y))
    image = apply_style(who.style, who.colors, canvas, pose)
    landmarks, visible = find_landmarks(who, pose)
    return ToonFrame(image, mask, landmarks, visible)


def _paint(canvas: Canvas, scene: Scene, layer: Layer, x: Tensor, y: Tensor) -> Tensor:
    """Paint one layer and return its coverage [B, H, W]."""
    who, colors = scene.identity, scene.identity.colors
    light = light_on(who, layer.depth, canvas.pixel)
    part, local = layer.part, layer.local
    if part in (Part.CAP_BACK, Part.FALL_BACK):
        return canvas.shape(layer.distance, colors.hair * 0.72, None, layer.gate)
    if part in (Part.CAP, Part.FALL, Part.BUN):
        return canvas.shape(layer.distance, hair_color(who, local, canvas.pixel), light, layer.gate)
    if part == Part.NECK:
        shaded = light * (0.78 + 0.22 * ((local.y - 0.35) * 2.2).clamp(0, 1))
        return canvas.shape(layer.distance, colors.skin, shaded, layer.gate)
    if part == Part.CLOTHES:
        return canvas.shape(layer.distance, cloth_color(who, local, canvas.pixel), light, layer.gate)
    if part == Part.HAT:
        return canvas.shape(layer.distance, colors.hat, light, layer.gate)
    if part == Part.BRIM:
        return canvas.shape(layer.distance, colors.band, light, layer.gate)
    if part == Part.HEAD:
        alpha = canvas.shape(layer.distance, colors.skin, light)
        _paint_face(canvas, scene, layer, alpha, x, y)
        return alpha
    alpha = canvas.shape(layer.distance, colors.skin, light, layer.gate)
    if part in (Part.LEFT_EAR, Part.RIGHT_EAR, Part.BEHIND_EARS):
        inner = ((-layer.distance - 0.05) * 12).clamp(0, 1) * alpha
        canvas.tint(inner * 0.55, colors.flush * 0.85)
    return alpha


def _paint_face(canvas: Canvas, scene: Scene, layer: Layer, alpha: Tensor, x: Tensor, y: Tensor) -> None:
    who, pose, local = scene.identity, scene.pose, layer.local
    gate = alpha * ((local.z - 0.1) * 12).clamp(0, 1)
    paint_skin(canvas, who, local, gate)
    paint_beard(canvas, who, pose, local, alpha * ((local.z + 0.1) * 12).clamp(0, 1))
    for column, _ in SIDES:
        paint_eye(canvas, who, pose, column, local.x, local.y, gate)
        paint_brow(canvas, who, pose, column, local.x, local.y, gate)
    paint_mouth(canvas, who, pose, local.x, local.y, gate)
    paint_nose(canvas, who, local, gate)
    paint_glasses(canvas, scene, x, y, layer.depth)
