"""Colours that go together: palettes of clothes, and quiet backgrounds to stand before."""

import torch
from torch import Tensor

from animate_cli.data.toons.draws import Draws, either, hsv
from animate_cli.data.toons.identity import Background

PALETTES = (
    ((0.90, 0.36, 0.30), (0.99, 0.90, 0.74), (0.20, 0.29, 0.42), (0.98, 0.96, 0.92)),
    ((0.97, 0.77, 0.31), (0.99, 0.97, 0.91), (0.24, 0.42, 0.52), (0.78, 0.35, 0.24)),
    ((0.27, 0.56, 0.53), (0.95, 0.85, 0.62), (0.41, 0.28, 0.24), (0.23, 0.20, 0.22)),
    ((0.93, 0.60, 0.62), (0.99, 0.93, 0.90), (0.36, 0.43, 0.60), (0.62, 0.25, 0.30)),
    ((0.95, 0.94, 0.90), (0.25, 0.38, 0.58), (0.22, 0.26, 0.38), (0.70, 0.24, 0.22)),
    ((0.36, 0.49, 0.76), (0.98, 0.87, 0.42), (0.87, 0.80, 0.68), (0.42, 0.27, 0.20)),
    ((0.55, 0.68, 0.38), (0.97, 0.95, 0.85), (0.35, 0.30, 0.26), (0.85, 0.55, 0.26)),
    ((0.55, 0.39, 0.62), (0.97, 0.80, 0.55), (0.28, 0.25, 0.36), (0.95, 0.72, 0.45)),
    ((0.96, 0.56, 0.32), (0.36, 0.20, 0.28), (0.30, 0.45, 0.47), (0.97, 0.94, 0.88)),
    ((0.23, 0.25, 0.31), (0.85, 0.33, 0.32), (0.55, 0.56, 0.60), (0.95, 0.94, 0.92)),
    ((0.62, 0.81, 0.84), (0.96, 0.96, 0.94), (0.90, 0.62, 0.47), (0.36, 0.33, 0.42)),
    ((0.76, 0.27, 0.38), (0.97, 0.74, 0.62), (0.20, 0.34, 0.36), (0.18, 0.16, 0.20)),
)
"""Shirt, pattern, trousers, shoes."""


def draw_palette(draws: Draws) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw colours [B, 3] of a shirt, its pattern, trousers and shoes: mostly a palette, else any hue."""
    row = draws.choice([1.0] * len(PALETTES))
    table = torch.tensor(PALETTES)[row] + draws.normal(0, 0.025, 4, 3)
    free = torch.stack([draws.color((0.25, 0.8), (0.3, 0.97)) for _ in range(4)], 1)
    colors = torch.where(draws.chance(0.82)[:, None, None] > 0.5, table, free).clamp(0.02, 0.98)
    return colors[:, 0], colors[:, 1], colors[:, 2], colors[:, 3]


def calm(draws: Draws, back: Background) -> Background:
    """Turn most backgrounds to light or muted colours of one family, that a figure stands out from."""
    hue, pale = draws.uniform(0, 1), draws.chance(0.7)
    strength = either(pale, draws.uniform(0.12, 0.38), draws.uniform(0.25, 0.55))
    value = either(pale, draws.uniform(0.82, 0.98), draws.uniform(0.30, 0.62))
    first = hsv(hue, strength, value)
    second = hsv((hue + draws.normal(0, 0.07)) % 1, strength * 1.25, value * draws.uniform(0.82, 1.0))
    third = hsv((hue + draws.uniform(0.25, 0.75)) % 1, strength, value * draws.uniform(0.85, 1.02))
    quiet = draws.chance(0.72)
    return back._replace(
        first=either(quiet, first, back.first),
        second=either(quiet, second, back.second),
        third=either(quiet, third.clamp_max(1), back.third),
    )
