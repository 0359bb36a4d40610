"""The generator's blocks in 8 bits, and which of them follow each other without leaving bytes."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from animate_cli.fast.convolution import folded
from animate_cli.fast.eight_bits import (
    LARGEST_BYTE,
    ByteConvolution,
    ToBytes,
    range_before,
    range_behind,
    rounded,
)
from animate_cli.fast.pixel_blocks import PixelBlocks
from animate_cli.fast.upsampling import by_phase, interleave
from animate_cli.model.blocks import ResidualBlock, UpBlock
from animate_cli.model.generator import Generator
from animate_cli.model.scaling import nearest_kernel


class ByteResidual(nn.Module):
    """The quick twin of a residual block in 8 bits. It overwrites its input."""

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        norm1, norm2 = block.norm1, norm_of(block.norm2)
        before, between = (range_behind(norm) / LARGEST_BYTE for norm in (norm1, norm2))
        conv1 = folded(block.conv1, norm2)
        self.norm1 = norm1
        self.norm1.weight.data /= before
        self.norm1.bias.data /= before
        kernel = conv1.weight * before[:, None, None] / between[:, None, None, None]
        self.conv1 = ByteConvolution(kernel, _bias(conv1) / between, padding=1, relu=True)
        self.conv2 = ByteConvolution(block.conv2.weight * between[:, None, None], block.conv2.bias, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block to x [B, C, H, W], channels last."""
        hidden: Tensor = self.conv1(rounded(self.norm1(x)), torch.uint8)
        return x.add_(self.conv2(hidden, x.dtype))


class ByteUp(nn.Module):
    """The quick twin of a nearest up block from bytes to bytes: [B, C, h, w] to [B, C', 2h, 2w].

    Its four phases are one convolution of 2x2, which oneDNN does in bytes at full speed.

    Args:
        block: the plain one.
        enter: what the bytes mean that come in; floating values are turned into them.
        leave: what the bytes of the result mean.
    """

    def __init__(self, block: UpBlock, enter: ToBytes, leave: ToBytes) -> None:
        super().__init__()
        conv = folded(block.conv, block.norm)
        kernel = conv.weight.detach() * enter.unit[:, None, None] / leave.unit[:, None, None, None]
        bias = (_bias(conv) / leave.unit).repeat(4)
        self.enter = enter
        self.conv = ByteConvolution(
            by_phase(nearest_kernel(kernel)), bias, padding=1, relu=True, zero=enter.zero
        )

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return interleave(self.conv(self.enter(x), torch.uint8))


def put_in_bytes(generator: Generator, *, gated: bool) -> None:
    """Exchange a generator's blocks for their twins in 8 bits, in place, where that gains.

    A decoder gains where nothing comes between its blocks, so that it stays in bytes to the end; else what is won
    is lost on the way into bytes and back.

    Args:
        generator: the plain one.
        gated: an occlusion map comes behind every up block.
    """
    residuals = [block for block in generator.residual_blocks if isinstance(block, ResidualBlock)]
    config = generator.config
    straight = config.upsampling == "nearest" and not (gated or config.skips or config.hints)
    if residuals and straight:
        _put_decoder_in_bytes(generator, range_before(residuals[-1].norm1))
    generator.residual_blocks = nn.ModuleList(map(ByteResidual, residuals))


def _put_decoder_in_bytes(generator: Generator, largest: Tensor) -> None:
    """Exchange the up blocks and the head; ``largest`` is how far from 0 each channel of the first gets."""
    blocks = [block for block in generator.up_blocks if isinstance(block, UpBlock)]
    behind = [ToBytes(range_behind(norm_of(block.norm))) for block in blocks]
    steps = pairwise([ToBytes(largest, signed=True), *behind])
    generator.up_blocks = nn.ModuleList(
        ByteUp(block, *step) for block, step in zip(blocks, steps, strict=True)
    )
    generator.final.weight.data *= behind[-1].unit[:, None, None]
    generator.final = PixelBlocks(generator.final, ByteConvolution)  # type: ignore[assignment]


def norm_of(norm: nn.Module) -> nn.BatchNorm2d:
    """Return a batch norm as what it is; only folding, which comes later, takes one away."""
    assert isinstance(norm, nn.BatchNorm2d)  # noqa: S101
    return norm


def _bias(conv: nn.Conv2d) -> Tensor:
    return conv.weight.new_zeros(len(conv.weight)) if conv.bias is None else conv.bias.detach()
