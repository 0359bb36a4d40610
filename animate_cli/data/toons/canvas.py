"""The picture in progress: colour, light and ink, laid on in layers."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.toons.shapes import cover


class Window(NamedTuple):
    """A square part of every picture, at places of its own: indices [B, n * n] of them, and its side n."""

    pixels: Tensor
    side: int

    def take(self, values: Tensor) -> Tensor:
        """Cut the window out of [B, H, W] or [B, C, H, W]."""
        flat = values.flatten(-2)
        index = self.pixels if values.ndim == 3 else self.pixels[:, None].expand(-1, values.shape[1], -1)
        return flat.gather(-1, index).view(*flat.shape[:-1], self.side, self.side)

    def put(self, values: Tensor, part: Tensor) -> None:
        """Write the window [B, n, n] or [B, C, n, n] back into [B, H, W] or [B, C, H, W]."""
        index = self.pixels if values.ndim == 3 else self.pixels[:, None].expand(-1, values.shape[1], -1)
        values.flatten(-2).scatter_(-1, index, part.flatten(-2))


def window(center: Tensor, reach: Tensor, size: int) -> Window:
    """Choose windows about centers [B, 2], (x, y) in [-1, 1], that hold all within a reach [B].

    All windows have the side that the widest reach needs; size is the picture's side.
    """
    side = min(size, int(float(reach.max()) * (size - 1)) + 3)
    corner = ((center + 1) * 0.5 * (size - 1) - (side - 1) / 2).round().clamp(0, size - side).long()
    line = torch.arange(side, device=center.device)
    index = (corner[:, 1, None, None] + line[:, None]) * size + corner[:, 0, None, None] + line
    return Window(index.flatten(1), side)


class Canvas:
    """Colour [B, 3, H, W] with a map of light (1 is neutral) and one of ink (0 to 1), all [B, H, W].

    Distances given to the canvas are in head units; pixel [B, 1, 1] is a pixel's size in the same units.
    """

    def __init__(self, color: Tensor, pixel: Tensor, outline: Tensor) -> None:
        batch, _, height, width = color.shape
        self.color = color
        self.light = color.new_ones(batch, height, width)
        self.ink = color.new_zeros(batch, height, width)
        self.pixel = pixel
        self.outline = outline
        self._inked = (outline > 0).to(color.dtype)

    def cut(self, part: Window) -> "Canvas":
        """Copy a window of this canvas to a canvas of its own."""
        canvas = Canvas.__new__(Canvas)
        canvas.color, canvas.light, canvas.ink = (
            part.take(self.color),
            part.take(self.light),
            part.take(self.ink),
        )
        canvas.pixel, canvas.outline, canvas._inked = self.pixel, self.outline, self._inked
        return canvas

    def paste(self, part: Window, canvas: "Canvas") -> None:
        """Write a canvas back to the window that it was cut from."""
        part.put(self.color, canvas.color)
        part.put(self.light, canvas.light)
        part.put(self.ink, canvas.ink)

    def shape(
        self, distance: Tensor, color: Tensor, light: Tensor | None = None, gate: Tensor | None = None
    ) -> Tensor:
        """Fill a shape with an outline along its edge, and return its coverage [B, H, W].

        color: [B, 3] or [B, 3, H, W]. light: [B, H, W], neutral when missing. gate: [B, H, W], opacity.
        """
        alpha = cover(distance, self.pixel)
        if gate is not None:
            alpha *= gate
        self.color.lerp_(color[:, :, None, None] if color.ndim == 2 else color, alpha[:, None])
        edge = ((distance + self.outline) / self.pixel).add_(0.5).clamp_(0, 1).mul_(self._inked)
        self.ink.lerp_(edge, alpha)
        self.light.lerp_(torch.ones_like(alpha) if light is None else light, alpha)
        return alpha

    def tint(self, alpha: Tensor, color: Tensor) -> None:
        """Lay a colour [B, 3] or [B, 3, H, W] over the picture with an opacity [B, H, W]."""
        self.color.lerp_(color[:, :, None, None] if color.ndim == 2 else color, alpha[:, None])

    def line(self, alpha: Tensor) -> None:
        """Draw ink with an opacity [B, H, W]."""
        self.ink.lerp_(self.ink.new_ones(()).expand_as(self.ink), alpha)
