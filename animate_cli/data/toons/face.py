"""What is painted on the skin of the face beside eyes and mouth: nose, blush, freckles, beard."""

import torch
from torch import Tensor

from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.easel import Easel
from animate_cli.data.toons.geometry import Points, per_pixel
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.mouth import mouth_shape
from animate_cli.data.toons.shapes import bump, cover, ellipse, waves


def facing(z: Tensor, alpha: Tensor) -> Tensor:
    """Opacity [B, h, w] of what is on the front of the face, from local z and the skin's opacity."""
    return ((z - 0.1) * 12).clamp_(0, 1).mul_(alpha)


def paint_skin(canvas: Canvas, who: Identity, local: Points, gate: Tensor) -> None:
    """Paint what lies under the features: cheeks' blush, sockets of the eyes."""
    eyes, x, y = who.eyes, local.x.abs(), local.y
    cheek = _spot(x - per_pixel(eyes.spacing * 1.15), y - per_pixel(who.nose.y + 0.02), 28, 28)
    canvas.tint(cheek.mul_(gate).mul_(per_pixel(who.face.blush * 0.8)), who.colors.flush)
    socket = _spot(x - per_pixel(eyes.spacing * 0.92), y - per_pixel(eyes.y - 0.08), 14, 34)
    canvas.tint(socket.mul_(gate).mul_(0.14), who.colors.skin * torch.tensor([0.45, 0.32, 0.32]).to(x))


def paint_freckles(easel: Easel, local: Points, alpha: Tensor) -> None:
    """Paint freckles about the nose."""
    who, x, y, gate = easel.scene.identity, local.x, local.y, facing(local.z, alpha)
    dots = cover(waves(x + 0.31 * y, 9.0).abs() + waves(y - 0.27 * x, 9.0).abs() - 0.45, 0.5)
    near = _spot(x.abs() - 0.22, y - per_pixel(who.nose.y - 0.1), 10, 40)
    easel.canvas.tint(dots * near * gate * per_pixel(who.face.freckles * 0.8), who.colors.skin * 0.55)


def _spot(x: Tensor, y: Tensor, wide: float, tall: float) -> Tensor:
    """Soft spot [B, h, w] about the origin; consumes x and y."""
    return bump(x.square_().mul_(wide).addcmul_(y, y, value=tall))


def paint_nose(canvas: Canvas, who: Identity, local: Points, gate: Tensor) -> None:
    """Paint the nose's shadow, nostrils, wings and shine."""
    nose, x, y = who.nose, local.x, local.y
    width, pixel = per_pixel(nose.width), canvas.pixel
    down = y - per_pixel(nose.y)
    tip = bump((x / width) ** 2 * 1.6 + ((down + 0.06) / 0.1) ** 2)
    canvas.tint(tip * gate * per_pixel(nose.red) * 0.8, who.colors.flush)
    dark = who.colors.skin * torch.tensor([0.50, 0.36, 0.34]).to(x)
    below = ((down - 0.015).clamp_min(0) / 0.05 - (down - 0.015).clamp_max(0) / 0.02) ** 2
    canvas.tint(bump(below + (x / width) ** 2 * 2.5) * gate * per_pixel(nose.shadow) * 0.45, dark)
    nostril = ellipse(
        x.abs() - width * 0.48, down + 0.005 + 0.1 * (x.abs() - width * 0.48), width * 0.24, 0.019
    )
    canvas.tint(cover(nostril, pixel * 1.3) * gate * per_pixel(nose.nostrils) * 0.75, dark * 0.5)
    wing = ellipse(x.abs() - width * 0.75, down + 0.045, width * 0.32, 0.06).abs() - 0.006
    outside = (x.abs() > width * 0.85) & (down > -0.07)
    canvas.tint(
        cover(wing, pixel * 1.3) * outside * gate * per_pixel(nose.nostrils * nose.shadow) * 0.55, dark
    )
    shine = bump((x + width * 0.15) ** 2 * 500 + (down + 0.08) ** 2 * 350)
    canvas.tint(
        shine * gate * per_pixel(nose.shadow) * 0.3,
        torch.lerp(who.colors.skin, torch.ones_like(who.colors.skin), 0.7),
    )


def paint_beard(easel: Easel, local: Points, alpha: Tensor) -> None:
    """Paint beard and moustache, leaving the mouth free."""
    canvas, who, pose = easel.canvas, easel.scene.identity, easel.scene.pose
    face, gate = who.face, ((local.z + 0.1) * 12).clamp_(0, 1).mul_(alpha)
    shape = mouth_shape(who, pose)
    x, y, mouth_y = local.x, local.y, per_pixel(who.mouth.y)
    width = per_pixel(shape.width)
    ragged = 0.02 * waves(x + 0.2 * y, 9.0)
    cheek = per_pixel(face.beard_top) + 0.18 * (1 - (x.abs() / 0.55)).clamp_min(0) + ragged - y
    open_half = per_pixel((shape.drop + shape.rise) * 0.5)
    free = ellipse(x, y - mouth_y - open_half * 0.9, width * 1.12, 0.085 + open_half)
    beard = torch.maximum(cheek, -free)
    canvas.tint(cover(beard, canvas.pixel * 3 + 0.04) * gate * per_pixel(face.beard), who.colors.brow)
    t = x.abs() / width
    bar = (y - mouth_y + 0.10 + per_pixel(shape.rise) - 0.06 * t * t).abs() - 0.042 * (1.2 - 0.6 * t) - ragged
    moustache = torch.maximum(bar, (t - 1.2) * width)
    canvas.tint(cover(moustache, canvas.pixel * 1.5) * gate * per_pixel(face.moustache), who.colors.brow)
