"""What each tube of an animal is covered with, and what is painted on its head."""

import torch
from torch import Tensor

from animate_cli.data.toons.animals.identity import AnimalIdentity
from animate_cli.data.toons.animals.parts import AnimalPart
from animate_cli.data.toons.animals.pose import AnimalPose
from animate_cli.data.toons.draws import either
from animate_cli.data.toons.figures.figure import Cover
from animate_cli.data.toons.figures.patch import Patch
from animate_cli.data.toons.shapes import bump, cover, ellipse
from animate_cli.data.toons.trees import take

FAR_SHADE = 0.86
"""Light on limbs away from the viewer."""

EYE_ALONG, EYE_AROUND = 0.95, 0.92
"""Where eyes are on the head: along it, and around it from its top."""


def cover_animal(who: AnimalIdentity, shades: dict[int, Tensor]) -> Cover:
    """Cover every part; shades: light [B] on parts that are not lit fully."""
    covers = [_cover(who, part, shades.get(part)) for part in AnimalPart]
    return Cover(*(torch.stack(list(values), 1) for values in zip(*covers, strict=True)))


_LIMBS = (AnimalPart.LEFT_FRONT, AnimalPart.RIGHT_FRONT, AnimalPart.LEFT_BACK, AnimalPart.RIGHT_BACK)
_PATTERNED = (*_LIMBS, AnimalPart.TRUNK, AnimalPart.NECK, AnimalPart.TAIL, AnimalPart.FAN)


def _cover(who: AnimalIdentity, part: AnimalPart, shade: Tensor | None) -> Cover:
    coat = who.coat
    zero, one = torch.zeros_like(coat.rate), torch.ones_like(coat.rate)
    plain = torch.stack([one, zero, zero, zero], 1)
    first, third = coat.first, coat.dark
    feathered = who.shape.wing.abs()
    if part in _LIMBS:
        third = either(feathered, coat.second, coat.dark)
        if part >= AnimalPart.LEFT_BACK:
            first = either((who.shape.wing > 0.5).to(zero), coat.beak, first)
    elif part in (AnimalPart.TAIL, AnimalPart.FAN):
        third = either(feathered, coat.second, coat.mane)
    elif part == AnimalPart.BEAK:
        first = either(who.shape.hang, coat.first, coat.beak)
    elif part in (AnimalPart.LEFT_EAR, AnimalPart.RIGHT_EAR):
        first = torch.lerp(coat.first, coat.dark, 0.25)
    elif part == AnimalPart.MANE:
        first = coat.mane
    elif part == AnimalPart.CREST:
        first = coat.second
    patterned = part in _PATTERNED
    bellied = part in (AnimalPart.TRUNK, AnimalPart.NECK, AnimalPart.HEAD)
    return Cover(
        first=first, second=coat.second, third=third, under=coat.belly,
        belly=coat.low if bellied else zero,
        pattern=coat.pattern if patterned else plain,
        rate=coat.rate * (1.0 if part == AnimalPart.TRUNK else 1.25),
        angle=coat.angle, wobble=coat.wobble, shade=one if shade is None else shade,
        gloss=one * 0.7 if part == AnimalPart.MANE else zero,
        edge=torch.zeros(one.shape[0], 6, device=one.device),
        joined=one if part in (*_LIMBS, AnimalPart.NECK) else zero,
    )  # fmt: skip


def paint_head(who: AnimalIdentity, pose: AnimalPose, patch: Patch) -> None:
    """Paint eyes, nose, mouth and blush on heads."""
    shape, coat = take(who.shape, patch.rows), take(who.coat, patch.rows)
    tubes = patch.tubes
    extent = (tubes.radii[:, 1] / (shape.skull * who.unit[patch.rows]))[:, None, None]
    pixel = patch.pixel / extent / who.unit[patch.rows, None, None]
    skull, muzzle_r = shape.skull[:, None, None], shape.muzzle_r[:, None, None]
    ink = take(who.colors, patch.rows).ink * 0.6
    white = torch.ones_like(ink)
    blink = pose.blink[patch.rows, None, None]
    step = (tubes.span / who.unit[patch.rows])[:, None, None]
    side = patch.around.abs()
    u, v = (side - EYE_AROUND) * skull, (patch.along - EYE_ALONG) * step
    eye = shape.eye[:, None, None]
    cheek = bump((u - 2.4 * eye) ** 2 / (1.4 * eye) ** 2 + (v + 0.4 * eye) ** 2 / (1.4 * eye) ** 2)
    patch.tint(
        cheek * coat.blush[:, None, None], torch.lerp(coat.first, ink.new_tensor([0.95, 0.45, 0.45]), 0.6)
    )
    ball = cover(ellipse(u, v, eye * (1.15 - 1.0 * blink), eye), pixel)
    ring = cover(ellipse(u, v, eye * 1.15 + 0.35 * eye, eye * 1.4), pixel)
    patch.tint(ring * 0.75, torch.lerp(coat.first, white, 0.7))
    patch.tint(ball, ink)
    patch.tint(
        cover(ellipse(u + 0.42 * eye, v - 0.28 * eye, eye * 0.34, eye * 0.34), pixel) * (1 - blink), white
    )
    furry = (1 - who.shape.wing.abs() - who.shape.hang)[patch.rows, None, None].clamp_min(0)
    beyond = (patch.along - 3) * muzzle_r
    nose = torch.hypot(side * muzzle_r * 0.62, (beyond - 0.62 * muzzle_r) * 1.2) - 0.52 * muzzle_r
    patch.tint(cover(nose, pixel) * furry, coat.dark * 0.6)
    swimmer = (who.shape.wing < -0.5)[patch.rows, None, None].to(pixel)
    ahead = (patch.along - 2.0).clamp(0, 1) * step + (patch.along - 3).clamp_min(0) * muzzle_r
    smile = 1.72 - 0.42 * torch.cos(((patch.along - 1.7) * 1.3).clamp(-1.5, 3))
    mouth = torch.maximum((side - smile).abs() * muzzle_r - 0.010, 1.75 - patch.along)
    opening = pose.mouth[patch.rows, None, None]
    gape = (side - smile).abs() * muzzle_r - opening * muzzle_r * 3 * ahead.clamp_max(0.3) * 0.1
    inside = cover(torch.maximum(gape, 1.9 - patch.along), pixel) * (opening > 0.05)
    smiling = torch.maximum(furry, swimmer)
    patch.tint(inside * smiling, ink.new_tensor([0.45, 0.12, 0.14]).expand_as(ink))
    patch.tint(cover(mouth, pixel * 1.2) * smiling, ink)
