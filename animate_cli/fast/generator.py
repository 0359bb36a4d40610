"""The generator for inference: gated warps as sums of rows, and a head that paints four pixels at once."""

import torch
from torch import Tensor, nn

from animate_cli.fast.blocks import quicken
from animate_cli.fast.convolution import LAST
from animate_cli.fast.gather import sample_planes, warp
from animate_cli.fast.pixel_blocks import PixelBlocks
from animate_cli.model.blocks import dtype_of
from animate_cli.model.generator import Generator, Painted
from animate_cli.model.grid import gate
from animate_cli.model.moved_sources import MovedSource, MovedSources
from animate_cli.model.values import DenseMotion, SourceFeatures


class FastGenerator(nn.Module):
    """The quick twin of `Generator`."""

    def __init__(self, plain: Generator) -> None:
        """Take over a generator, of which parts may be in bytes already; it is not to be used any more."""
        super().__init__()
        self.config, self.sampling = plain.config, plain.sampling
        self.final = PixelBlocks(plain.final) if isinstance(plain.final, nn.Conv2d) else plain.final
        del plain.final
        quick = quicken(plain)
        self.first, self.down_blocks = quick.first, quick.down_blocks
        self.context, self.residual_blocks = quick.context, quick.residual_blocks
        self.up_blocks, self.hints = quick.up_blocks, quick.hints

    def encode(self, image: Tensor) -> SourceFeatures:
        """Encode image [B, 3, H, W] in [0, 1]; nothing here depends on the driving frame."""
        levels = [self.first(image.to(dtype_of(self), memory_format=LAST))]
        for down in self.down_blocks:
            levels.append(down(levels[-1]))
        return SourceFeatures(tuple(levels))

    def forward(self, moved: MovedSources, places: Tensor) -> Painted:
        """Paint the frame that the motion and keypoints at places [B, K, 2] ask for, and warp the images alike."""
        early = self.config.occlusion_before_residuals
        coarse = moved.occlusions[0]
        x = self._hint(self._carry(moved, -1, coarse if early else None), places, 0)
        if self.context is not None:
            x = self.context(x)
        for block in self.residual_blocks:
            x = block(x)
        if not early:
            x = gate(x, coarse)
        for scale, up in enumerate(self.up_blocks, start=1):
            x = self._restore(up(x), moved, scale)
            x = self._hint(x, places, scale)
        return self._paint(x, moved.merge([self._carry_image(one) for one in moved.sources]))

    def _hint(self, x: Tensor, places: Tensor, scale: int) -> Tensor:
        hinted: Tensor = self.hints[scale](x, places) if scale < len(self.hints) else x
        return hinted

    def _carry(self, moved: MovedSources, level: int, occlusion: Tensor | None) -> Tensor:
        """Warp and gate the features of a level, of all sources."""
        carried = [
            self._warp(one.features.levels[level], one.motion, gates)
            for one, gates in zip(moved.sources, moved.gates(occlusion), strict=True)
        ]
        for other in carried[1:]:
            carried[0].add_(other)
        return carried[0]

    def _carry_image(self, one: MovedSource) -> Tensor:
        grid = self.sampling.resize_deformation(one.motion.deformation, *one.image.shape[-2:])
        return sample_planes(one.image, grid, align_corners=self.sampling.align_corners)

    def _warp(self, x: Tensor, motion: DenseMotion, occlusion: Tensor | None) -> Tensor:
        grid = self.sampling.resize_deformation(motion.deformation, *x.shape[-2:])
        return warp(x, grid, self.sampling, occlusion)

    def _restore(self, x: Tensor, moved: MovedSources, scale: int) -> Tensor:
        """Apply the occlusion map of a finer scale, as the plain generator does."""
        occlusion = moved.occlusions[scale] if scale < len(moved.occlusions) else None
        if not self.config.skips:
            return x if occlusion is None else gate(x, occlusion)
        if scale == len(self.up_blocks):
            return x
        return x.add_(self._carry(moved, -1 - scale, occlusion))

    def _paint(self, x: Tensor, deformed: Tensor) -> Painted:
        if self.config.skips:
            x = _beside(x, deformed)
        painted = torch.sigmoid_(self.final(x))
        if not self.config.blend:
            return Painted(painted, deformed)
        image, kept = painted[:, :3], painted[:, 3:]
        return Painted(torch.lerp(image, deformed, kept), deformed, kept)


def _beside(x: Tensor, picture: Tensor) -> Tensor:
    """Append a picture [B, 3, H, W] to features [B, C, H, W], channels last, whatever the picture's layout."""
    batch, channels, height, width = x.shape
    size = batch, channels + picture.shape[1], height, width
    joined = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=LAST)
    joined[:, :channels] = x
    joined[:, channels:] = picture
    return joined
