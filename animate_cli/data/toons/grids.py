"""Corner-aligned grids of points."""

import torch
from torch import Tensor


def grid(size: int, batch: int, device: torch.device | str = "cpu") -> Tensor:
    """Points [B, size, size, 2], (x, y) in [-1, 1]: index i of n sits at 2 i / (n - 1) - 1."""
    line = torch.linspace(-1, 1, size, device=device)
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x, y], -1).expand(batch, size, size, 2)
