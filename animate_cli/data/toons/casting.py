"""Invent identities: natural proportions in two thirds of them, cartoon ones in the rest."""

import torch
from torch import Tensor

from animate_cli.data.toons.draws import Draws, either, hsv
from animate_cli.data.toons.identity import (
    Background,
    Brows,
    Colors,
    Ears,
    Eyes,
    Face,
    Hair,
    Head,
    Identity,
    Mouth,
    Nose,
    Style,
    Wear,
)

SKINS = ((0.98, 0.86, 0.77), (0.94, 0.76, 0.63), (0.87, 0.67, 0.53), (0.74, 0.53, 0.39), (0.55, 0.37, 0.26),
         (0.36, 0.23, 0.16))  # fmt: skip
HAIRS = ((0.07, 0.06, 0.07), (0.16, 0.10, 0.08), (0.30, 0.18, 0.10), (0.48, 0.28, 0.13), (0.66, 0.30, 0.12),
         (0.80, 0.58, 0.28), (0.93, 0.82, 0.56), (0.85, 0.85, 0.86), (0.55, 0.55, 0.57))  # fmt: skip
IRISES = ((0.20, 0.12, 0.07), (0.36, 0.21, 0.10), (0.45, 0.40, 0.18), (0.25, 0.48, 0.32), (0.30, 0.52, 0.70),
          (0.40, 0.50, 0.58))  # fmt: skip
NOISE_SIZE = 24
"""Side of the noise that fills backgrounds."""


def random_identity(generator: torch.Generator, batch: int) -> Identity:
    """Draw a batch of identities on the CPU."""
    draws = Draws(generator, batch)
    natural = draws.chance(0.66)
    style = draw_style(draws)
    colors = draw_colors(draws, natural, style)
    head = _head(draws, natural)
    ears = _ears(draws, natural)
    hair = _hair(draws, ears)
    eyes = _eyes(draws, natural, head, style)
    masculine = draws.chance(0.5)
    return Identity(
        head, eyes, _brows(draws, natural, masculine), _nose(draws, natural),
        _mouth(draws, natural, masculine), ears, hair, _face(draws, natural, masculine),
        _wear(draws, hair, eyes), colors, draw_background(draws, colors, style), style,
    )  # fmt: skip


def _head(draws: Draws, natural: Tensor) -> Head:
    return Head(
        width=either(natural, draws.uniform(0.68, 0.80), draws.uniform(0.66, 1.02)),
        crown=either(natural, draws.uniform(0.70, 0.80), draws.uniform(0.60, 0.90)),
        jaw=either(natural, draws.uniform(0.82, 1.02), draws.uniform(0.62, 1.18)),
        chin=either(natural, draws.uniform(0.20, 0.30), draws.uniform(0.12, 0.36)),
        length=either(natural, draws.uniform(0.94, 1.06), draws.uniform(0.80, 1.08)),
        neck=either(natural, draws.uniform(0.30, 0.44), draws.uniform(0.16, 0.42)),
    )


def _eyes(draws: Draws, natural: Tensor, head: Head, style: Style) -> Eyes:
    # almond, round, big manga, dots
    kind = draws.choice((0.62, 0.18, 0.13, 0.07))
    kind = torch.where(natural > 0.5, draws.choice((0.85, 0.12, 0.03, 0.0)), kind)
    kind = torch.where(style.kind == 7, torch.full_like(kind, 2), kind)
    kind = torch.where(style.kind == 3, torch.where(natural > 0.5, torch.zeros_like(kind), kind), kind)
    size = either(natural, draws.uniform(0.9, 1.15), draws.uniform(0.9, 1.35))
    width = draws.pick((0.155, 0.19, 0.215, 0.065), kind) * size
    upper = draws.pick((0.085, 0.17, 0.21, 0.085), kind) * size * draws.uniform(0.8, 1.25)
    return Eyes(
        spacing=(head.width * draws.uniform(0.39, 0.46)).maximum(width * 1.28),
        y=either(natural, draws.uniform(-0.10, 0.04), draws.uniform(-0.12, 0.16)),
        width=width,
        upper=upper,
        lower=draws.pick((0.052, 0.15, 0.15, 0.085), kind) * size * draws.uniform(0.8, 1.2),
        iris=draws.pick((0.078, 0.085, 0.15, 0.075), kind) * size * draws.uniform(0.88, 1.1),
        pupil=draws.uniform(0.38, 0.6),
        round=draws.pick((0.1, 0.95, 0.75, 1.0), kind) * draws.uniform(0.8, 1.0),
        slant=draws.normal(0.06, 0.08),
        white=draws.pick((1.0, 1.0, 1.0, 0.0), kind),
        lash=draws.uniform(0.012, 0.05) + draws.pick((0.0, 0.0, 0.03, 0.0), kind),
        shine=draws.pick((0.022, 0.035, 0.055, 0.025), kind) * draws.uniform(0.7, 1.2),
        crease=draws.uniform(0.0, 0.5) * draws.pick((1.0, 0.6, 0.5, 0.0), kind),
    )


def _brows(draws: Draws, natural: Tensor, masculine: Tensor) -> Brows:
    return Brows(
        y=draws.uniform(0.20, 0.29) + either(natural, draws.uniform(0, 0.01), draws.uniform(0.0, 0.12)),
        length=draws.uniform(0.17, 0.24),
        thickness=either(masculine, draws.uniform(0.03, 0.055), draws.uniform(0.015, 0.038))
        * either(natural, draws.uniform(0.9, 1.0), draws.uniform(0.7, 1.5)),
        angle=draws.normal(0.02, 0.12),
        arch=draws.uniform(0.01, 0.07),
    )


def _nose(draws: Draws, natural: Tensor) -> Nose:
    return Nose(
        y=either(natural, draws.uniform(0.30, 0.40), draws.uniform(0.20, 0.40)),
        width=either(natural, draws.uniform(0.12, 0.18), draws.uniform(0.06, 0.24)),
        out=either(natural, draws.uniform(0.10, 0.20), draws.uniform(0.02, 0.34)),
        bridge=either(natural, draws.uniform(0.6, 1.0), draws.uniform(0.0, 0.9)),
        shadow=draws.uniform(0.3, 1.0),
        nostrils=either(natural, draws.uniform(0.4, 1.0), draws.chance(0.5) * draws.uniform(0.4, 1.0)),
        red=either(natural, draws.uniform(0.0, 0.2), draws.chance(0.3) * draws.uniform(0.3, 0.8)),
    )


def _mouth(draws: Draws, natural: Tensor, masculine: Tensor) -> Mouth:
    return Mouth(
        y=either(natural, draws.uniform(0.56, 0.62), draws.uniform(0.52, 0.64)),
        width=either(natural, draws.uniform(0.22, 0.29), draws.uniform(0.14, 0.34)),
        upper=either(natural, draws.uniform(0.03, 0.055), draws.uniform(0.012, 0.06)),
        lower=either(natural, draws.uniform(0.04, 0.08), draws.uniform(0.012, 0.08)),
        paint=either(masculine, draws.uniform(0.25, 0.7), draws.uniform(0.6, 1.0))
        * either(natural, draws.uniform(0.95, 1.0), draws.chance(0.75)),
        teeth=draws.chance(0.85),
        rest=draws.normal(0.1, 0.2),
    )


def _ears(draws: Draws, natural: Tensor) -> Ears:
    animal = draws.chance(0.3) * (1 - natural)
    kind = draws.choice((1.0, 1.0, 0.8))  # cat, bear, rabbit
    size = draws.uniform(0.85, 1.2) * animal
    return Ears(
        human=(1 - animal) * draws.uniform(0.8, 1.25),
        x=draws.pick((0.50, 0.58, 0.26), kind) * draws.uniform(0.9, 1.1),
        y=draws.pick((-0.92, -0.86, -1.30), kind),
        width=draws.pick((0.24, 0.28, 0.17), kind) * size,
        height=draws.pick((0.46, 0.28, 0.72), kind) * size,
        point=draws.pick((0.5, 0.0, 0.15), kind),
        lean=draws.pick((0.35, 0.5, 0.12), kind) + draws.normal(0, 0.08),
    )


def _hair(draws: Draws, ears: Ears) -> Hair:
    # bald, buzz, short, fringe, bob, long, curly, bun, spiky
    kind = draws.choice((0.06, 0.08, 0.2, 0.13, 0.12, 0.2, 0.1, 0.07, 0.06))
    kind = torch.where((ears.width > 0.01) & (draws.uniform(0, 1) < 0.4), torch.zeros_like(kind), kind)
    fall = draws.pick((0, 0, 0, 0, 0.75, 1.9, 0.6, 0, 0), kind) * draws.uniform(0.8, 1.3)
    return Hair(
        cap=(kind > 0).float(),
        volume=draws.pick((0.04, 0.03, 0.12, 0.12, 0.13, 0.10, 0.24, 0.07, 0.13), kind)
        * draws.uniform(0.75, 1.35),
        line=draws.pick((-0.7, -0.6, -0.52, -0.32, -0.38, -0.55, -0.45, -0.58, -0.5), kind)
        + draws.uniform(-0.06, 0.06),
        part=draws.normal(0, 0.22),
        fringe=draws.pick((0, 0, 0.05, 0.07, 0.05, 0.02, 0.06, 0, 0.13), kind) * draws.uniform(0, 1.5),
        side=draws.pick((0, 0.28, 0.22, 0.2, 0.28, 0.26, 0.2, 0.25, 0.22), kind) + draws.uniform(-0.06, 0.08),
        temple=draws.pick((0, 1.6, 1.5, 1.2, 0.35, 0.5, 0.9, 1.7, 1.3), kind) * draws.uniform(0.7, 1.2),
        nape=draws.pick((0, 0.2, 0.3, 0.35, 0.5, 0.5, 0.4, 0.2, 0.3), kind) + draws.uniform(-0.1, 0.1),
        fall=fall,
        spread=draws.pick((0.8, 0.8, 0.8, 0.8, 1.06, 1.08, 1.12, 0.8, 0.8), kind) * draws.uniform(0.92, 1.12),
        curl=draws.pick((0, 0, 0.01, 0, 0, 0.012, 0.05, 0, 0), kind) * draws.uniform(0.4, 1.4),
        spike=draws.pick((0, 0, 0.02, 0, 0, 0, 0, 0, 0.14), kind) * draws.uniform(0.3, 1.3),
        bun=draws.pick((0, 0, 0, 0, 0, 0, 0, 0.3, 0), kind) * draws.uniform(0.8, 1.3),
        bun_x=draws.chance(0.4) * 0.55,
        bun_y=draws.uniform(-1.15, -0.75),
        strand=draws.uniform(0.0, 1.0) * draws.chance(0.75),
        gloss=draws.uniform(0.0, 1.0) * draws.chance(0.6),
    )


def _face(draws: Draws, natural: Tensor, masculine: Tensor) -> Face:
    bearded = draws.chance(0.4) * masculine
    return Face(
        beard=bearded * draws.uniform(0.25, 1.0),
        beard_top=draws.uniform(0.30, 0.72),
        moustache=masculine * draws.chance(0.3) * draws.uniform(0.4, 1.0),
        blush=either(natural, draws.uniform(0, 0.3), draws.uniform(0, 0.8)),
        freckles=draws.chance(0.12) * draws.uniform(0.4, 0.9),
    )


def _wear(draws: Draws, hair: Hair, eyes: Eyes) -> Wear:
    hat = draws.chance(0.13) * (hair.bun < 0.01) * (hair.spike < 0.05)
    brimmed = draws.chance(0.65)
    return Wear(
        glasses=draws.chance(0.22) * draws.uniform(0.016, 0.04),
        lens_width=(eyes.spacing * draws.uniform(0.74, 0.86)).maximum(eyes.width * 1.1),
        lens_height=(eyes.spacing * draws.uniform(0.5, 0.85)).maximum(eyes.upper * 1.15),
        lens_round=draws.uniform(0.25, 1.0),
        tint=either(draws.chance(0.12), draws.uniform(0.6, 0.95), draws.uniform(0.0, 0.25)),
        hat=hat,
        hat_line=draws.uniform(-0.52, -0.34),
        brim=hat * brimmed * draws.uniform(0.2, 0.55),
        peak=draws.chance(0.5) * 0.42,
        shoulder=draws.uniform(1.55, 2.25),
        slope=draws.uniform(0.3, 0.6),
        pattern=draws.choice((0.45, 0.2, 0.15, 0.1, 0.1)).float(),
        frequency=draws.uniform(1.2, 4.0),
        angle=draws.choice((0.4, 0.4, 0.2)).float() * (torch.pi / 2) + draws.normal(0, 0.1),
        collar=draws.choice((0.35, 0.2, 0.25, 0.2)).float(),
        collar_size=draws.uniform(0.3, 0.8),
    )


def draw_colors(draws: Draws, natural: Tensor, style: Style) -> Colors:
    """Draw colours: those of people for natural [B], of any hue for the rest."""
    human = draws.chance(0.68).maximum(natural)
    skin = either(human, draws.between(SKINS, 0.025), draws.color((0.2, 0.75), (0.45, 0.98)))
    plain = draws.chance(0.72).maximum((style.kind == 3).float())
    hair = either(plain, draws.between(HAIRS), draws.color((0.3, 0.95), (0.25, 0.95)))
    iris = either(human, draws.between(IRISES), draws.color((0.4, 1.0), (0.2, 0.8)))
    redder = torch.tensor([0.86, 0.52, 0.52])
    flush = skin * torch.tensor([1.02, 0.72, 0.70])
    lips = either(
        draws.chance(0.7),
        skin * redder,
        draws.between(((0.75, 0.2, 0.25), (0.6, 0.15, 0.3), (0.85, 0.4, 0.45))),
    )
    cloth = either(
        draws.chance(0.35), draws.color((0.0, 0.15), (0.08, 0.95)), draws.color((0.3, 0.9), (0.2, 0.95))
    )
    hue = draws.uniform(0, 1)
    dark = hsv(hue, draws.uniform(0.1, 0.6), draws.uniform(0.02, 0.22))
    return Colors(
        skin=skin,
        flush=flush,
        hair=hair,
        brow=either(draws.chance(0.85), hair * 0.75, dark),
        iris=iris,
        lips=lips,
        cloth=cloth,
        trim=either(
            draws.chance(0.5), draws.color((0.0, 0.1), (0.7, 1.0)), draws.color((0.3, 0.9), (0.15, 0.95))
        ),
        hat=draws.color((0.1, 0.9), (0.15, 0.95)),
        band=draws.color((0.1, 0.9), (0.15, 0.95)),
        rim=either(
            draws.chance(0.6), draws.color((0.0, 0.3), (0.03, 0.25)), draws.color((0.2, 0.8), (0.4, 0.9))
        ),
        ink=dark,
        paper=hsv(draws.uniform(0.05, 0.18), draws.uniform(0.0, 0.15), draws.uniform(0.9, 1.0)),
    )


def draw_background(draws: Draws, colors: Colors, style: Style) -> Background:
    """Draw what is behind, quieter behind photo-like toons."""
    photo = style.kind == 3
    kind = draws.choice((0.12, 0.14, 0.09, 0.07, 0.06, 0.12, 0.08, 0.12, 0.12, 0.08))
    real = draws.choice((0.1, 0.2, 0.01, 0.01, 0.01, 0.1, 0.12, 0.17, 0.2, 0.1))
    first = either(
        draws.chance(0.5).maximum(photo.float() * draws.chance(0.8)),
        draws.color((0.0, 0.3), (0.1, 0.98)),
        draws.color((0.2, 0.9), (0.2, 0.98)),
    )
    near = (first * draws.uniform(0.6, 1.4, 1) + draws.normal(0, 0.07, 3)).clamp(0, 1)
    return Background(
        kind=torch.where(photo, real, kind),
        first=first,
        second=either(draws.chance(0.6), near, draws.color((0.1, 0.9), (0.1, 0.98))),
        third=either(draws.chance(0.15), colors.cloth, draws.color((0.0, 0.8), (0.1, 0.98))),
        frequency=draws.uniform(0.6, 3.0),
        angle=draws.uniform(0, torch.pi),
        noise=draws.uniform(0, 1, 3, NOISE_SIZE, NOISE_SIZE),
    )


def draw_style(draws: Draws) -> Style:
    """Draw how pictures are made."""
    kind = draws.choice((0.2, 0.18, 0.18, 0.24, 0.04, 0.06, 0.04, 0.06))
    side = draws.uniform(-0.8, 0.8)
    light = torch.stack([side, draws.uniform(-0.9, -0.2), draws.uniform(0.5, 1.0)], 1)
    inked = draws.pick((0.0, 1.0, 0.0, 0.0, 1.0, 0.6, 0.5, 1.0), kind)
    return Style(
        kind=kind,
        outline=inked * draws.uniform(0.02, 0.055),
        ink=draws.uniform(0.6, 1.0),
        shading=draws.pick((0.25, 0.3, 0.8, 0.9, 0.0, 0.35, 0.4, 0.3), kind) * draws.uniform(0.4, 1.0),
        cel=draws.pick((0.8, 0.8, 0.0, 0.0, 0.0, 0.3, 0.8, 1.0), kind) * draws.chance(0.8),
        grain=draws.pick((0.0, 0.0, 0.01, 0.03, 0.01, 0.03, 0.0, 0.0), kind) * draws.uniform(0.3, 1.3),
        light=light / light.norm(dim=1, keepdim=True),
        tint=1 + draws.normal(0, 0.05, 3) * draws.pick((0, 0, 1, 1.4, 0, 0, 0, 0), kind)[:, None],
    )
