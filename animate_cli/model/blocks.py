"""Building blocks that every network shares; they take plain numbers."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animate_cli.model.scaling import average_pool, nearest_kernel

MERGED_FROM = 2048
"""Pixels of a batch from which merging a kernel costs less than what it saves."""


class ConvBlock(nn.Module):
    """Convolution with zero padding, batch norm, ReLU: [B, in, H, W] to [B, out, H, W]."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
        self.norm: nn.Module = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return F.relu(self.norm(self.conv(x)))


class DownBlock(ConvBlock):
    """A 3x3 `ConvBlock` and 2x2 average pooling: [B, in, H, W] to [B, out, H/2, W/2]."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        return average_pool(super().forward(x))


class UpBlock(ConvBlock):
    """Upsampling by two and a 3x3 `ConvBlock`: [B, in, H, W] to [B, out, 2H, 2W].

    While training on a CPU, nearest upsampling is merged with the convolution, which is the same but for rounding.
    """

    def __init__(self, in_channels: int, out_channels: int, upsampling: str = "nearest") -> None:
        super().__init__(in_channels, out_channels)
        self.upsampling = upsampling

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        if self._merges(x):
            kernel, bias = nearest_kernel(self.conv.weight), self.conv.bias
            # The norm takes any bias off again: its gradient is zero, and PyTorch takes long to find that out.
            still = None if bias is None else bias.detach()
            return F.relu(self.norm(F.conv_transpose2d(x, kernel, still, stride=2, padding=1)))
        align_corners = False if self.upsampling == "bilinear" else None
        upsampled = F.interpolate(x, scale_factor=2.0, mode=self.upsampling, align_corners=align_corners)
        return super().forward(upsampled)

    def _merges(self, x: Tensor) -> bool:
        large = x.numel() >= MERGED_FROM * x.shape[1]
        return self.training and self.upsampling == "nearest" and x.device.type == "cpu" and large


class ResidualBlock(nn.Module):
    """Pre-activation residual block (batch norm, ReLU, 3x3 convolution, twice): shape is kept."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2: nn.Module = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        hidden = self.conv1(F.relu(self.norm1(x)))
        residual: Tensor = self.conv2(F.relu(self.norm2(hidden)))
        return x + residual


class AntiAliasDownscale(nn.Module):
    """Gaussian blur and decimation by 1/scale: [B, C, H, W] to [B, C, scale H, scale W] (MODEL.md has sigma).

    sigma is (1/scale - 1)/2 and the kernel has 2 round(4 sigma) + 1 taps. The blur is separable and computed
    only where a pixel is kept.
    """

    kernel: Tensor

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.step = round(1 / scale)
        sigma = (1 / scale - 1) / 2
        self.reach = round(4 * sigma)
        taps = torch.arange(-self.reach, self.reach + 1, dtype=torch.float64, device="cpu")
        kernel = torch.exp(-0.5 * (taps / max(sigma, 1e-6)).square())
        self.register_buffer("kernel", (kernel / kernel.sum()).float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Downscale the maps."""
        if self.step == 1:
            return x
        channels, taps = int(x.shape[1]), 2 * self.reach + 1
        weight = self.kernel.to(x.dtype).expand(channels, 1, taps)
        rows = F.conv2d(x, weight[..., None], stride=(self.step, 1), padding=(self.reach, 0), groups=channels)
        return F.conv2d(
            rows, weight[:, :, None], stride=(1, self.step), padding=(0, self.reach), groups=channels
        )


class UNet(nn.Module):
    """Hourglass with skips: [B, in, H, W] to [B, base + in, H, W]; the last skip is the input itself."""

    def __init__(self, in_channels: int, base_channels: int, max_channels: int, num_blocks: int) -> None:
        super().__init__()
        widths = unet_widths(base_channels, max_channels, num_blocks)
        self.encoder = nn.ModuleList(
            DownBlock(inner, outer) for inner, outer in zip([in_channels, *widths], widths, strict=False)
        )
        outputs = [*widths[-2::-1], base_channels]
        inputs = [widths[-1], *(2 * width for width in outputs[:-1])]
        self.decoder = nn.ModuleList(
            UpBlock(inner, outer) for inner, outer in zip(inputs, outputs, strict=True)
        )
        self.out_channels = base_channels + in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Encode and decode."""
        skips = [x]
        for down in self.encoder:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for up in self.decoder:
            x = torch.cat([up(x), skips.pop()], dim=1)
        return x


def unet_widths(base_channels: int, max_channels: int, num_blocks: int) -> Sequence[int]:
    """List the encoder's output channels: min(max, base 2^(i+1)) for block i."""
    return [min(max_channels, base_channels * 2 ** (i + 1)) for i in range(num_blocks)]


def dtype_of(module: nn.Module) -> torch.dtype:
    """Tell the floating type in which a network computes: its parameters', or autocast's where that is on."""
    weight = next(module.parameters())
    if torch.is_autocast_enabled(weight.device.type):
        return torch.get_autocast_dtype(weight.device.type)
    return weight.dtype
