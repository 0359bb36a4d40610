"""The features of a face, each painted in a small window about the place where it is seen."""

from collections.abc import Callable

import torch
from torch import Tensor

from animate_cli.data.toons.accessories import glasses_box, paint_glasses
from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.easel import Easel
from animate_cli.data.toons.eyes import SIDES, paint_brow, paint_eye
from animate_cli.data.toons.face import facing, paint_beard, paint_freckles, paint_nose, paint_skin
from animate_cli.data.toons.geometry import Points
from animate_cli.data.toons.mouth import mouth_shape, paint_mouth
from animate_cli.data.toons.solids import column
from animate_cli.data.toons.stance import Layer

Painter = Callable[[Canvas, Points, Tensor], None]


def paint_face(easel: Easel, head: Layer, alpha: Tensor) -> None:
    """Paint the face on the head's layer; alpha: [B, h, w], what is seen of it."""
    scene = easel.scene
    who, pose, local = scene.identity, scene.pose, head.locate()
    skin = torch.stack([*local, alpha], 1)

    def within(center: Tensor, reach: Tensor, paint: Painter) -> None:
        """Paint within a square about a spot of the head [B, 3], with a reach [B] in head units."""
        low, high = easel.square((scene.rotation @ center[:, :, None])[:, :2, 0], reach)
        window = easel.window(low, high)
        with easel.within(window) as part:
            x, y, z, shown = window.take(skin).unbind(1)
            paint(part.canvas, Points(x, y, z), facing(z, shown).mul_(part.inside(low, high)))

    paint_skin(easel.canvas, who, local, facing(local.z, alpha))
    _paint_some(easel, who.face.freckles > 0, skin, paint_freckles)
    _paint_some(easel, who.face.beard + who.face.moustache > 0, skin, paint_beard)
    eyes, brows, shape = who.eyes, who.brows, mouth_shape(who, pose)
    wide = torch.maximum(eyes.width, brows.length + 0.03) + 0.08
    for side, sign in SIDES:

        def paint_side(canvas: Canvas, at: Points, gate: Tensor, side: int = side) -> None:
            paint_eye(canvas, who, pose, side, at.x, at.y, gate)
            paint_brow(canvas, who, pose, side, at.x, at.y, gate)

        tall = 0.5 * (eyes.upper * 1.45 + brows.y + eyes.lower) + 0.14
        spot = column(sign * eyes.spacing, eyes.y + eyes.lower - tall + 0.08, 0.66)
        within(spot, torch.maximum(wide, tall), paint_side)
    zero = torch.zeros_like(shape.width)
    within(
        column(zero, who.mouth.y + 0.5 * shape.drop, 0.66),
        torch.maximum(shape.width, 0.5 * shape.drop + 0.06 + shape.lift.abs()) + 0.08,
        lambda canvas, at, gate: paint_mouth(canvas, who, pose, at.x, at.y, gate),
    )
    within(
        column(zero, who.nose.y - 0.03, 0.7),
        who.nose.width * 1.25 + 0.1,
        lambda canvas, at, gate: paint_nose(canvas, who, at, gate),
    )
    rows = (who.wear.glasses > 0).nonzero()[:, 0]
    if rows.numel():
        low, high = (corner[rows] for corner in glasses_box(scene))
        window = easel.window(low, high, rows)
        with easel.within(window) as part:
            paint_glasses(part.canvas, part.scene, part.x, part.y, window.take(head.depth))


def _paint_some(
    easel: Easel, wanted: Tensor, skin: Tensor, paint: Callable[[Easel, Points, Tensor], None]
) -> None:
    """Paint on the heads of the toons for which wanted [B] holds; skin: [B, 4, h, w], local points and alpha."""
    rows = wanted.nonzero()[:, 0]
    if rows.numel():
        low, high = (corner[rows] for corner in easel.scene.head_box(easel.canvas.pixel))
        window = easel.window(low, high, rows)
        with easel.within(window) as part:
            x, y, z, alpha = window.take(skin).unbind(1)
            paint(part, Points(x, y, z), alpha)
