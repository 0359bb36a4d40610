"""Upsampling by two merged with the convolution behind it: the large upsampled picture is never made.

Of an output pixel's place (2i + p, 2j + q), (p, q) is its phase. Every phase is a convolution of the small
picture; a transposed convolution computes all four, or one with four times the outputs, shuffled afterwards.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animate_cli.fast.convolution import LAST, Convolution, folded
from animate_cli.model.blocks import UpBlock
from animate_cli.model.scaling import nearest_kernel

LANES = 16
"""Outputs that a CPU computes at once; a transposed convolution whose outputs are no multiple wastes the rest."""

NARROW = 16
"""Outputs of a bilinear block up to which its four phases are computed directly, four by four."""


def merged_up(block: UpBlock) -> nn.Module:
    """Return the merged twin of an up block, its batch norm folded in."""
    conv = folded(block.conv, block.norm)
    if block.upsampling == "nearest":
        return MergedNearest(conv)
    return BilinearPhases(conv) if conv.out_channels <= NARROW else BlurredNearest(conv)


def by_phase(transposed: Tensor) -> Tensor:
    """Turn a transposed kernel [C, C', 4, 4] into a 2x2 one [4 C', C, 2, 2], phases outermost."""
    phases = [transposed[:, :, p::2, q::2].flip(2, 3) for p in (1, 0) for q in (1, 0)]
    return torch.stack(phases).transpose(1, 2).flatten(0, 1).contiguous()


def shuffle(phases: Tensor) -> Tensor:
    """Interleave phases [B, 4 C, h, w] to [B, C, 2h, 2w], channels last."""
    batch, channels, height, width = phases.shape
    split = phases.permute(0, 2, 3, 1).reshape(batch, height, width, 2, 2, channels // 4)
    rows = split.permute(0, 1, 3, 2, 4, 5).reshape(batch, 2 * height, 2 * width, channels // 4)
    return rows.permute(0, 3, 1, 2)


def interleave(phases: Tensor) -> Tensor:
    """Interleave phases [B, 4 C, h + 1, w + 1], where (p, q) begins at (p, q), to [B, C, 2h, 2w], channels last."""
    batch, channels, height, width = phases.shape
    channels, height, width = channels // 4, height - 1, width - 1
    size = batch, channels, 2 * height, 2 * width
    whole = torch.empty(size, dtype=phases.dtype, device=phases.device, memory_format=LAST)
    for phase, (p, q) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        own = phases[:, phase * channels : (phase + 1) * channels, p : p + height, q : q + width]
        whole[:, :, p::2, q::2] = own
    return whole


class MergedNearest(nn.Module):
    """Nearest upsampling, 3x3 convolution, batch norm and ReLU in one: [B, C, h, w] to [B, C', 2h, 2w]."""

    def __init__(self, conv: nn.Conv2d, *, relu: bool = True) -> None:
        super().__init__()
        kernel, bias = nearest_kernel(conv.weight.detach()), conv.bias
        self.whole = conv.out_channels % LANES == 0
        if self.whole:
            self.conv = Convolution(kernel, bias, padding=1, stride=2, relu=relu, transposed=True)
        else:
            bias = None if bias is None else bias.repeat(4)
            self.conv = Convolution(by_phase(kernel), bias, padding=1, relu=relu)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return self.conv(x) if self.whole else interleave(self.conv(x))


class Edges(nn.Module):
    """Computes the outermost two pixels of a bilinear up block plainly.

    There bilinear upsampling repeats the picture's edge while the convolution pads with zeros: no merged kernel
    does both.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv = Convolution(conv.weight, conv.bias, padding=1, relu=True)

    def forward(self, x: Tensor, up: Tensor) -> Tensor:
        """Put the edges of the upsampled x [B, C, h, w] into ``up`` [B, C', 2h, 2w], in place."""
        batch = len(x)
        rows = self._plainly(torch.cat([x[:, :, :2], x[:, :, -2:]]))
        columns = self._plainly(torch.cat([x[..., :2], x[..., -2:]]))
        up[:, :, :2], up[:, :, -2:] = rows[:batch, :, :2], rows[batch:, :, -2:]
        up[..., :2], up[..., -2:] = columns[:batch, ..., :2], columns[batch:, ..., -2:]
        return up

    def _plainly(self, x: Tensor) -> Tensor:
        large = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
        convolved: Tensor = self.conv(large.contiguous(memory_format=LAST))
        return convolved


class BlurredNearest(nn.Module):
    """A bilinear up block as a nearest one and a blur of 1 2 1, which together are bilinear upsampling.

    Convolutions may change places, so the blur comes last, on fewer channels than it would come first.
    """

    kernel: Tensor

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.nearest = MergedNearest(conv, relu=False)
        self.blur = Blur(conv.out_channels)
        self.edges = Edges(conv)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        edged: Tensor = self.edges(x, self.blur(self.nearest(x)))
        return edged


class Blur(nn.Module):
    """Blur by 1 2 1 in both directions, then ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        taps = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("kernel", torch.outer(taps, taps).repeat(channels, 1, 1, 1), persistent=False)
        self.kernel: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Blur x."""
        kernel = self.kernel.to(x.dtype)
        return F.conv2d(x, kernel, padding=1, groups=len(kernel)).relu_()


class BilinearPhases(nn.Module):
    """A bilinear up block of few outputs as one 3x3 convolution to all four phases, shuffled."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        bias = None if conv.bias is None else conv.bias.repeat(4)
        self.conv = Convolution(bilinear_kernel(conv.weight.detach()), bias, padding=1, relu=True)
        self.edges = Edges(conv)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        edged: Tensor = self.edges(x, shuffle(self.conv(x)))
        return edged


def bilinear_kernel(weight: Tensor) -> Tensor:
    """Merge bilinear upsampling and a 3x3 kernel [C', C, 3, 3] into one of all phases, [4 C', C, 3, 3]."""
    matrix = torch.tensor(
        [[[0.75, 0.25, 0.0], [0.25, 0.75, 0.0], [0.0, 0.75, 0.25]],
         [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25], [0.0, 0.25, 0.75]]]
    )  # fmt: skip
    # phase, tap of the large picture, pixel of the small one: what bilinear upsampling reads at that tap
    merged = torch.einsum("ocyx,pyi,qxj->pqocij", weight.float(), matrix, matrix)
    return merged.flatten(0, 2).to(weight.dtype)
