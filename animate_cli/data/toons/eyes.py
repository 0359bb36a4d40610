"""The eyes: whites, irises, lids, lashes and brows."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.shapes import circle, cover

SIDES = ((0, 1.0), (1, -1.0))
"""Column of the subject's left and right in a pose, and the sign of their x."""


class EyeShape(NamedTuple):
    """One eye in a pose, each [B]: heights of the upper (negative is up) and lower lid, place of the iris."""

    upper: Tensor
    lower: Tensor
    iris_x: Tensor
    iris_y: Tensor


def eye_shape(who: Identity, pose: Pose, column: int) -> EyeShape:
    """Find an eye's measures from the pose; x grows outward from the nose."""
    eyes, side = who.eyes, SIDES[column][1]
    shut = pose.blink[:, column]
    wide = 1 + 0.18 * pose.brows[:, column].clamp_min(0) - 0.18 * pose.smile.clamp_min(0)
    lower = eyes.lower * (1 - 0.25 * pose.smile.clamp_min(0))
    look_x, look_y = pose.gaze[:, 0] * side, pose.gaze[:, 1]
    return EyeShape(
        upper=torch.lerp(-eyes.upper * wide, lower * 0.85, shut),
        lower=lower,
        iris_x=look_x * (eyes.width - eyes.iris * 0.55).clamp_min(0.01) * 0.8,
        iris_y=look_y * 0.5 * eyes.upper + 0.25 * (eyes.lower - eyes.upper),
    )


def eye_points(who: Identity, column: int, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Turn points of the face's front [B, h, w] into an eye's own frame, x outward from the nose."""
    eyes, side = who.eyes, SIDES[column][1]
    u = x * side - per_pixel(eyes.spacing)
    return u, y - per_pixel(eyes.y) + per_pixel(eyes.slant) * u


def lids(who: Identity, shape: EyeShape, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Signed distance [B, h, w] to the opening between the lids, and v of the upper lid's edge."""
    t2 = (u / per_pixel(who.eyes.width)) ** 2
    flat = 1 - t2
    rounded = torch.lerp(flat, flat.clamp_min(1e-4).sqrt(), per_pixel(who.eyes.round))
    bow = torch.where(flat > 0, rounded, flat)
    top, bottom = per_pixel(shape.upper) * bow, per_pixel(shape.lower) * bow
    height = per_pixel(who.eyes.upper + who.eyes.lower) / per_pixel(who.eyes.width)
    steep = (1 + t2 * height * height).rsqrt()
    return torch.maximum(top - v, v - bottom) * steep, top


def paint_eye(
    canvas: Canvas, who: Identity, pose: Pose, column: int, x: Tensor, y: Tensor, gate: Tensor
) -> None:
    """Paint one eye at points x, y [B, h, w] of the face's front."""
    eyes, pixel = who.eyes, canvas.pixel
    shape = eye_shape(who, pose, column)
    u, v = eye_points(who, column, x, y)
    opening, top = lids(who, shape, u, v)
    open_alpha = cover(opening, pixel) * gate
    white = per_pixel(eyes.white)
    shade = (1.1 + (top - v) * 1.2 / per_pixel(eyes.upper + 0.02) * 0.25).clamp(0.72, 1.0)
    pale = torch.tensor([0.97, 0.97, 0.98]).to(x)[:, None, None] * shade[:, None]
    crease = (v - top + per_pixel(eyes.upper) * 0.45).abs() - 0.008
    canvas.tint(
        cover(crease, pixel) * (u.abs() < per_pixel(eyes.width * 0.8)) * gate * per_pixel(eyes.crease * 0.6),
        who.colors.skin * 0.5,
    )
    canvas.tint(open_alpha * white, pale)
    canvas.light.lerp_(torch.ones_like(x), open_alpha * 0.7)
    canvas.ink.mul_(1 - open_alpha)
    iu, iv = u - per_pixel(shape.iris_x), v - per_pixel(shape.iris_y)
    tall = per_pixel(1 + 0.25 * (eyes.iris > 0.125).to(x))
    distance = circle(iu, iv / tall, 0.0)
    iris = per_pixel(eyes.iris)
    seen = open_alpha
    rim = torch.lerp(who.colors.iris * 0.35, who.colors.iris, 0.15)
    fade = (0.75 + 0.5 * iv / iris).clamp(0.35, 1.3)
    canvas.tint(cover(distance - iris, pixel) * seen, rim)
    canvas.tint(
        cover(distance - iris * 0.84, pixel) * seen * white, who.colors.iris[:, :, None, None] * fade[:, None]
    )
    canvas.tint(cover(distance - iris * per_pixel(eyes.pupil), pixel) * seen, who.colors.iris * 0.08)
    sx = SIDES[column][1]
    shine = circle(iu + 0.35 * iris * sx, iv + 0.35 * iris, per_pixel(eyes.shine))
    canvas.tint(cover(shine, pixel) * seen * 0.95, torch.ones_like(who.colors.iris))
    t = u / per_pixel(eyes.width)
    lash = (v - top).abs() - per_pixel(eyes.lash) * (0.7 + 0.4 * t) * 0.6
    fold = cover(lash, pixel) * cover(t.abs() - 1.04, pixel / per_pixel(eyes.width)) * gate
    dark = torch.lerp(who.colors.brow * 0.3, who.colors.skin * 0.3, 0.3)
    canvas.tint(fold * 0.9, dark)
    under = (v - per_pixel(shape.lower) * (1 - t * t)).abs() - 0.006
    canvas.tint(cover(under, pixel) * (t.abs() < 0.95) * gate * 0.35 * white, dark)


def brow_place(who: Identity, pose: Pose, column: int) -> Tensor:
    """Height [B] of a brow's middle on the face."""
    return who.eyes.y - who.eyes.upper * 0.45 - who.brows.y + 0.03 - 0.10 * pose.brows[:, column]


def paint_brow(
    canvas: Canvas, who: Identity, pose: Pose, column: int, x: Tensor, y: Tensor, gate: Tensor
) -> None:
    """Paint one brow at points x, y [B, h, w] of the face's front."""
    brows, side = who.brows, SIDES[column][1]
    u = (x * side - per_pixel(who.eyes.spacing * 1.02)) / per_pixel(brows.length)
    sad = per_pixel(brows.angle - 0.15 * pose.brows[:, column].clamp_max(0))
    v = (
        y
        - per_pixel(brow_place(who, pose, column))
        + sad * u * per_pixel(brows.length)
        - per_pixel(brows.arch) * (u * u - 0.5)
    )
    thick = per_pixel(brows.thickness) * (0.9 - 0.4 * u) * (1.15 - u**6).clamp(0.15, 1)
    distance = torch.maximum(v.abs() - thick, (u.abs() - 1) * per_pixel(brows.length))
    canvas.tint(cover(distance, canvas.pixel * 1.3) * gate * 0.92, who.colors.brow)
