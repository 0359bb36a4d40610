"""The generator: encode the source once, warp its features by the motion, paint what is hidden."""

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from animate_cli.config import GeneratorConfig
from animate_cli.model.blocks import ConvBlock, DownBlock, ResidualBlock, UpBlock, dtype_of
from animate_cli.model.context import NUM_BLOCKS as CONTEXT_BLOCKS
from animate_cli.model.context import Context
from animate_cli.model.grid import Sampling, gate
from animate_cli.model.hints import KeypointHints
from animate_cli.model.moved_sources import MovedSources
from animate_cli.model.values import SourceFeatures

START_KEEPING = 2.0
"""What the sigmoid of the blend begins at: a share of 0.88."""


class Painted(NamedTuple):
    """The frame and the warped source [B, 3, H, W].

    If they are blended: the share [B, 1, H, W] kept of the latter, and what was painted alone [B, 3, H, W].
    """

    image: Tensor
    deformed: Tensor
    kept: Tensor | None = None
    alone: Tensor | None = None


class Generator(nn.Module):
    """Encoder, warp, residual blocks and a decoder gated by occlusion maps: section 2.4 and figure 9."""

    def __init__(self, config: GeneratorConfig, sampling: Sampling, num_keypoints: int) -> None:
        super().__init__()
        self.config = config
        self.sampling = sampling
        widths = generator_widths(config)
        self.first = ConvBlock(3, widths[0], 7)
        self.down_blocks = nn.ModuleList(DownBlock(inner, outer) for inner, outer in pairwise(widths))
        self.context = Context(widths[-1]) if config.context else None
        self.residual_blocks = nn.ModuleList(
            ResidualBlock(widths[-1]) for _ in range(config.num_residual_blocks)
        )
        self.up_blocks = nn.ModuleList(
            UpBlock(inner, outer, config.upsampling)
            for inner, outer in zip(widths[::-1], widths[-2::-1], strict=False)
        )
        kernel_size = config.final_kernel_size
        inputs, outputs = widths[0] + 3 * config.skips, 4 if config.blend else 3
        self.final = nn.Conv2d(inputs, outputs, kernel_size, padding=kernel_size // 2)
        if config.blend:
            self._start_keeping()
        told = widths[:0:-1] if config.hints else []
        self.hints = nn.ModuleList(KeypointHints(num_keypoints, width, i) for i, width in enumerate(told))

    def _start_keeping(self) -> None:
        """Begin with most of the warped source, so that painting is learned where it is needed."""
        bias = torch.tensor([0.0, 0.0, 0.0, START_KEEPING])
        self.final.bias = nn.Parameter(bias)

    def encode(self, image: Tensor) -> SourceFeatures:
        """Encode image [B, 3, H, W] in [0, 1]; nothing here depends on the driving frame."""
        levels = [self.first(image.to(dtype_of(self)))]
        for down in self.down_blocks:
            levels.append(down(levels[-1]))
        return SourceFeatures(tuple(levels))

    def forward(self, moved: MovedSources, places: Tensor) -> Painted:
        """Paint the frame that the motion and keypoints at places [B, K, 2] ask for, and warp the images alike."""
        x = self._carry(moved, -1)
        coarse = moved.occlusions[0]
        if self.config.occlusion_before_residuals:
            x = gate(x, coarse)
        x = self._hint(x, places, 0)
        if self.context is not None:
            x = self.context(x)
        for block in self.residual_blocks:
            x = block(x)
        if not self.config.occlusion_before_residuals:
            x = gate(x, coarse)
        for scale, up in enumerate(self.up_blocks, start=1):
            x = self._restore(up(x), moved, scale)
            x = self._hint(x, places, scale)
        images = [self.sampling.warp(one.image, one.motion.deformation) for one in moved.sources]
        return self._paint(x, moved.merge(images))

    def _carry(self, moved: MovedSources, level: int) -> Tensor:
        """Warp the features of a level, of all sources."""
        return moved.merge(
            [self.sampling.warp(one.features.levels[level], one.motion.deformation) for one in moved.sources]
        )

    def _hint(self, x: Tensor, places: Tensor, scale: int) -> Tensor:
        hinted: Tensor = self.hints[scale](x, places) if scale < len(self.hints) else x
        return hinted

    def _restore(self, x: Tensor, moved: MovedSources, scale: int) -> Tensor:
        """Apply the occlusion map of a finer scale: equation (13), or to the warped source's features.

        At full size the warped picture itself takes the place of its features, in `_paint`.
        """
        occlusion = moved.occlusions[scale] if scale < len(moved.occlusions) else None
        if not self.config.skips:
            return x if occlusion is None else gate(x, occlusion)
        if scale == len(self.up_blocks):
            return x
        warped = self._carry(moved, -1 - scale)
        return x + (warped if occlusion is None else gate(warped, occlusion))

    def _paint(self, x: Tensor, deformed: Tensor) -> Painted:
        if self.config.skips:
            x = torch.cat([x, deformed.to(x.dtype)], dim=1)
        painted = torch.sigmoid(self.final(x).float())
        if not self.config.blend:
            return Painted(painted, deformed)
        image, kept = painted[:, :3], painted[:, 3:]
        return Painted(image + kept * (deformed - image), deformed, kept, image)


def generator_widths(config: GeneratorConfig) -> list[int]:
    """List the channels of the encoder's levels, fine to coarse."""
    return [min(config.max_channels, config.base_channels * 2**i) for i in range(config.num_down_blocks + 1)]


def generator_step(config: GeneratorConfig) -> int:
    """Return the number that both sides of what is painted must be a multiple of."""
    halvings = config.num_down_blocks + (CONTEXT_BLOCKS if config.context else 0)
    return 1 << halvings
