"""The picture in progress: colour, light and ink, laid on in layers."""

import torch
from torch import Tensor

from animate_cli.data.toons.shapes import cover


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

    def shape(self, distance: Tensor, color: Tensor, light: Tensor | None = None, gate: Tensor | None = None) -> Tensor:
        """Fill a shape with an outline along its edge, and return its coverage [B, H, W].

        color: [B, 3] or [B, 3, H, W]. light: [B, H, W], neutral when missing. gate: [B, H, W] opacity in [0, 1].
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
