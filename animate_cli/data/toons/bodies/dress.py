"""What each tube of a person is covered with: skin, cloth, hair, leather."""

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.identity import BodyIdentity
from animate_cli.data.toons.bodies.parts import BodyPart
from animate_cli.data.toons.draws import either
from animate_cli.data.toons.figures.figure import Cover

FAR_SHADE = 0.90
"""Light on limbs away from the viewer."""


def dress(who: BodyIdentity, shades: dict[int, Tensor]) -> Cover:
    """Cover every part; shades: light [B] on parts that are not lit fully."""
    covers = [_cover(who, part, shades.get(part)) for part in BodyPart]
    return Cover(*(torch.stack(list(values), 1) for values in zip(*covers, strict=True)))


def _cover(who: BodyIdentity, part: BodyPart, shade: Tensor | None) -> Cover:
    first, second, third, patterned = _colors(who, part)
    outfit, locks = who.outfit, who.locks
    zero, one = torch.zeros_like(locks.cap), torch.ones_like(locks.cap)
    plain = torch.stack([one, zero, zero, zero], 1)
    hairy = BodyPart.HAIR <= part <= BodyPart.RIGHT_TAIL
    gloss = locks.gloss * (1 - locks.hat if part == BodyPart.HAIR else one) if hairy else zero
    edge = _hem(who) if part == BodyPart.TRUNK else _hairline(who)
    return Cover(
        first=first, second=second, third=third, under=first, belly=zero,
        pattern=torch.where(patterned[:, None] > 0.5, outfit.pattern, plain),
        rate=outfit.rate, angle=outfit.angle, wobble=outfit.wobble,
        shade=one if shade is None else shade, gloss=gloss, edge=edge,
        joined=one * ((part in (BodyPart.LEFT_LEG, BodyPart.RIGHT_LEG)) - (part == BodyPart.PELVIS)),
    )  # fmt: skip


def _hairline(who: BodyIdentity) -> Tensor:
    """Where the cap of hair or the hat ends [B, 6]."""
    locks, hat = who.locks, who.locks.hat
    back, teeth = locks.back * (1 - hat) + 0.25 * hat, locks.teeth * (1 - hat)
    slant = locks.slant * (1 - hat)
    return torch.stack([locks.line, back, 0.5 + 0.25 * locks.sharp, teeth, locks.rate, slant], 1)


def _hem(who: BodyIdentity) -> Tensor:
    """Where the shirt ends [B, 6]."""
    zero = torch.zeros_like(who.outfit.hem)
    return torch.stack([who.outfit.hem, zero, zero, zero, zero, zero], 1)


def _colors(who: BodyIdentity, part: BodyPart) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Colours of the cloth, of its pattern and beyond its end [B, 3], and where the pattern shows [B]."""
    colors, palette, outfit = who.colors, who.palette, who.outfit
    skin, hair = colors.skin, colors.hair
    none, all_over = torch.zeros_like(outfit.hem), torch.ones_like(outfit.hem)
    if part in (BodyPart.LEFT_ARM, BodyPart.RIGHT_ARM):
        return palette.top, palette.accent, skin, all_over
    if part in (BodyPart.LEFT_LEG, BodyPart.RIGHT_LEG):
        return palette.bottom, palette.accent, skin, outfit.below
    if part in (BodyPart.LEFT_FOOT, BodyPart.RIGHT_FOOT):
        return palette.shoe, palette.shoe, palette.shoe, none
    if part == BodyPart.TRUNK:
        return palette.top, palette.accent, palette.top, all_over
    if part == BodyPart.PELVIS:
        return palette.bottom, palette.accent, palette.bottom, outfit.below
    if part == BodyPart.SKIRT:
        cloth = either(outfit.dress, palette.top, palette.bottom)
        return cloth, palette.accent, cloth, torch.maximum(outfit.dress, outfit.below)
    if part == BodyPart.NECK:
        worn = either(outfit.scarf, palette.accent, skin * 0.9)
        return worn, worn, worn, none
    if part == BodyPart.NOSE:
        return torch.lerp(skin, colors.flush, 0.45), skin, skin, none
    if part in (BodyPart.HEAD, BodyPart.LEFT_EAR, BodyPart.RIGHT_EAR):
        return skin, skin, skin, none
    dyed = either(who.locks.hat, palette.accent, hair) if part == BodyPart.HAIR else hair
    if part == BodyPart.FALL:
        dyed = hair * 0.86
    return dyed, dyed, dyed, none
