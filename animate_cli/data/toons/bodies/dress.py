"""What each tube of a person is covered with: skin, cloth, hair, leather."""

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.identity import BodyIdentity
from animate_cli.data.toons.bodies.parts import BodyPart
from animate_cli.data.toons.draws import either
from animate_cli.data.toons.figures.figure import Cover

_P = BodyPart

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
    skin, top, bottom, accent = colors.skin, palette.top, palette.bottom, palette.accent
    none, all_over = torch.zeros_like(outfit.hem), torch.ones_like(outfit.hem)
    skirt = either(outfit.dress, top, bottom)
    worn = either(outfit.scarf, accent, skin * 0.9)
    cap = either(who.locks.hat, accent, colors.hair)
    table = {
        _P.LEFT_ARM: (top, accent, skin, all_over),
        _P.LEFT_LEG: (bottom, accent, skin, outfit.below),
        _P.LEFT_FOOT: (palette.shoe, palette.shoe, palette.shoe, none),
        _P.TRUNK: (top, accent, top, all_over),
        _P.PELVIS: (bottom, accent, bottom, outfit.below),
        _P.SKIRT: (skirt, accent, skirt, torch.maximum(outfit.dress, outfit.below)),
        _P.NECK: (worn, worn, worn, none),
        _P.NOSE: (torch.lerp(skin, colors.flush, 0.45), skin, skin, none),
        _P.HEAD: (skin, skin, skin, none),
        _P.LEFT_EAR: (skin, skin, skin, none),
        _P.HAIR: (cap, cap, cap, none),
        _P.FALL: (colors.hair * 0.86, colors.hair, colors.hair, none),
        _P.PONY: (colors.hair, colors.hair, colors.hair, none),
        _P.LEFT_TAIL: (colors.hair, colors.hair, colors.hair, none),
    }
    return table[part] if part in table else table[BodyPart(part - 1)]
