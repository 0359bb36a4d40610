"""Invent animals: a species with measures of its own, and a coat."""

import torch
from torch import Tensor

from animate_cli.data.toons.animals.identity import AnimalIdentity, Coat
from animate_cli.data.toons.animals.species import SPECIES, Shape
from animate_cli.data.toons.casting import draw_background, draw_colors, draw_style
from animate_cli.data.toons.draws import Draws, either, hsv
from animate_cli.data.toons.figures.palettes import calm

COATS = (
    ((0.93, 0.70, 0.42), (0.62, 0.38, 0.20), (0.99, 0.91, 0.78)),
    ((0.96, 0.93, 0.87), (0.32, 0.27, 0.26), (1.00, 0.98, 0.95)),
    ((0.58, 0.60, 0.66), (0.40, 0.42, 0.48), (0.86, 0.87, 0.90)),
    ((0.86, 0.44, 0.22), (0.99, 0.93, 0.85), (0.99, 0.93, 0.85)),
    ((0.50, 0.34, 0.24), (0.30, 0.20, 0.16), (0.82, 0.68, 0.54)),
    ((0.30, 0.29, 0.32), (0.90, 0.88, 0.86), (0.72, 0.70, 0.70)),
    ((0.97, 0.82, 0.48), (0.71, 0.45, 0.22), (0.99, 0.95, 0.83)),
    ((0.98, 0.76, 0.76), (0.90, 0.56, 0.60), (1.00, 0.90, 0.88)),
)
"""Ground, pattern and belly of natural coats."""

PATTERNS = ((1, 0, 0, 0), (1.0, 1, 1, 0), (0.25, 0.3, 0.3, 1.4), (0.35, 0, 1.1, 0), (0.1, 0, 1, 0))
"""Plain, spots, patches, thin stripes, stripes: weights as in figures.Cover."""


def random_identity(generator: torch.Generator, batch: int) -> AnimalIdentity:
    """Draw a batch of animals on the CPU."""
    draws = Draws(generator, batch)
    species = draws.choice([1.0] * len(SPECIES))
    shape = _shape(draws, species)
    style = draw_style(draws)
    colors = draw_colors(draws, draws.chance(0.5), style)
    back = calm(draws, draw_background(draws, colors, style))
    camouflaged = draws.chance(0.1)
    coat = _coat(draws, shape)
    coat = coat._replace(
        first=either(camouflaged, back.first, coat.first),
        second=either(camouflaged, back.second, coat.second),
    )
    unit, middle = _extent(shape)
    return AnimalIdentity(
        species, shape, coat, unit, middle, draws.chance(0.35),
        colors._replace(skin=coat.first, ink=colors.ink * 0.8),
        back, style, camouflaged, draws.uniform(0.15, 0.4) * (1 - shape.hover),
    )  # fmt: skip


def _shape(draws: Draws, species: Tensor) -> Shape:
    """Look a species up, and vary its measures: the young have large heads and short limbs."""
    table = torch.tensor([[row[name] for name in Shape._fields] for row in SPECIES.values()])
    base = Shape(*table[species].unbind(1))
    young = draws.chance(0.4) * draws.uniform(0.4, 1.0)

    def vary(name: str, spread: float) -> Tensor:
        value: Tensor = getattr(base, name)
        return value * (1 + draws.normal(0, spread))

    leggy = 1.12 * (1 - 0.24 * young) * (1 + draws.normal(0, 0.05))
    stout = 1 + draws.normal(0, 0.06) + 0.1 * young
    return base._replace(
        chest=vary("chest", 0.03) * stout, middle=vary("middle", 0.04) * stout, rump=vary("rump", 0.03) * stout,
        front=base.front * leggy, back=base.back * leggy,
        thigh=vary("thigh", 0.08), foot=vary("foot", 0.08) * (1 + 0.1 * young),
        neck=vary("neck", 0.07) * (1 - 0.2 * young), skull=vary("skull", 0.05) * (1.2 + 0.3 * young),
        muzzle=vary("muzzle", 0.10) * (0.85 - 0.25 * young), muzzle_r=vary("muzzle_r", 0.08),
        ear=vary("ear", 0.12), ear_r=vary("ear_r", 0.1), tail=vary("tail", 0.12), beak=vary("beak", 0.08),
        crest=vary("crest", 0.1), mane=vary("mane", 0.06), eye=vary("eye", 0.1) * (1.25 + 0.3 * young),
    )  # fmt: skip


def _extent(shape: Shape) -> tuple[Tensor, Tensor]:
    """Measure the trunk's length over the animal's extent, and where its middle is against its trunk's."""
    walks = 1 - shape.hover
    below = torch.where(shape.wing > 0.5, shape.back, shape.front) * walks + shape.middle
    above = (shape.neck * torch.sin(shape.neck_up) + 1.2 * shape.skull).maximum(
        shape.chest
    ) + 0.5 * shape.ear * shape.ear_up.clamp_min(0)
    reach = (
        shape.neck * torch.cos(shape.neck_up)
        + 0.8 * shape.skull
        + shape.muzzle
        + shape.beak * (1 - shape.hang)
    )
    width = 1 + shape.chest + reach + 0.6 * shape.tail + shape.rump + shape.rump
    extent = width.maximum(1.05 * (below + above)) + 0.4 * shape.hover * shape.wing.clamp_min(0)
    ahead = (shape.chest + reach - 0.6 * shape.tail - shape.rump) * 0.5
    return 1 / extent, torch.stack([(above - below) * 0.5, ahead], 1)


def _coat(draws: Draws, shape: Shape) -> Coat:
    natural = draws.chance(0.72) * (1 - shape.wing.abs() * draws.chance(0.75))
    row = draws.choice([1.0] * len(COATS))
    table = torch.tensor(COATS)[row] + draws.normal(0, 0.02, 3, 3)
    hue = draws.uniform(0, 1)
    bright = hsv(hue, draws.uniform(0.35, 0.8), draws.uniform(0.72, 0.98))
    second = hsv((hue + draws.uniform(-0.16, 0.16)) % 1, draws.uniform(0.4, 0.85), draws.uniform(0.45, 0.95))
    pale = torch.lerp(bright, torch.ones_like(bright), 0.6)
    first, other = either(natural, table[:, 0], bright), either(natural, table[:, 1], second)
    kind = draws.choice((0.40, 0.17, 0.17, 0.13, 0.13))
    warm = hsv(draws.uniform(0.05, 0.14), draws.uniform(0.65, 0.9), draws.uniform(0.85, 1.0))
    return Coat(
        first=first.clamp(0.03, 0.99),
        second=other.clamp(0.03, 0.99),
        belly=either(natural, table[:, 2], pale).clamp(0.03, 1),
        dark=(other * 0.45).clamp(0.04, 0.9),
        mane=either(draws.chance(0.6), first * 0.6, other),
        beak=warm,
        pattern=torch.tensor(PATTERNS)[kind],
        rate=draws.uniform(4.5, 8.5),
        angle=draws.normal(0, 0.08),
        wobble=draws.uniform(0.12, 0.34),
        low=draws.chance(0.75) * draws.uniform(0.35, 0.75),
        blush=draws.chance(0.5) * draws.uniform(0.3, 0.8),
    )
