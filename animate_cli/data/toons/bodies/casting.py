"""Invent people: children and adults, thin and broad, dressed in colours that go together."""

import torch
from torch import Tensor

from animate_cli.data.toons.bodies.identity import BodyIdentity, Build, Locks, Looks, Outfit, Palette
from animate_cli.data.toons.casting import draw_background, draw_colors, draw_style
from animate_cli.data.toons.draws import Draws, either
from animate_cli.data.toons.figures.palettes import calm, draw_palette

PATTERNS = (
    (1, 0, 0, 0),
    (0, 0, 1, 0),
    (0, 1, 0, 0),
    (0.15, 0, 0, 2),
    (1.0, 1, 1, 0),
    (0.6, 0, 1, 0),
    (0.2, 1, 1, 0),
)
"""Plain, stripes around, stripes along, checks, dots, thin stripes, diamonds: weights as in figures.Cover."""


def random_identity(generator: torch.Generator, batch: int) -> BodyIdentity:
    """Draw a batch of people on the CPU."""
    draws = Draws(generator, batch)
    style = draw_style(draws)
    colors = draw_colors(draws, draws.chance(0.7), style)
    build = _build(draws)
    masculine = draws.chance(0.5)
    looks = _looks(draws, masculine)
    back = calm(draws, draw_background(draws, colors, style))
    camouflaged = draws.chance(0.12)
    top, accent, bottom, shoe = draw_palette(draws)
    palette = Palette(
        either(camouflaged, back.first, top), either(camouflaged, back.second, accent),
        either(camouflaged, back.second, bottom), shoe,
    )  # fmt: skip
    return BodyIdentity(
        build, looks, _locks(draws, masculine), _outfit(draws, masculine), palette,
        colors._replace(ink=colors.ink * 0.8), back, style, camouflaged,
        draws.uniform(0.12, 0.4) * draws.chance(0.8),
    )  # fmt: skip


def _build(draws: Draws) -> Build:
    # child, young, adult, tall; and three cartoon ways to exaggerate: none, lanky, stout
    age = draws.choice((0.28, 0.27, 0.3, 0.15))
    shape = draws.choice((0.5, 0.22, 0.28))
    stout = draws.pick((0.0, -0.5, 0.85), shape) + draws.normal(0, 0.18)
    heads = draws.pick((2.8, 3.5, 4.2, 5.0), age) * draws.uniform(0.92, 1.08)
    size = draws.pick((0.98, 0.96, 1.0, 0.98), age)
    return Build(
        heads=heads,
        legs=draws.pick((0.52, 0.57, 0.60, 0.62), age) + draws.normal(0.02, 0.02) - 0.03 * stout.clamp_min(0),
        shoulder=size * (0.118 + 0.020 * stout + draws.uniform(-0.008, 0.014)),
        waist=size * (0.090 + 0.032 * stout + draws.uniform(-0.008, 0.008)),
        hip=size * (0.094 + 0.024 * stout + draws.uniform(-0.008, 0.010)),
        deep=0.72 + 0.14 * stout.clamp(-0.5, 1) + draws.uniform(-0.05, 0.05),
        arm=0.033 + 0.007 * stout + draws.uniform(-0.003, 0.003),
        leg=0.051 + 0.010 * stout + draws.uniform(-0.003, 0.004),
        hand=0.032 + 0.004 * stout + draws.uniform(-0.003, 0.004) + draws.pick((0.004, 0.002, 0, 0), age),
        foot=0.066 + draws.uniform(-0.006, 0.012),
        face=draws.uniform(0.37, 0.46)
        + 0.03 * stout.clamp_min(0)
        + draws.pick((0.04, 0.02, -0.01, -0.02), age),
        jaw=draws.uniform(0.62, 0.98),
        neck=0.034 + 0.007 * stout,
    )


def _looks(draws: Draws, masculine: Tensor) -> Looks:
    # dots, tall ovals, with a white
    kind = draws.choice((0.34, 0.30, 0.36))
    return Looks(
        eye=draws.pick((0.042, 0.05, 0.088), kind) * draws.uniform(0.9, 1.15),
        tall=draws.pick((1.1, 1.75, 1.15), kind) * draws.uniform(0.9, 1.15),
        white=(kind == 2).float(),
        y=draws.uniform(0.03, 0.11),
        spacing=draws.uniform(0.145, 0.19),
        brow=draws.chance(0.8) * draws.uniform(0.010, 0.022),
        nose=draws.uniform(0.035, 0.075),
        blush=draws.chance(0.7) * draws.uniform(0.3, 0.9),
        mouth_y=draws.uniform(0.26, 0.30),
        mouth=draws.uniform(0.09, 0.15),
        glasses=draws.chance(0.14) * draws.uniform(0.010, 0.018),
        beard=draws.chance(0.28) * masculine,
    )


def _locks(draws: Draws, masculine: Tensor) -> Locks:
    # bald, short, bob, long, bun, pony tail, pigtails, hat, curly
    women = draws.choice((0.02, 0.14, 0.16, 0.2, 0.12, 0.12, 0.12, 0.04, 0.08))
    men = draws.choice((0.10, 0.50, 0.04, 0.05, 0.04, 0.02, 0.0, 0.09, 0.16))
    kind = torch.where(masculine > 0.5, men, women)
    hat = (kind == 7).float()
    return Locks(
        cap=draws.pick((0, 0.045, 0.06, 0.05, 0.04, 0.04, 0.045, 0.06, 0.13), kind) * draws.uniform(0.8, 1.3),
        line=either(hat, draws.uniform(-0.1, 0.3), draws.uniform(-0.25, 0.45)),
        back=draws.pick((0, 1.9, 2.3, 2.2, 1.8, 1.8, 1.9, 0.3, 2.0), kind) + draws.uniform(-0.2, 0.3),
        sharp=draws.uniform(0.2, 1.6),
        teeth=draws.chance(0.65) * draws.uniform(0.06, 0.26),
        rate=draws.uniform(0.6, 1.9),
        slant=draws.chance(0.6) * draws.uniform(-0.55, 0.55),
        fall=draws.pick((0, 0, 0.62, 1.15, 0, 0, 0, 0, 0), kind) * draws.uniform(0.85, 1.25),
        wide=draws.uniform(0.46, 0.56),
        pony=draws.pick((0, 0, 0, 0, 0.17, 0.12, 0.12, 0, 0), kind) * draws.uniform(0.85, 1.25),
        hang=draws.pick((0, 0, 0, 0, 0.02, 0.75, 0.55, 0, 0), kind) * draws.uniform(0.8, 1.3),
        high=draws.uniform(0.05, 0.45),
        pigtails=(kind == 6).float(),
        gloss=draws.chance(0.7) * draws.uniform(0.3, 1.0),
        hat=hat,
    )  # fmt: skip


def _outfit(draws: Draws, masculine: Tensor) -> Outfit:
    kind = draws.choice((0.26, 0.16, 0.12, 0.14, 0.14, 0.1, 0.08))
    skirted = draws.chance(0.42) * (1 - masculine * 0.9).round()
    trouser = draws.choice((0.62, 0.26, 0.12))
    long = draws.choice((0.5, 0.4, 0.1))
    return Outfit(
        sleeve=draws.pick((1.92, 0.55, 0.22), long) + draws.uniform(-0.08, 0.06),
        trouser=either(
            skirted, draws.pick((-1.0, 2.7), draws.choice((0.7, 0.3))), draws.pick((2.75, 0.85, 1.7), trouser)
        ) + draws.uniform(-0.1, 0.1),
        loose=torch.stack([draws.uniform(0.05, 0.4), draws.uniform(0.02, 0.3)], 1),
        hem=draws.uniform(2.15, 2.65) + skirted * 1.0,
        skirt=skirted * draws.uniform(0.32, 0.8),
        flare=draws.uniform(0.1, 0.9),
        dress=draws.chance(0.55),
        collar=draws.uniform(0.25, 0.75),
        pattern=torch.tensor(PATTERNS)[kind],
        below=draws.chance(0.12),
        rate=draws.uniform(9, 20),
        angle=draws.normal(0, 0.05),
        wobble=draws.chance(0.12) * draws.uniform(0.1, 0.3),
        belt=draws.chance(0.3) * (1 - skirted),
        buttons=draws.chance(0.3),
        scarf=draws.chance(0.14),
    )  # fmt: skip
