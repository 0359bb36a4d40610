"""A head that paints four pixels at once: its few outputs then fill a CPU's lanes."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from animate_cli.fast.convolution import Convolution, padding_of

BLOCK = 2
"""Side of the block of pixels that are computed at once."""

Make = Callable[..., nn.Module]
"""Makes a convolution as `Convolution` does, of a kernel, a bias, a padding and a stride."""


class PixelBlocks(nn.Module):
    """A convolution to few channels that computes blocks of 2x2 pixels at stride 2: [B, C, H, W] to [B, C', H, W].

    The result is float32, channels first.
    """

    def __init__(self, conv: nn.Conv2d, make: Make = Convolution) -> None:
        """Compute what a convolution does, by convolutions of a kind."""
        super().__init__()
        side = conv.kernel_size[0]
        places = [(i, j) for i in range(BLOCK) for j in range(BLOCK)]
        larger = conv.weight.new_zeros(len(places), *conv.weight.shape[:2], side + 1, side + 1)
        for kernel, (i, j) in zip(larger, places, strict=True):
            kernel[:, :, i : i + side, j : j + side] = conv.weight.detach()
        bias = None if conv.bias is None else conv.bias.repeat(len(places))
        self.blocks = make(larger.flatten(0, 1), bias, padding=padding_of(conv), stride=BLOCK)
        self.plain = make(conv.weight, conv.bias, padding=padding_of(conv))

    def forward(self, x: Tensor) -> Tensor:
        """Apply the convolution."""
        batch, _, height, width = x.shape
        if height % BLOCK or width % BLOCK:
            odd: Tensor = self.plain(x)
            return odd.float().contiguous()
        blocks = self.blocks(x).permute(0, 2, 3, 1)
        split = blocks.view(batch, height // BLOCK, width // BLOCK, BLOCK, BLOCK, -1)
        whole = torch.empty(batch, split.shape[-1], height, width, device=x.device)
        places = whole.view(batch, -1, height // BLOCK, BLOCK, width // BLOCK, BLOCK)
        places.copy_(split.permute(0, 5, 1, 3, 2, 4))
        return whole
