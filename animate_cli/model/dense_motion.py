"""Dense motion: from the keypoints of source and driving to one deformation and its occlusion maps."""

import torch
from torch import Tensor, nn

from animate_cli.config import ModelConfig
from animate_cli.model.attention import ATTENTIONS
from animate_cli.model.blocks import UNet, dtype_of
from animate_cli.model.grid import coordinate_grid, full_precision, gaussian_heatmaps, invert_2x2, sample
from animate_cli.model.occlusion import OcclusionMaps
from animate_cli.model.values import DenseMotion, Keypoints


class DenseMotionNetwork(nn.Module):
    """Combine the K local affine motions and the background by learned masks: equations (3) to (12)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        motion = config.motion
        self.variance = motion.heatmap_variance
        self.align_corners = config.align_corners
        num_motions = config.num_keypoints + 1
        self.unet = UNet(4 * num_motions, motion.base_channels, motion.max_channels, motion.num_blocks)
        channels = self.unet.out_channels
        self.attention = ATTENTIONS[motion.attention](channels)
        kernel_size = motion.mask_kernel_size
        self.mask_head = nn.Conv2d(channels, num_motions, kernel_size, padding=kernel_size // 2)
        num_scales = config.generator.num_down_blocks + 1
        self.occlusion = OcclusionMaps(config.occlusion, channels, num_scales)

    def forward(self, small: Tensor, source: Keypoints, driving: Keypoints) -> DenseMotion:
        """Estimate the motion of small, the downscaled source [B, 3, h, w], from driving back to source."""
        height, width = small.shape[-2:]
        with full_precision(small):
            motions = sparse_motions(source, driving, height, width)
        deformed = warp_by_each(small, motions, align_corners=self.align_corners)
        heatmaps = self._heatmaps(source, driving, height, width)
        network_input = torch.cat([heatmaps[:, :, None], deformed], dim=2).flatten(1, 2)
        features = self.unet(network_input.to(dtype_of(self), memory_format=torch.channels_last))
        mask = torch.softmax(self.mask_head(self.attention(features)).float(), dim=1)
        with full_precision(small):
            deformation = torch.einsum("bkhw,bkhwc->bhwc", mask, motions)
        return DenseMotion(deformation, mask, self.occlusion(features), deformed)

    def _heatmaps(self, source: Keypoints, driving: Keypoints, height: int, width: int) -> Tensor:
        difference = gaussian_heatmaps(driving.value, height, width, self.variance) - gaussian_heatmaps(
            source.value, height, width, self.variance
        )
        background = torch.zeros_like(difference[:, :1])
        return torch.cat([background, difference], dim=1)


def sparse_motions(source: Keypoints, driving: Keypoints, height: int, width: int) -> Tensor:
    """Give each keypoint's affine motion, the background's identity first: [B, K+1, height, width, 2].

    Equations (5) and (6).
    """
    grid = coordinate_grid(height, width, like=driving.value)
    offset = grid - driving.value.float()[:, :, None, None, :]
    jacobian = source.jacobian.float() @ invert_2x2(driving.jacobian.float())
    moved = torch.einsum("bkij,bkhwj->bkhwi", jacobian, offset) + source.value.float()[:, :, None, None, :]
    background = grid.expand(moved.shape[0], 1, -1, -1, -1)
    return torch.cat([background, moved], dim=1)


def warp_by_each(small: Tensor, motions: Tensor, *, align_corners: bool) -> Tensor:
    """Warp small [B, 3, h, w] by each of motions [B, M, h, w, 2] in one call: [B, M, 3, h, w]."""
    batch, count, height, width, _ = motions.shape
    stacked = sample(small, motions.reshape(batch, count * height, width, 2), align_corners=align_corners)
    return torch.unflatten(stacked, 2, (count, height)).transpose(1, 2)
