"""Windows: rectangles of one size, at places of their own in some of many pictures, to work on alone."""

import torch
from torch import Tensor

MARGIN = 2
"""Pixels about a shape that its soft edge may reach into."""


class Window:
    """Rectangles [h, w] of the rows [R] of a batch of pictures."""

    def __init__(self, rows: Tensor, low: Tensor, high: Tensor, shape: tuple[int, int]) -> None:
        """Choose windows that hold boxes, as far as they are inside the pictures.

        Args:
            rows: [R] of the batch.
            low: [R, 2] corner (x, y) of each box in pixels.
            high: [R, 2], the opposite corner.
            shape: height and width of the pictures.
        """
        last = torch.tensor([shape[1] - 1, shape[0] - 1], device=rows.device)
        low = torch.minimum((low - MARGIN).floor().long().clamp_min(0), last)
        high = torch.minimum((high + MARGIN).ceil().long().clamp_min(0), last)
        reach = (high - low).amax(0)
        self.rows = rows
        self.corners = torch.minimum(low, last - reach)
        self.width, self.height = (reach + 1).tolist()
        self._places: list[list[int]] = torch.cat([rows[:, None], self.corners], 1).tolist()

    def take(self, values: Tensor) -> Tensor:
        """Cut the windows [R, h, w] or [R, C, h, w] out of [B, H, W] or [B, C, H, W]."""
        return torch.stack(self._views(values))

    def put(self, values: Tensor, part: Tensor) -> None:
        """Write windows [R, h, w] or [R, C, h, w] back into [B, H, W] or [B, C, H, W]."""
        for view, one in zip(self._views(values), part.unbind(), strict=True):
            view.copy_(one)

    def cross(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Cut out coordinates x [B, 1, W] and y [B, H, 1] of the pictures: [R, 1, w] and [R, h, 1]."""
        columns = self.corners[:, :1] + torch.arange(self.width, device=x.device)
        lines = self.corners[:, 1:] + torch.arange(self.height, device=x.device)
        x, y = x[self.rows, 0].gather(1, columns), y[self.rows, :, 0].gather(1, lines)
        return x[:, None], y[:, :, None]

    def _views(self, values: Tensor) -> list[Tensor]:
        """Find the windows one by one: rectangles are copied faster so than by an index of pixels."""
        shape = (*values.shape[1:-2], self.height, self.width)
        step, begin = values.stride(), values.storage_offset()
        return [
            values.as_strided(shape, step[1:], begin + row * step[0] + top * step[-2] + left * step[-1])
            for row, left, top in self._places
        ]
