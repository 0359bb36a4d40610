"""Windows: rectangles of one size, at places of their own in some of many pictures, to work on alone."""

import torch
from torch import Tensor

BLOCKS = (8, 4, 2, 1)
"""Pixels that are copied together, side by side; the first that divides the pictures' width."""

MARGIN = 2
"""Pixels about a shape that its soft edge may reach into."""


class Window:
    """Rectangles [h, w] of the rows [R] of a batch of pictures; columns [R, w] and lines [R, h] of pixels."""

    def __init__(self, rows: Tensor, low: Tensor, high: Tensor, shape: tuple[int, int]) -> None:
        """Choose windows that hold boxes, as far as they are inside the pictures.

        Args:
            rows: [R] of the batch.
            low: [R, 2] corner (x, y) of each box in pixels.
            high: [R, 2], the opposite corner.
            shape: height and width of the pictures.
        """
        device, (tall, wide) = rows.device, shape
        self.block = next(block for block in BLOCKS if wide % block == 0)
        unit, last = torch.tensor([self.block, 1], device=device), torch.tensor([wide - 1, tall - 1], device=device)
        low, high = ((low - MARGIN).floor().long(), (high + MARGIN).ceil().long())
        low, high = (torch.minimum(corner.clamp_min(0), last) // unit for corner in (low, high))
        across, down = ((high - low).amax(0) + 1).tolist()
        left, top = torch.minimum(low, last // unit + 1 - torch.tensor([across, down], device=device)).unbind(1)
        self.rows = rows
        self.lines = top[:, None] + torch.arange(down, device=device)
        blocks = left[:, None] + torch.arange(across, device=device)
        self.columns = (blocks[:, :, None] * self.block + torch.arange(self.block, device=device)).flatten(1)
        self._places = self.lines[:, :, None] * (wide // self.block) + blocks[:, None]
        self._plane = tall * wide // self.block

    def take(self, values: Tensor) -> Tensor:
        """Cut the windows out of [B, H, W] or [B, C, H, W]."""
        return values.reshape(-1, self.block)[self._index(values)].flatten(-2)

    def put(self, values: Tensor, part: Tensor) -> None:
        """Write windows [R, h, w] or [R, C, h, w] back into [B, H, W] or [B, C, H, W]."""
        index = self._index(values)
        values.view(-1, self.block)[index] = part.view(*index.shape, self.block)

    def cross(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Cut out coordinates x [B, 1, W] and y [B, H, 1] of the pictures: [R, 1, w] and [R, h, 1]."""
        x, y = x[self.rows, 0].gather(1, self.columns), y[self.rows, :, 0].gather(1, self.lines)
        return x[:, None], y[:, :, None]

    def _index(self, values: Tensor) -> Tensor:
        """Number the windows' blocks among all of the pictures."""
        if values.ndim == 3:
            return self._places + (self.rows * self._plane)[:, None, None]
        layers = self.rows[:, None] * values.shape[1] + torch.arange(values.shape[1], device=self.rows.device)
        return self._places[:, None] + (layers * self._plane)[:, :, None, None]
