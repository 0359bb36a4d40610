"""Occlusion maps from the features xi of dense motion: one, or one for each scale of the decoder (2.3)."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from animate_cli.config import OcclusionConfig
from animate_cli.model.blocks import UpBlock


class OcclusionMaps(nn.Module):
    """Predict where the source does not show what the driving frame needs.

    A single-scale configuration gives one map at the motion's resolution; a multi-scale one adds a map after
    each of ``num_scales`` - 1 bilinear up blocks of base, base/2, … channels.
    """

    def __init__(self, config: OcclusionConfig, in_channels: int, num_scales: int) -> None:
        super().__init__()
        num_branches = num_scales - 1 if config.multiscale else 0
        widths = [in_channels, *(config.base_channels // 2**i for i in range(num_branches))]
        self.up_blocks = nn.ModuleList(UpBlock(inner, outer, "bilinear") for inner, outer in pairwise(widths))
        padding = config.kernel_size // 2
        self.heads = nn.ModuleList(
            nn.Conv2d(width, 1, config.kernel_size, padding=padding) for width in widths
        )

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Map xi [B, C, h, w] to occlusion maps, coarse to fine, each [B, 1, h 2^i, w 2^i] in [0, 1]."""
        maps = [torch.sigmoid(self.heads[0](features))]
        for up, head in zip(self.up_blocks, self.heads[1:], strict=True):
            features = up(features)
            maps.append(torch.sigmoid(head(features)))
        return tuple(maps)
