"""Attention on the features xi of dense motion: none, CBAM, and the paper's max-pool attention.

To add one, write a module [B, C, h, w] to [B, C, h, w] and give it a row in `ATTENTIONS`.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

REDUCTION = 16
MAX_POOL_GAIN = 2.0


class ChannelMLP(nn.Sequential):
    """Shared two-layer perceptron over channels: [B, C] to [B, C]."""

    def __init__(self, channels: int) -> None:
        hidden = max(1, channels // REDUCTION)
        super().__init__(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels))


def strongest(x: Tensor, dims: tuple[int, ...], *, keepdim: bool = False) -> Tensor:
    """Return the maximum over ``dims``, found in float32: in half precisions a CPU takes ten times as long."""
    return x.float().amax(dims, keepdim=keepdim).to(x.dtype)


class SpatialAttention(nn.Module):
    """Weigh places by a 7x7 convolution over the channels' mean and maximum: equation (9)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """Return the weighted features."""
        pooled = torch.cat([x.mean(1, keepdim=True), strongest(x, (1,), keepdim=True)], dim=1)
        return x * torch.sigmoid(self.conv(pooled))


class MaxPoolAttention(nn.Module):
    """The paper's attention, equations (8) to (10): channels by their maximum over space, then places."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mlp = ChannelMLP(channels)
        self.spatial = SpatialAttention()

    def forward(self, x: Tensor) -> Tensor:
        """Return the weighted features."""
        weight = torch.sigmoid(MAX_POOL_GAIN * self.mlp(strongest(x, (2, 3))))
        weighted: Tensor = self.spatial(x * weight[:, :, None, None])
        return weighted


class CBAM(nn.Module):
    """The baseline of Woo et al. 2018: channels by average and maximum with a shared MLP, then places."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mlp = ChannelMLP(channels)
        self.spatial = SpatialAttention()

    def forward(self, x: Tensor) -> Tensor:
        """Return the weighted features."""
        weight = torch.sigmoid(self.mlp(x.mean((2, 3))) + self.mlp(strongest(x, (2, 3))))
        weighted: Tensor = self.spatial(x * weight[:, :, None, None])
        return weighted


def no_attention(channels: int) -> nn.Module:
    """Leave features as they are, as FOMM does."""
    del channels
    return nn.Identity()


ATTENTIONS: dict[str, Callable[[int], nn.Module]] = {
    "none": no_attention,
    "cbam": CBAM,
    "max": MaxPoolAttention,
}
