"""Draw toons: layers of solids, features on the face, and a style over all."""

from collections.abc import Iterator

import torch
from torch import Tensor

from animate_cli.data.toons.background import paint_background
from animate_cli.data.toons.body import chest_box, chest_layer, clothes_layer, neck_box, neck_layer
from animate_cli.data.toons.canvas import new_sheet
from animate_cli.data.toons.easel import Easel, pixel_size, set_up
from animate_cli.data.toons.features import paint_face
from animate_cli.data.toons.hair import BUNS, bun_layer, hair_layers
from animate_cli.data.toons.hat import hat_layers
from animate_cli.data.toons.head import EARS, TOP_EARS, ear_layer, head_layer, top_ear_layer
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.landmarks import find_scene_landmarks
from animate_cli.data.toons.layers import paint_layer
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.scene import Scene
from animate_cli.data.toons.solids import Solid, worn
from animate_cli.data.toons.stance import Layer
from animate_cli.data.toons.style import apply_style
from animate_cli.data.toons.surfaces import light_on
from animate_cli.data.toons.values import ToonFrame
from animate_cli.data.toons.windows import Window

PIXELS = 16 * 128 * 128
"""Pixels drawn at once on a processor: few enough for its cache, many enough to keep it busy."""


def render(identity: Identity, pose: Pose, size: int) -> ToonFrame:
    """Draw every identity in its pose at size x size."""
    batch, device = pose.scale.shape[0], pose.scale.device
    scene = Scene(identity, pose)
    sheet = new_sheet(paint_background(identity, pose, size))
    image = torch.empty_like(sheet[:, :3], memory_format=torch.contiguous_format)
    mask = torch.empty_like(sheet[:, 5], memory_format=torch.contiguous_format)
    chunk = max(1, PIXELS // size**2) if device.type == "cpu" else batch
    for rows in torch.split(_sort(scene, size), chunk):
        easel = set_up(scene.take(rows), sheet[rows])
        _draw(easel)
        who, canvas = easel.scene.identity, easel.canvas
        image[rows] = apply_style(who.style, who.colors, canvas, easel.scene.pose)
        mask[rows] = canvas.mask
    return ToonFrame(image, mask, *find_scene_landmarks(scene))


def _sort(scene: Scene, size: int) -> Tensor:
    """Order [B] in which toons with windows of like size, and those with long hair, come together."""
    low, high = scene.head_box(pixel_size(scene, size))
    area = (high - low).prod(1) * scene.pose.scale**2
    return (area + 99 * (scene.identity.hair.fall > 0)).argsort()


def _draw(easel: Easel) -> None:
    """Draw toons over their backgrounds."""
    scene, near = easel.scene, easel.window(*easel.scene.head_box(easel.canvas.pixel))
    x, y = near.cross(easel.x, easel.y)
    head = head_layer(scene, x, y)
    hair = hair_layers(scene, x, y, head)
    if hair:
        with easel.within(near) as part:
            paint_layer(part, hair[0])
    _draw_body(easel)
    for ear in TOP_EARS:
        for part, _ in _about(easel, ear):
            paint_layer(part, top_ear_layer(part.scene, part.x, part.y, *ear))
    with easel.within(near) as part:
        paint_face(part, head, paint_layer(part, head))
        _draw_on_head(part, head.depth, hair[1:])


def _draw_body(easel: Easel) -> None:
    trunk = easel.window(*chest_box(easel.scene))
    with easel.within(trunk) as part:
        chest = chest_layer(part.scene, part.x, part.y)
        light = light_on(part.scene.identity, chest.depth, part.canvas.pixel)
        paint_layer(part, chest, light)
    with easel.within(easel.window(*neck_box(easel.scene))) as part:
        paint_layer(part, neck_layer(part.scene, part.x, part.y))
    with easel.within(trunk) as part:
        paint_layer(part, clothes_layer(part.scene, chest), light)


def _draw_on_head(easel: Easel, depth: Tensor, hair: list[Layer]) -> None:
    """Draw what is on a head of this depth: ears, the hair before it, buns, a hat."""
    for ear in EARS:
        for part, window in _about(easel, (ear,)):
            paint_layer(part, ear_layer(part.scene, part.x, part.y, window.take(depth), ear))
    for layer in hair:
        paint_layer(easel, layer)
    for bun in BUNS:
        for part, window in _about(easel, (bun,)):
            paint_layer(part, bun_layer(part.scene, part.x, part.y, window.take(depth), bun))
    for part, window in _about(easel, (Solid.HAT, Solid.BRIM)):
        for layer in hat_layers(part.scene, part.x, part.y, window.take(depth)):
            paint_layer(part, layer)


def _about(easel: Easel, solids: tuple[Solid, ...]) -> Iterator[tuple[Easel, Window]]:
    """Yield an easel for a window about solids of the toons that wear the first of them, if any do."""
    rows = worn(easel.scene.identity)[:, solids[0]].nonzero()[:, 0]
    if rows.numel():
        low, high = (corner[rows][:, solids] for corner in easel.scene.boxes(easel.canvas.pixel))
        window = easel.window(low.amin(1), high.amax(1), rows)
        with easel.within(window) as part:
            yield part, window
