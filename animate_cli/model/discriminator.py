"""The patch discriminator of the adversarial presets."""

from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from animate_cli.config import DiscriminatorConfig
from animate_cli.errors import ConfigError
from animate_cli.model.blocks import unet_widths
from animate_cli.model.grid import gaussian_heatmaps
from animate_cli.model.values import Keypoints

SMALLEST_SCORES = 2
"""Side of the smallest score map; instance norm needs several places."""


class Judgement(NamedTuple):
    """What the discriminator says: a score map [B, 1, h, w], and each block's features for matching."""

    score: Tensor
    features: tuple[Tensor, ...]


class DiscriminatorBlock(nn.Module):
    """4x4 convolution without padding, instance norm but in the first block, LeakyReLU, maybe pooling."""

    def __init__(
        self, in_channels: int, out_channels: int, *, norm: bool, pool: bool, spectral: bool
    ) -> None:
        super().__init__()
        conv = nn.Conv2d(in_channels, out_channels, 4)
        self.conv = spectral_norm(conv) if spectral else conv
        self.norm = nn.InstanceNorm2d(out_channels, affine=True) if norm else nn.Identity()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        x = F.leaky_relu(self.norm(self.conv(x)), 0.2)
        return F.avg_pool2d(x, 2) if self.pool else x


class Discriminator(nn.Module):
    """Judge patches of a picture, with the keypoints' heatmaps beside it where the preset says so."""

    def __init__(self, config: DiscriminatorConfig, num_keypoints: int, variance: float = 0.01) -> None:
        super().__init__()
        self.keypoint_heatmaps = config.keypoint_heatmaps
        self.variance = variance
        extra = num_keypoints if config.keypoint_heatmaps else 0
        widths = unet_widths(config.base_channels, config.max_channels, config.num_blocks)
        last = config.num_blocks - 1
        self.blocks = nn.ModuleList(
            DiscriminatorBlock(inner, outer, norm=i > 0, pool=i < last, spectral=config.spectral_norm)
            for i, (inner, outer) in enumerate(pairwise([3 + extra, *widths]))
        )
        head = nn.Conv2d(widths[-1], 1, 1)
        self.head = spectral_norm(head) if config.spectral_norm else head

    def forward(self, image: Tensor, keypoints: Keypoints) -> Judgement:
        """Judge image [B, 3, H, W] in [0, 1]; keypoints are used only where the config asks for heatmaps."""
        x = image
        if self.keypoint_heatmaps:
            heatmaps = gaussian_heatmaps(keypoints.value, image.shape[-2], image.shape[-1], self.variance)
            x = torch.cat([image, heatmaps], dim=1)
        features = []
        for block in self.blocks:
            x = block(x)
            features.append(x)
        return Judgement(self.head(x), tuple(features))


def check_judged_size(config: DiscriminatorConfig, height: int, width: int) -> None:
    """Make sure that something of a picture is left to be judged.

    Raises:
        ConfigError: a side is too short; the shortest that is not is named.
    """
    shortest = SMALLEST_SCORES + 3
    for _ in range(config.num_blocks - 1):
        shortest = 2 * shortest + 3
    if min(height, width) < shortest:
        raise ConfigError(
            f"a picture of {height}x{width} is too small for the discriminator, whose {config.num_blocks} blocks "
            f"need sides of at least {shortest} pixels; lower discriminator.num_blocks, or set loss.generator_gan "
            "to 0"
        )
