"""Colour jitter with the semantics of torchvision's ColorJitter, on any number of pictures at once.

Pictures are [..., 3, H, W], RGB in [0, 1], and so are the results. Every amount is one number, or a tensor
[...] with one for each picture.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from animate_cli.config import AugmentationConfig

LUMA = (0.2989, 0.587, 0.114)
Adjust = Callable[[Tensor, float], Tensor]


def adjust_brightness(image: Tensor, factor: Tensor | float) -> Tensor:
    """Multiply by factor (0 gives black, 1 leaves as is)."""
    return blend(image, torch.zeros_like(image), factor)


def adjust_contrast(image: Tensor, factor: Tensor | float) -> Tensor:
    """Move away from the mean luma of each picture by factor (0 gives flat grey)."""
    return blend(image, luma(image).mean((-3, -2, -1), keepdim=True), factor)


def adjust_saturation(image: Tensor, factor: Tensor | float) -> Tensor:
    """Move away from the luma of each pixel by factor (0 gives a grey picture)."""
    return blend(image, luma(image), factor)


def adjust_hue(image: Tensor, shift: Tensor | float) -> Tensor:
    """Turn hue by shift, in turns: 0.5 gives the complementary colours. Saturation and value of HSV stay."""
    largest, smallest = image.amax(-3, keepdim=True), image.amin(-3, keepdim=True)
    chroma = largest - smallest
    turned = hue(image) + 6 * per_picture(shift, image)
    offsets = torch.tensor([5.0, 3.0, 1.0], device=image.device, dtype=image.dtype)[:, None, None]
    angle = (offsets + turned) % 6
    return largest - chroma * torch.minimum(angle, 4 - angle).clamp(0, 1)


def hue(image: Tensor) -> Tensor:
    """Compute the hue of HSV in sixths of a turn, [..., 1, H, W] in [-1, 5]; grey has 0."""
    red, green, blue = image.unbind(-3)
    largest = image.amax(-3)
    chroma = largest - image.amin(-3)
    divisor = torch.where(chroma > 0, chroma, 1.0)
    from_green, from_blue = 2 + (blue - red) / divisor, 4 + (red - green) / divisor
    other = torch.where(largest == green, from_green, from_blue)
    sixths = torch.where(largest == red, (green - blue) / divisor, other)
    return torch.where(chroma > 0, sixths, 0.0).unsqueeze(-3)


def luma(image: Tensor) -> Tensor:
    """Weigh the channels to brightness as the eye sees it: [..., 1, H, W]."""
    weights = torch.tensor(LUMA, device=image.device, dtype=image.dtype)[:, None, None]
    return (weights * image).sum(-3, keepdim=True)


def blend(image: Tensor, other: Tensor, factor: Tensor | float) -> Tensor:
    """Return factor image + (1 - factor) other, clamped to [0, 1]."""
    share = per_picture(factor, image)
    return (share * image + (1 - share) * other).clamp(0, 1)


def per_picture(amount: Tensor | float, image: Tensor) -> Tensor:
    """Shape an amount, or amounts [...], so that it multiplies pictures [..., 3, H, W]."""
    return torch.as_tensor(amount, device=image.device, dtype=image.dtype)[..., None, None, None]


def random_jitter(config: AugmentationConfig, generator: torch.Generator) -> list[tuple[Adjust, float]]:
    """Draw the changes of one pair with their amounts, in random order; a strength of zero leaves one out.

    Factors are uniform in [max(0, 1 - strength), 1 + strength], the hue's shift in [-strength, strength].
    """
    strengths: list[tuple[Adjust, float]] = [
        (adjust_brightness, config.brightness),
        (adjust_contrast, config.contrast),
        (adjust_saturation, config.saturation),
    ]
    ranges = [(adjust, max(0.0, 1 - strength), 1 + strength) for adjust, strength in strengths]
    ranges.append((adjust_hue, -config.hue, config.hue))
    changes = [(adjust, uniform(low, high, generator), low < high) for adjust, low, high in ranges]
    order = torch.randperm(len(changes), generator=generator).tolist()
    return [changes[i][:2] for i in order if changes[i][2]]


def uniform(low: float, high: float, generator: torch.Generator) -> float:
    """Draw a number from [low, high)."""
    return low + (high - low) * float(torch.rand((), generator=generator))
