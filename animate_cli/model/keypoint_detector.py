"""The keypoint detector: a picture in, keypoints with local affine frames out."""

import torch
from torch import Tensor, nn

from animate_cli.config import DetectorConfig
from animate_cli.model.blocks import AntiAliasDownscale, UNet, dtype_of
from animate_cli.model.grid import coordinate_grid, full_precision
from animate_cli.model.values import Keypoints


class KeypointDetector(nn.Module):
    """Find K keypoints and their jacobians: equations (1) and (2)."""

    def __init__(self, config: DetectorConfig, num_keypoints: int) -> None:
        super().__init__()
        self.temperature = config.temperature
        self.downscale = AntiAliasDownscale(config.scale)
        self.unet = UNet(3, config.base_channels, config.max_channels, config.num_blocks)
        num_maps = 1 if config.shared_jacobian else num_keypoints
        kernel_size, channels = config.head_kernel_size, self.unet.out_channels
        padding = kernel_size // 2 if config.padded_heads else 0
        self.heatmap_head = nn.Conv2d(channels, num_keypoints, kernel_size, padding=padding)
        self.jacobian_head = nn.Conv2d(channels, 4 * num_maps, kernel_size, padding=padding)
        self._start_at_identity(num_maps)

    def _start_at_identity(self, num_maps: int) -> None:
        nn.init.zeros_(self.jacobian_head.weight)
        identity = torch.tensor([1.0, 0.0, 0.0, 1.0] * num_maps)
        self.jacobian_head.bias = nn.Parameter(identity)

    def forward(self, image: Tensor) -> Keypoints:
        """Detect the keypoints of image [B, 3, H, W] in [0, 1]."""
        features = self.unet(self.downscale(image).to(dtype_of(self)))
        logits, maps = self.heatmap_head(features), self.jacobian_head(features)
        with full_precision(image):
            return self._average(self.heatmaps(logits), torch.unflatten(maps.float(), 1, (-1, 4)))

    def find_heatmaps(self, image: Tensor) -> Tensor:
        """Compute the heatmaps [B, K, h, w] of image [B, 3, H, W] in [0, 1]."""
        features = self.unet(self.downscale(image).to(dtype_of(self)))
        return self.heatmaps(self.heatmap_head(features))

    def _average(self, heatmaps: Tensor, maps: Tensor) -> Keypoints:
        """Average places and jacobian maps [B, K or 1, 4, h, w] under heatmaps [B, K, h, w]."""
        grid = coordinate_grid(*heatmaps.shape[-2:], like=heatmaps)
        value = torch.einsum("bkhw,hwc->bkc", heatmaps, grid)
        if maps.shape[1] == 1:  # one product of matrices, many times as fast as K of vectors
            jacobian = torch.einsum("bkhw,bchw->bkc", heatmaps, maps[:, 0])
        else:
            jacobian = torch.einsum("bkhw,bkchw->bkc", heatmaps, maps)
        return Keypoints(value, torch.unflatten(jacobian, -1, (2, 2)))

    def heatmaps(self, logits: Tensor) -> Tensor:
        """Turn logits [B, K, h, w] into heatmaps of the same shape that each sum to 1, in float32."""
        flat = torch.softmax(logits.float().flatten(2) / self.temperature, dim=-1)
        return torch.unflatten(flat, -1, logits.shape[-2:])
