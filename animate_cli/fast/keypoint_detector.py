"""The keypoint detector for inference: both heads in one convolution, both averages in one product."""

import torch
from torch import Tensor, nn

from animate_cli.fast.blocks import quicken
from animate_cli.fast.convolution import LAST, Convolution, padding_of
from animate_cli.model.blocks import dtype_of
from animate_cli.model.grid import coordinate_grid
from animate_cli.model.keypoint_detector import KeypointDetector
from animate_cli.model.values import Keypoints


class FastKeypointDetector(nn.Module):
    """The quick twin of `KeypointDetector`."""

    def __init__(self, plain: KeypointDetector) -> None:
        """Take over a detector, which is not to be used any more."""
        super().__init__()
        self.temperature, self.downscale = plain.temperature, plain.downscale
        self.unet = quicken(plain.unet)
        heads = plain.heatmap_head, plain.jacobian_head
        self.num_keypoints = plain.heatmap_head.out_channels
        biases = [head.bias for head in heads if head.bias is not None]
        self.heads = Convolution(
            torch.cat([head.weight for head in heads]),
            torch.cat(biases),
            padding=padding_of(plain.heatmap_head),
        )

    def forward(self, image: Tensor) -> Keypoints:
        """Detect the keypoints of image [B, 3, H, W] in [0, 1]."""
        logits, maps = self._heads(image).tensor_split([self.num_keypoints], dim=1)
        height, width = logits.shape[-2:]
        heatmaps = self._softmax(logits)
        grid = coordinate_grid(height, width, like=image).view(-1, 2)
        jacobians = torch.unflatten(maps.float().flatten(2), 1, (-1, 4))
        if jacobians.shape[1] == 1:
            jacobian = heatmaps @ jacobians[:, 0].transpose(1, 2)
        else:
            jacobian = (jacobians @ heatmaps[..., None])[..., 0]
        return Keypoints(heatmaps @ grid, torch.unflatten(jacobian, -1, (2, 2)))

    def find_heatmaps(self, image: Tensor) -> Tensor:
        """Compute the heatmaps [B, K, h, w] of image [B, 3, H, W] in [0, 1]."""
        logits = self._heads(image)[:, : self.num_keypoints]
        return torch.unflatten(self._softmax(logits), -1, logits.shape[-2:])

    def _heads(self, image: Tensor) -> Tensor:
        small = self.downscale(image.contiguous(memory_format=LAST))
        logits: Tensor = self.heads(self.unet(small.to(dtype_of(self), memory_format=LAST)))
        return logits

    def _softmax(self, logits: Tensor) -> Tensor:
        """Turn logits [B, K, h, w] into heatmaps [B, K, h w] that each sum to 1, in float32."""
        return torch.softmax(logits.float().flatten(2) / self.temperature, dim=-1)
