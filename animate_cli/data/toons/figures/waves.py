"""Slow trajectories: sums of sines, band-limited and deterministic."""

import torch
from torch import Tensor

from animate_cli.data.toons.draws import Draws


def draw_waves(draws: Draws, slowest: float, fastest: float) -> Tensor:
    """Frequencies, phases and weights [B, 3, 3] of one trajectory, slow parts the strongest."""
    frequency = draws.uniform(slowest, fastest, 3)
    weight = draws.uniform(0.3, 1.0, 3) / (frequency / slowest).sqrt()
    weight = weight / weight.norm(dim=1, keepdim=True)
    return torch.stack([frequency * 2 * torch.pi, draws.uniform(0, 2 * torch.pi, 3), weight], 1)


def at(waves: Tensor, time: Tensor) -> Tensor:
    """Read a trajectory [B], about within [-1.5, 1.5], at times [B] in seconds."""
    return (torch.sin(waves[:, 0] * time[:, None] + waves[:, 1]) * waves[:, 2]).sum(1)
