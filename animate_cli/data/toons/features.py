"""The features of a face, each painted in a small window about the place where it is seen."""

from collections.abc import Callable

import torch
from torch import Tensor

from animate_cli.data.toons.accessories import paint_glasses
from animate_cli.data.toons.canvas import Canvas, window
from animate_cli.data.toons.eyes import SIDES, paint_brow, paint_eye
from animate_cli.data.toons.face import paint_beard, paint_nose, paint_skin
from animate_cli.data.toons.geometry import Points
from animate_cli.data.toons.mouth import mouth_shape, paint_mouth
from animate_cli.data.toons.scene import Scene
from animate_cli.data.toons.stance import Layer

Painter = Callable[[Canvas, Points, Tensor], None]


def paint_face(canvas: Canvas, scene: Scene, head: Layer, alpha: Tensor, x: Tensor, y: Tensor) -> None:
    """Paint the face on the head's layer.

    Args:
        canvas: where to paint, square.
        scene: the toons.
        head: the layer of the skin.
        alpha: [B, h, w], what is seen of it.
        x: [B, h, w], the points of the canvas in head units.
        y: [B, h, w], likewise.
    """
    who, pose, local = scene.identity, scene.pose, head.local
    front = alpha * ((local.z - 0.1) * 12).clamp_(0, 1)
    origin = torch.stack([x[:, 0, 0], y[:, 0, 0]], 1)

    def within(spot_x: Tensor | float, spot_y: Tensor, depth: float, reach: Tensor, paint: Painter) -> None:
        """Paint in a window about a spot of the head, of a reach in head units."""
        spot = (scene.rotation @ scene.column(spot_y * 0 + spot_x, spot_y, depth)[:, :, None])[:, :2, 0]
        span = canvas.pixel[:, :, 0] * (x.shape[-1] - 1)
        part = window((spot - origin) / span * 2 - 1, reach * 2 / span[:, 0], x.shape[-1])
        small = canvas.cut(part)
        paint(small, Points(*(part.take(values) for values in local)), part.take(front))
        canvas.paste(part, small)

    paint_skin(canvas, who, local, front)
    paint_beard(canvas, who, pose, local, alpha * ((local.z + 0.1) * 12).clamp_(0, 1))
    eyes, brows, shape = who.eyes, who.brows, mouth_shape(who, pose)
    wide = torch.maximum(eyes.width, brows.length + 0.03) + 0.08
    for column, side in SIDES:

        def paint_side(small: Canvas, at: Points, gate: Tensor, column: int = column) -> None:
            paint_eye(small, who, pose, column, at.x, at.y, gate)
            paint_brow(small, who, pose, column, at.x, at.y, gate)

        height = 0.5 * (eyes.upper * 1.45 + brows.y + eyes.lower) + 0.14
        within(
            side * eyes.spacing,
            eyes.y + eyes.lower - height + 0.08,
            0.66,
            torch.maximum(wide, height),
            paint_side,
        )
    reach = torch.maximum(shape.width, 0.5 * shape.drop + 0.06 + shape.lift.abs()) + 0.08
    within(
        0.0, who.mouth.y + 0.5 * shape.drop, 0.66, reach,
        lambda small, at, gate: paint_mouth(small, who, pose, at.x, at.y, gate),
    )  # fmt: skip
    within(
        0.0,
        who.nose.y - 0.03,
        0.7,
        who.nose.width * 1.25 + 0.1,
        lambda small, at, gate: paint_nose(small, who, at, gate),
    )
    paint_glasses(canvas, scene, x, y, head.depth)
