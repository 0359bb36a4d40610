"""From colour, light and ink to the finished picture in its style."""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from animate_cli.data.toons.canvas import Canvas
from animate_cli.data.toons.geometry import per_pixel
from animate_cli.data.toons.identity import Colors, Style
from animate_cli.data.toons.trees import take

GRAY = (0.299, 0.587, 0.114)


class Placed(Protocol):
    """A pose with a place [B, 2], from which its grain is seeded."""

    @property
    def place(self) -> Tensor:
        """(x, y) in [-1, 1]."""


def apply_style(style: Style, colors: Colors, canvas: Canvas, pose: Placed) -> Tensor:
    """Finish a picture [B, 3, H, W] in [0, 1]."""
    image = canvas.color
    lines, manga = style.kind == 4, style.kind == 7
    if bool(lines.any()):
        image[lines] = _sketch(image[lines], take(colors, lines))
    image = image * canvas.light[:, None]
    if bool(manga.any()):
        image[manga] = _gray(image[manga])
    image = torch.lerp(image, colors.ink[:, :, None, None], (canvas.ink * per_pixel(style.ink))[:, None])
    image = image * style.tint[:, :, None, None]
    grainy = style.grain > 0
    if bool(grainy.any()):
        image[grainy] += _grain(image[grainy], style.grain[grainy], pose.place[grainy])
    pixels = style.kind == 6
    if bool(pixels.any()):
        image[pixels] = _blocks(image[pixels])
    return image.clamp_(0, 1)


def _gray(image: Tensor) -> Tensor:
    weights = torch.tensor(GRAY).to(image)[:, None, None]
    return (image * weights).sum(1, keepdim=True).expand_as(image)


def _sketch(image: Tensor, colors: Colors) -> Tensor:
    skin = _gray(colors.skin[:, :, None, None]).clamp_min(0.12)
    tone = ((_gray(image) / skin - 0.35) * 1.9).clamp(0, 1)
    return torch.lerp(colors.ink[:, :, None, None], colors.paper[:, :, None, None], tone)


def _grain(image: Tensor, strength: Tensor, place: Tensor) -> Tensor:
    """Noise like a camera's, the same for the same pose."""
    seeds = (place.double().cpu() @ torch.tensor([1e6, 1e7], dtype=torch.float64)).long().tolist()
    rows = [
        torch.randn(image.shape[1:], generator=torch.Generator().manual_seed(seed % 2**31)) for seed in seeds
    ]
    noise = torch.stack(rows).to(image)
    return noise * strength[:, None, None, None]


def _blocks(image: Tensor) -> Tensor:
    size = image.shape[-1]
    block = max(2, size // 48)
    small = avg_pool2d(image, block, ceil_mode=True, count_include_pad=False)
    small = (small * 9).round() / 9
    return interpolate(small, scale_factor=block, mode="nearest")[:, :, :size, :size]
