"""Strong changes of how a picture looks that leave its geometry alone, for the driving side of training."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad

GRAY = (0.299, 0.587, 0.114)
Change = Callable[[Tensor, Tensor, torch.Generator], Tensor]


def photometric(images: Tensor, generator: torch.Generator, strength: float = 1.0) -> Tensor:
    """Change colours and sharpness of every picture on its own.

    Args:
        images: [B, 3, H, W] in [0, 1].
        generator: on the CPU, the source of all chance.
        strength: 0 leaves the pictures as they are, 1 is strong.

    Returns:
        [B, 3, H, W] in [0, 1], a new tensor.
    """
    changed = images.clone()
    for change, share in _CHANGES:
        rows = (torch.rand(len(images), generator=generator) < share * strength).nonzero()[:, 0]
        if rows.numel():
            amount = torch.rand(rows.numel(), 4, generator=generator)
            picked = rows.to(images.device)
            changed[picked] = change(changed[picked], amount.to(images), generator).clamp(0, 1)
    return changed


def _column(amount: Tensor, index: int, low: float, high: float) -> Tensor:
    return (amount[:, index] * (high - low) + low)[:, None, None, None]


def _hue(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Turn colours about the grey axis."""
    angle = amount[:, 0] * 2 * torch.pi
    cos, sin = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None] / 3**0.5
    cross = images.new_tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
    matrix = cos * torch.eye(3).to(images) + (1 - cos) / 3 + sin * cross
    return torch.einsum("bij,bjhw->bihw", matrix, images)


def _gray(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Take out most of the colour."""
    gray = (images * images.new_tensor(GRAY)[:, None, None]).sum(1, keepdim=True)
    return torch.lerp(images, gray.expand_as(images), _column(amount, 0, 0.6, 1.3).clamp_max(1))


def _shuffle(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Swap the colour channels."""
    order = amount[:, :3].argsort(1)[:, :, None, None].expand_as(images)
    return images.gather(1, order)


def _invert(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    return 1 - images


def _posterise(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    levels = _column(amount, 0, 2, 6).round()
    return (images * levels).round() / levels


def _contrast(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Gamma, contrast and brightness, a little different in each channel."""
    curved = images.clamp_min(1e-4) ** torch.exp(_column(amount, 0, -0.7, 0.55))
    gain = torch.exp(_column(amount, 1, -0.6, 0.4))
    balance = 1 + 0.3 * (torch.rand(len(images), 3, 1, 1, generator=generator).to(images) - 0.5)
    return (curved - 0.5) * gain * balance + 0.5 + _column(amount, 2, -0.15, 0.15)


def _blur(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Blur by up to 1.2 hundredths of the width."""
    sigma = amount[:, 0] * 0.011 * images.shape[-1] + 0.3
    radius = max(1, round(0.024 * images.shape[-1]))
    offset = torch.arange(-radius, radius + 1).to(images)
    kernel = torch.exp(-(offset**2) / (2 * sigma[:, None] ** 2))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(3, 0)
    height, width = images.shape[2:]
    flat = pad(images, [radius] * 4, mode="replicate").reshape(1, -1, height + 2 * radius, width + 2 * radius)
    flat = conv2d(flat, kernel[:, None, None, :], groups=kernel.shape[0])
    return conv2d(flat, kernel[:, None, :, None], groups=kernel.shape[0]).view_as(images)


def _noise(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(images.shape, generator=generator).to(images)
    return images + noise * _column(amount, 0, 0.01, 0.09)


def _light(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Lay a gradient of light across the picture."""
    angle = _column(amount, 0, 0, 2 * torch.pi)
    x = torch.linspace(-1, 1, images.shape[3]).to(images)
    y = torch.linspace(-1, 1, images.shape[2]).to(images)[:, None]
    slope = torch.cos(angle) * x + torch.sin(angle) * y
    return images * (1 + slope * _column(amount, 1, 0.1, 0.5))


def _edges(images: Tensor, amount: Tensor, generator: torch.Generator) -> Tensor:
    """Turn the picture into something like a pencil drawing."""
    gray = (images * images.new_tensor(GRAY)[:, None, None]).sum(1, keepdim=True)
    wide = pad(gray, [1, 1, 1, 1], mode="replicate")
    across = wide[:, :, 1:-1, 2:] - wide[:, :, 1:-1, :-2]
    down = wide[:, :, 2:, 1:-1] - wide[:, :, :-2, 1:-1]
    lines = 1 - torch.hypot(across, down) * _column(amount, 0, 2, 5)
    return torch.lerp(images, lines.expand_as(images), _column(amount, 1, 0.5, 1.0))


_CHANGES: tuple[tuple[Change, float], ...] = (
    (_hue, 0.35),
    (_shuffle, 0.2),
    (_contrast, 0.6),
    (_light, 0.3),
    (_gray, 0.15),
    (_posterise, 0.07),
    (_edges, 0.06),
    (_invert, 0.08),
    (_blur, 0.25),
    (_noise, 0.3),
)
"""Changes in order, and the share of pictures each is applied to at full strength."""
