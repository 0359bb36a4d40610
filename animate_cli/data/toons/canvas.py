"""The picture in progress: colour, light, ink and the toon's mask, laid on in layers."""

import torch
from torch import Tensor

from animate_cli.data.toons.windows import Window

CHANNELS = 6
"""Red, green, blue, light (1 is neutral), ink (0 to 1), mask (0 to 1)."""


def new_sheet(color: Tensor) -> Tensor:
    """Begin pictures [B, 6, H, W] with backgrounds [B, 3, H, W]."""
    batch, _, height, width = color.shape
    sheet = color.new_zeros(batch, CHANNELS, height, width)
    sheet[:, :3] = color
    sheet[:, 3] = 1
    return sheet


class Canvas:
    """A sheet [B, 6, H, W] and ways to paint on it; color [B, 3, H, W], light, ink and mask [B, H, W] are of it.

    Distances given to the canvas are in head units; pixel [B, 1, 1] is a pixel's size in the same units, and
    outline [B, 1, 1] the width of lines, 0 for none.
    """

    def __init__(self, sheet: Tensor, pixel: Tensor, outline: Tensor) -> None:
        self.sheet = sheet
        self.color = sheet[:, :3]
        self.light, self.ink, self.mask = sheet[:, 3:].unbind(1)
        self.pixel = pixel
        self.outline = outline
        self._edge = torch.where(outline > 0, outline / pixel + 0.5, -torch.inf)

    def cut(self, part: Window) -> "Canvas":
        """Copy a window of this canvas to a canvas of its own."""
        return Canvas(part.take(self.sheet), self.pixel[part.rows], self.outline[part.rows])

    def paste(self, part: Window, canvas: "Canvas") -> None:
        """Write a canvas back to the window that it was cut from."""
        part.put(self.sheet, canvas.sheet)

    def shape(
        self, distance: Tensor, color: Tensor, light: Tensor | None = None, gate: Tensor | None = None
    ) -> Tensor:
        """Fill a shape with an outline along its edge, and return its coverage [B, H, W].

        color: [B, 3] or [B, 3, H, W]. light: [B, H, W], neutral when missing. gate: opacity, as wide as [B, H, W].
        """
        steps = distance / self.pixel
        alpha = (0.5 - steps).clamp_(0, 1)
        if gate is not None:
            alpha *= gate
        self.tint(alpha, color)
        self.ink.lerp_(steps.add_(self._edge).clamp_(0, 1), alpha)
        self.light.lerp_(self.light.new_ones(()).expand_as(alpha) if light is None else light, alpha)
        torch.maximum(self.mask, alpha, out=self.mask)
        return alpha

    def tint(self, alpha: Tensor, color: Tensor) -> None:
        """Lay a colour [B, 3] or [B, 3, H, W] over the picture with an opacity [B, H, W]."""
        self.color.lerp_(color[:, :, None, None] if color.ndim == 2 else color, alpha[:, None])

    def line(self, alpha: Tensor) -> None:
        """Draw ink with an opacity [B, H, W]."""
        self.ink.lerp_(self.ink.new_ones(()).expand_as(self.ink), alpha)
