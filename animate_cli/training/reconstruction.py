"""Pixel losses over a pyramid of scales: they need no network, and nothing to download."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animate_cli.model.blocks import AntiAliasDownscale

WINDOW = 8
"""Side of the windows that `crispness` looks at, in pixels."""
FAINT = 0.01
"""Gradient below which there is no line to speak of."""


class Pyramid(nn.Module):
    """Downscale a picture to each of the scales: [B, C, H, W] to a list of [B, C, scale H, scale W]."""

    def __init__(self, scales: Sequence[float]) -> None:
        super().__init__()
        self.levels = nn.ModuleList(AntiAliasDownscale(scale) for scale in scales)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the levels in the order of the scales, in float32."""
        return [level(image.float()) for level in self.levels]


def reconstruction(predicted: Sequence[Tensor], target: Sequence[Tensor], weight: Sequence[Tensor]) -> Tensor:
    """Return sum over levels of mean w |predicted - target|.

    Args:
        predicted: pyramid of the prediction, each [B, 3, H_i, W_i].
        target: pyramid of the truth, likewise.
        weight: pyramid of the pixels' weights w, each [B, 1, H_i, W_i]; empty weighs all pixels alike.
    """
    differences = [(a - b).abs() for a, b in zip(predicted, target, strict=True)]
    return weighted_sum(differences, weight)


def edges(predicted: Sequence[Tensor], target: Sequence[Tensor], weight: Sequence[Tensor]) -> Tensor:
    """Return sum over levels of mean w |grad predicted - grad target|: the loss of sharpness.

    grad is the difference of neighbouring pixels, to the right and down; the two directions are added.
    Arguments as in `reconstruction`.
    """
    errors = [a - b for a, b in zip(predicted, target, strict=True)]
    across = [error.diff(dim=-1).abs() for error in errors]
    down = [error.diff(dim=-2).abs() for error in errors]
    weight_across = [level[..., 1:] for level in weight]
    weight_down = [level[..., 1:, :] for level in weight]
    return weighted_sum(across, weight_across) + weighted_sum(down, weight_down)


def crispness(predicted: Sequence[Tensor], target: Sequence[Tensor], weight: Sequence[Tensor]) -> Tensor:
    """Return sum over levels of mean w |c(predicted) - c(target)|: lines count wherever they fall.

    c is the root of the mean squared gradient in windows of `WINDOW` pixels. The other losses make a line whose
    place is not known for sure as faint as the doubt is large; this one wants it as sharp as the truth's, a pixel
    to either side. Arguments as in `reconstruction`.
    """
    differences = [(contrast(a) - contrast(b)).abs() for a, b in zip(predicted, target, strict=True)]
    return weighted_sum(differences, [windows(level[..., 1:, 1:]) for level in weight])


def contrast(image: Tensor) -> Tensor:
    """Return the root mean squared gradient in windows of pictures [B, 3, H, W]: [B, 1, h, w]."""
    across, down = image.diff(dim=-1)[..., 1:, :], image.diff(dim=-2)[..., 1:]
    return (windows((across**2 + down**2).mean(1, keepdim=True)) + FAINT**2).sqrt()


def windows(image: Tensor) -> Tensor:
    """Average [B, C, H, W] over windows that overlap by half; what is beyond the last one is left out."""
    side = min(WINDOW, *image.shape[-2:])
    return F.avg_pool2d(image, side, max(1, side // 2))


def weighted_sum(differences: Sequence[Tensor], weight: Sequence[Tensor]) -> Tensor:
    """Return the sum over levels of mean w d; an empty ``weight`` stands for ones."""
    if weight:
        differences = [w * d for w, d in zip(weight, differences, strict=True)]
    return torch.stack([difference.mean() for difference in differences]).sum()
