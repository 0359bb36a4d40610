"""Seeded random draws: numbers, choices and colours, always made on the CPU so that any device agrees."""

from collections.abc import Sequence

import torch
from torch import Tensor


class Draws:
    """Random values for a batch of identities or poses, from one generator on the CPU."""

    def __init__(self, generator: torch.Generator, batch: int) -> None:
        self.generator = generator
        self.batch = batch

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Draw [B, *shape] evenly in [low, high)."""
        return torch.rand(self.batch, *shape, generator=self.generator) * (high - low) + low

    def normal(self, mean: float, spread: float, *shape: int) -> Tensor:
        """Draw [B, *shape] from a normal distribution, cut at two and a half spreads."""
        return mean + spread * torch.randn(self.batch, *shape, generator=self.generator).clamp(-2.5, 2.5)

    def chance(self, probability: float) -> Tensor:
        """Draw [B] of 1.0 with this probability, else 0.0."""
        return (torch.rand(self.batch, generator=self.generator) < probability).float()

    def choice(self, weights: Sequence[float]) -> Tensor:
        """Draw [B] indices with these relative weights."""
        return torch.multinomial(
            torch.tensor(weights), self.batch, replacement=True, generator=self.generator
        )

    def pick(self, table: Sequence[float], index: Tensor) -> Tensor:
        """Look [B] indices up in a table of numbers."""
        return torch.tensor(table)[index]

    def color(self, saturation: tuple[float, float], value: tuple[float, float]) -> Tensor:
        """Draw [B, 3] colours of any hue."""
        return hsv(self.uniform(0, 1), self.uniform(*saturation), self.uniform(*value))

    def between(self, colors: Sequence[Sequence[float]], jitter: float = 0.03) -> Tensor:
        """Draw [B, 3] colours near a table's rows, mixing neighbouring rows."""
        table = torch.tensor(colors)
        position = self.uniform(0, len(colors) - 1.001)
        row = position.long()
        mixed = torch.lerp(table[row], table[row + 1], (position - row)[:, None])
        return (mixed + self.normal(0, jitter, 3)).clamp(0.02, 0.98)


def hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Turn hue, saturation, value [B] in [0, 1] into RGB [B, 3]."""
    offset = torch.tensor([0.0, 2 / 3, 1 / 3])
    ramp = ((hue[:, None] + offset) % 1 * 6 - 3).abs().sub(1).clamp(0, 1)
    return value[:, None] * (1 - saturation[:, None] * (1 - ramp))


def either(chosen: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Take the first value where chosen [B] is above one half, else the second; values [B] or [B, C]."""
    picked = chosen > 0.5
    return torch.where(picked[:, None] if first.ndim == 2 else picked, first, second)
