"""Residual blocks in 8 bits: twice bfloat16's rate where a CPU multiplies bytes, at a small loss.

Activations are never negative behind a ReLU, so they are bytes in [0, 255]. Every channel has a scale of its own,
which costs nothing: the batch norm before a convolution divides by it, and its kernel multiplies by it again. The
scale comes from the batch norm, too, which says how large a channel's values usually are, so no pictures are needed
and every frame is computed alike.
"""

import torch
from torch import Tensor, nn

from animate_cli.fast.convolution import LAST, folded
from animate_cli.model.blocks import ResidualBlock

LARGEST_BYTE, LARGEST_WEIGHT = 255, 127
REACH = 8.0
"""Standard deviations above a channel's mean that still fit; what is larger is cut off."""

LEAST_RANGE = 1e-6
SAME = [1, 1]
"""Stride, padding and dilation of the blocks' 3x3 convolutions."""


def multiplies_bytes() -> bool:
    """Tell whether this CPU and this torch have fast convolutions of bytes."""
    capabilities = torch.cpu.get_capabilities()
    fast = any(capabilities.get(name) for name in ("avx512_vnni", "amx_int8"))
    operations = ("qconv_prepack", "qconv2d_pointwise")
    return fast and all(hasattr(torch.ops.onednn, name) for name in operations)


def usual_range(norm: nn.BatchNorm2d) -> Tensor:
    """Return how large each channel gets behind a batch norm and ReLU, [C]: its mean and `REACH` deviations."""
    return (norm.bias + REACH * norm.weight.abs()).clamp(min=LEAST_RANGE)


class ByteConvolution(nn.Module):
    """A 3x3 convolution of bytes [B, C, H, W], channels last, whose shape stays: each kernel in 8 bits.

    Args:
        weight: [C', C, 3, 3], of bytes, so the channels' scales are in it.
        bias: [C'].
        relu: give bytes again, cut off at 0 and 255; else floating values.
    """

    def __init__(self, weight: Tensor, bias: Tensor, *, relu: bool) -> None:
        super().__init__()
        scales = weight.abs().amax((1, 2, 3)).clamp(min=LEAST_RANGE) / LARGEST_WEIGHT
        kernel = (weight / scales[:, None, None, None]).round().to(torch.int8)
        self.relu, self.scales, self.bias = relu, scales.float(), bias.float()
        self.zeros = torch.zeros(len(scales), dtype=torch.int32)
        self.packed = torch.ops.onednn.qconv_prepack(kernel, self.scales, 1.0, 0, SAME, SAME, SAME, 1)

    def forward(self, x: Tensor, dtype: torch.dtype = torch.uint8) -> Tensor:
        """Convolve x into values of a type, bytes by default."""
        y: Tensor = torch.ops.onednn.qconv2d_pointwise(
            x, 1.0, 0, self.packed, self.scales, self.zeros, self.bias, SAME, SAME, SAME, 1,
            1.0, 0, dtype, "relu" if self.relu else "none", [], "",
        )  # fmt: skip
        return y


class ByteResidual(nn.Module):
    """The quick twin of a residual block in 8 bits. It overwrites its input."""

    def __init__(self, block: ResidualBlock) -> None:
        super().__init__()
        norm1, norm2 = block.norm1, block.norm2
        assert isinstance(norm2, nn.BatchNorm2d)  # noqa: S101  (only folding takes it away)
        before, between = (usual_range(norm) / LARGEST_BYTE for norm in (norm1, norm2))
        conv1 = folded(block.conv1, norm2)
        self.norm1 = norm1
        self.norm1.weight.data /= before
        self.norm1.bias.data /= before
        kernel = conv1.weight * before[:, None, None] / between[:, None, None, None]
        self.conv1 = ByteConvolution(kernel, _bias(conv1) / between, relu=True)
        self.conv2 = ByteConvolution(
            block.conv2.weight * between[:, None, None], _bias(block.conv2), relu=False
        )

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block to x [B, C, H, W], channels last."""
        normalised: Tensor = self.norm1(x)
        activated = normalised.round_().clamp_(0, LARGEST_BYTE).to(torch.uint8, memory_format=LAST)
        hidden: Tensor = self.conv1(activated)
        return x.add_(self.conv2(hidden, x.dtype))


def _bias(conv: nn.Conv2d) -> Tensor:
    return conv.weight.new_zeros(len(conv.weight)) if conv.bias is None else conv.bias.detach()
