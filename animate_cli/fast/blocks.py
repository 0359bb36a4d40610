"""Quick twins of the building blocks, and their exchange inside a network."""

from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor, nn

from animate_cli.fast.convolution import Convolution
from animate_cli.fast.upsampling import merged_up
from animate_cli.model.blocks import ConvBlock, DownBlock, ResidualBlock, UpBlock

Network = TypeVar("Network", bound=nn.Module)


class FusedDown(nn.Module):
    """A down block: convolution with batch norm and ReLU in one, then pooling."""

    def __init__(self, block: DownBlock) -> None:
        super().__init__()
        self.conv = Convolution.of(block.conv, block.norm, relu=True)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return F.avg_pool2d(self.conv(x), 2)


class FusedResidual(nn.Module):
    """A residual block whose inner batch norm and ReLU are fused, and whose sum is made in place.

    It overwrites its input.
    """

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        self.norm1 = block.norm1
        self.conv1 = Convolution.of(block.conv1, block.norm2, relu=True)
        self.conv2 = Convolution.of(block.conv2)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        hidden = self.conv1(self.norm1(x).relu_())
        return self.conv2.add_to(x, hidden)


def quicken(network: Network) -> Network:
    """Exchange every block and convolution inside a network for its quick twin, in place."""
    for name, child in network.named_children():
        quick = _twin(child)
        if quick is None:
            quicken(child)
        else:
            setattr(network, name, quick)
    return network


def _twin(module: nn.Module) -> nn.Module | None:
    if isinstance(module, UpBlock):
        return merged_up(module)
    if isinstance(module, DownBlock):
        return FusedDown(module)
    if isinstance(module, ConvBlock):
        return Convolution.of(module.conv, module.norm, relu=True)
    if isinstance(module, ResidualBlock):
        return FusedResidual(module)
    return Convolution.of(module) if isinstance(module, nn.Conv2d) else None
