"""Dense motion for inference: heatmaps as outer products, and motions that are never spread out to be summed."""

import torch
from torch import Tensor, nn

from animate_cli.fast.blocks import quicken
from animate_cli.fast.gather import sample_planes
from animate_cli.model.blocks import dtype_of
from animate_cli.model.dense_motion import DenseMotionNetwork
from animate_cli.model.grid import invert_2x2
from animate_cli.model.values import DenseMotion, Keypoints

CHANNELS = 4
"""Of the network's input for each motion: a heatmap and a warped picture."""


class FastDenseMotion(nn.Module):
    """The quick twin of `DenseMotionNetwork`."""

    def __init__(self, plain: DenseMotionNetwork) -> None:
        """Take over a network, which is not to be used any more."""
        super().__init__()
        self.variance, self.align_corners = plain.variance, plain.align_corners
        quick = quicken(plain)
        self.unet, self.attention = quick.unet, quick.attention
        self.mask_head, self.occlusion = quick.mask_head, quick.occlusion

    def forward(self, small: Tensor, source: Keypoints, driving: Keypoints) -> DenseMotion:
        """Estimate the motion of small, the downscaled source [B, 3, h, w], from driving back to source."""
        motions = affine_motions(source, driving)
        deformed = self._warp_by_each(small, motions)
        features = self.unet(self._network_input(source, driving, deformed))
        logits = self.mask_head(self.attention(features)).permute(0, 2, 3, 1)
        mask = torch.softmax(logits.float(), dim=-1)
        deformation = combine(mask, motions)
        return DenseMotion(deformation, mask.permute(0, 3, 1, 2), self.occlusion(features), deformed)

    def _warp_by_each(self, small: Tensor, motions: Tensor) -> Tensor:
        """Warp small [B, 3, h, w] by each of motions [B, M, 2, 3]: [B, M, 3, h, w]."""
        batch, count = motions.shape[:2]
        height, width = small.shape[-2:]
        # planes [2, B, M, h, w]: what depends on the column and what depends on the row, added once
        x, y = _sides(height, width, small.device)
        across, down, shift = motions.permute(3, 2, 0, 1)[..., None, None]
        planes = (across * x[None, :] + shift) + down * y[:, None]
        grid = planes.permute(1, 2, 3, 4, 0).flatten(0, 1)
        if small.stride(0) == 0:
            pictures = small[:1].expand(batch * count, -1, -1, -1)
        else:
            pictures = small.repeat_interleave(count, dim=0)
        warped = sample_planes(pictures, grid, align_corners=self.align_corners)
        return torch.unflatten(warped, 0, (batch, count))

    def _network_input(self, source: Keypoints, driving: Keypoints, deformed: Tensor) -> Tensor:
        """Lay heatmaps and warped pictures [B, M, 3, h, w] side by side: [B, 4 M, h, w], channels last."""
        batch, count, _, height, width = deformed.shape
        size = batch, height, width, count, CHANNELS
        joined = torch.empty(size, dtype=dtype_of(self), device=deformed.device)
        joined[..., 0, 0] = 0  # the background has no keypoint
        difference = self._heatmaps(driving.value, height, width)
        joined[..., 1:, 0] = difference - self._heatmaps(source.value, height, width)
        joined[..., 1:] = deformed.permute(0, 3, 4, 1, 2)
        return joined.flatten(3).permute(0, 3, 1, 2)

    def _heatmaps(self, points: Tensor, height: int, width: int) -> Tensor:
        """Draw a Gaussian at each of points [B, K, 2] as a product over rows and columns: [B, h, w, K]."""
        x, y = _sides(height, width, points.device)
        columns = torch.exp(-0.5 * (x[:, None] - points[:, None, :, 0].float()).square() / self.variance)
        rows = torch.exp(-0.5 * (y[:, None] - points[:, None, :, 1].float()).square() / self.variance)
        return rows[:, :, None] * columns[:, None]


def affine_motions(source: Keypoints, driving: Keypoints) -> Tensor:
    """Give each keypoint's motion z -> A z + t, the background's identity first: (A, t) as [B, K+1, 2, 3].

    Equations (5) and (6), with t = p_S - A p_D.
    """
    jacobian = source.jacobian.float() @ invert_2x2(driving.jacobian.float())
    shift = source.value.float() - (jacobian @ driving.value.float()[..., None])[..., 0]
    moved = torch.cat([jacobian, shift[..., None]], dim=-1)
    background = torch.eye(2, 3, device=moved.device).expand(len(moved), 1, 2, 3)
    return torch.cat([background, moved], dim=1)


def combine(mask: Tensor, motions: Tensor) -> Tensor:
    """Weigh motions [B, M, 2, 3] by mask [B, h, w, M]: equation (12), [B, h, w, 2].

    Motions are affine, so their mean at a place is the mean (A, t) there, applied to the place.
    """
    _, height, width, _ = mask.shape
    mean = torch.unflatten(mask.flatten(1, 2) @ motions.flatten(2), 1, (height, width))
    x, y = _sides(height, width, mask.device)
    across, down, shift = torch.unflatten(mean, -1, (2, 3)).unbind(-1)
    return across * x[:, None] + down * y[:, None, None] + shift


def _sides(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Make the x of columns [w] and the y of rows [h], corner-aligned in [-1, 1]."""
    return torch.linspace(-1, 1, width, device=device), torch.linspace(-1, 1, height, device=device)
