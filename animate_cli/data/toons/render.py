"""Draw toons: layers of solids, features on the face, and a style over all."""

import torch
from torch import Tensor

from animate_cli.data.toons.background import paint_background
from animate_cli.data.toons.body import body_layers, neckline
from animate_cli.data.toons.canvas import Canvas, window
from animate_cli.data.toons.features import paint_face
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.grids import grid
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.landmarks import find_landmarks
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.scene import Scene
from animate_cli.data.toons.stance import Layer, Part
from animate_cli.data.toons.style import apply_style
from animate_cli.data.toons.surfaces import cloth_color, hair_color, light_on
from animate_cli.data.toons.trees import take
from animate_cli.data.toons.values import ToonFrame

CHUNK = 4
"""Toons drawn at once on a processor: few enough for its cache."""


def render(identity: Identity, pose: Pose, size: int) -> ToonFrame:
    """Draw every identity in its pose at size x size."""
    batch, device = pose.scale.shape[0], pose.scale.device
    points = grid(size, batch, device)
    color = paint_background(identity, pose, points)
    mask = color.new_zeros(batch, size, size)
    order = (Scene(identity, pose).reach() * pose.scale).argsort()
    for rows in torch.split(order, CHUNK if device.type == "cpu" else batch):
        color[rows], mask[rows] = _draw(take(identity, rows), take(pose, rows), color[rows], points[rows])
    landmarks, visible = find_landmarks(identity, pose)
    return ToonFrame(color, mask, landmarks, visible)


def _draw(who: Identity, pose: Pose, color: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Draw toons over backgrounds [B, 3, H, W]; return the pictures and the toons' masks [B, H, W]."""
    scene, size = Scene(who, pose), color.shape[-1]
    x, y = scene.head_points(points)
    pixel = per_pixel(2 / (size - 1) / pose.scale)
    canvas = Canvas(color, pixel, per_pixel(who.style.outline))
    mask = torch.zeros_like(x)
    near = window(pose.place, scene.reach() * pose.scale, size)
    near_x, near_y = near.take(x), near.take(y)
    behind, before = scene.head_solids(near_x, near_y)
    part, part_mask = canvas.cut(near), near.take(mask)
    for layer in behind:
        part_mask = torch.maximum(part_mask, _paint(part, scene, layer))
    canvas.paste(near, part)
    near.put(mask, part_mask)
    for layer in body_layers(scene, x, y):
        mask = torch.maximum(mask, _paint(canvas, scene, layer))
    part, part_mask = canvas.cut(near), near.take(mask)
    for layer in before:
        alpha = _paint(part, scene, layer)
        part_mask = torch.maximum(part_mask, alpha)
        if layer.part == Part.HEAD:
            paint_face(part, scene, layer, alpha, near_x, near_y)
    canvas.paste(near, part)
    near.put(mask, part_mask)
    return apply_style(who.style, who.colors, canvas, pose), mask


def _paint(canvas: Canvas, scene: Scene, layer: Layer) -> Tensor:
    """Paint one layer and return its coverage [B, H, W]."""
    who, colors = scene.identity, scene.identity.colors
    part, local = layer.part, layer.local
    if part == Part.HAIR_BACK:
        return canvas.shape(layer.distance, colors.hair * 0.72, None, layer.gate)
    light = light_on(who, layer.depth, canvas.pixel)
    if part in (Part.HAIR, Part.BUN):
        return canvas.shape(layer.distance, hair_color(who, local, canvas.pixel), light, layer.gate)
    if part == Part.NECK:
        shaded = light * (0.78 + 0.22 * ((local.y - 0.35) * 2.2).clamp(0, 1))
        return canvas.shape(layer.distance, colors.skin, shaded, layer.gate)
    if part == Part.CLOTHES:
        return canvas.shape(
            layer.distance, cloth_color(who, local, canvas.pixel, neckline(scene, local)), light, layer.gate
        )
    if part == Part.HAT:
        return canvas.shape(layer.distance, colors.hat, light, layer.gate)
    if part == Part.BRIM:
        return canvas.shape(layer.distance, colors.band, light, layer.gate)
    alpha = canvas.shape(layer.distance, colors.skin, light, layer.gate)
    if part in (Part.LEFT_EAR, Part.RIGHT_EAR, Part.BEHIND_EARS):
        inner = ((-layer.distance - 0.05) * 12).clamp(0, 1) * alpha
        canvas.tint(inner * 0.55, colors.flush * 0.85)
    return alpha
