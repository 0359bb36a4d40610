"""Convolutions in 8 bits: twice bfloat16's rate where a CPU multiplies bytes, at a small loss.

Every channel has a scale of its own, which costs nothing: what comes before a convolution divides by it, and its
kernel multiplies by it again. The scale comes from a batch norm, which says how large a channel's values usually
are, so no pictures are needed and every frame is computed alike.
"""

import torch
from torch import Tensor, nn

from animate_cli.fast.convolution import LAST

LARGEST_BYTE, LARGEST_WEIGHT = 255, 127
MIDDLE = 128
"""The byte that means 0 where values may be negative."""

REACH = 8.0
"""Standard deviations from a channel's mean that still fit; what is farther is cut off."""

LEAST_RANGE = 1e-6


def multiplies_bytes() -> bool:
    """Tell whether this CPU and this torch have fast convolutions of bytes."""
    capabilities = torch.cpu.get_capabilities()
    fast = any(capabilities.get(name) for name in ("avx512_vnni", "amx_int8"))
    operations = ("qconv_prepack", "qconv2d_pointwise")
    return fast and all(hasattr(torch.ops.onednn, name) for name in operations)


def range_behind(norm: nn.BatchNorm2d) -> Tensor:
    """Return how large each channel gets behind a batch norm and ReLU, [C]."""
    return (norm.bias + REACH * norm.weight.abs()).clamp(min=LEAST_RANGE)


def range_before(norm: nn.BatchNorm2d) -> Tensor:
    """Return how far from 0 each channel gets in front of a batch norm, by what it saw in training, [C]."""
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None and variance is not None  # noqa: S101, PT018  (ours keep account)
    return (mean.abs() + REACH * variance.sqrt()).clamp(min=LEAST_RANGE)


def rounded(x: Tensor, zero: int = 0) -> Tensor:
    """Round x, cut it off where bytes end, and make bytes, channels last; ``zero`` is the byte that means 0.

    It overwrites x. There is no quick way from floating values to bytes but over 16 bits.
    """
    whole = x.round_().clamp_(-zero, LARGEST_BYTE - zero).to(torch.int16, memory_format=LAST)
    return (whole.add_(zero) if zero else whole).to(torch.uint8)


class ToBytes(nn.Module):
    """Turns values [B, C, H, W] into bytes; what is in bytes already stays.

    Args:
        largest: [C], how far from 0 each channel gets.
        signed: values may be negative.
    """

    def __init__(self, largest: Tensor, *, signed: bool = False) -> None:
        super().__init__()
        self.zero = MIDDLE if signed else 0
        self.unit = largest / (LARGEST_BYTE - self.zero)
        self._factor = self.unit.reciprocal()[:, None, None]

    def forward(self, x: Tensor) -> Tensor:
        """Turn x into bytes."""
        return x if x.dtype == torch.uint8 else rounded(x * self._factor.to(x.dtype), self.zero)


class ByteConvolution(nn.Module):
    """A convolution of bytes [B, C, H, W], channels last: each kernel in 8 bits.

    Args:
        weight: [C', C, k, k], of bytes, so the channels' scales are in it.
        bias: [C'], None for 0.
        padding, stride: as of any convolution, the same on every side.
        relu: cut off at 0.
        zero: the byte that means 0 in what comes in.
    """

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        *,
        padding: int = 0,
        stride: int = 1,
        relu: bool = False,
        zero: int = 0,
    ) -> None:
        super().__init__()
        scales = weight.abs().amax((1, 2, 3)).clamp(min=LEAST_RANGE) / LARGEST_WEIGHT
        kernel = (weight / scales[:, None, None, None]).round().to(torch.int8)
        self.relu, self.zero, self.scales = relu, zero, scales.float()
        self.bias = torch.zeros(len(scales)) if bias is None else bias.detach().float()
        self.zeros = torch.zeros(len(scales), dtype=torch.int32)
        self.shape = [stride, stride], [padding, padding], [1, 1], 1
        self.packed = torch.ops.onednn.qconv_prepack(kernel, self.scales, 1.0, zero, *self.shape)

    def forward(self, x: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        """Convolve x into values of a type; bytes are cut off at 0 and 255."""
        y: Tensor = torch.ops.onednn.qconv2d_pointwise(
            x, 1.0, self.zero, self.packed, self.scales, self.zeros, self.bias, *self.shape,
            1.0, 0, dtype, "relu" if self.relu else "none", [], "",
        )  # fmt: skip
        return y
