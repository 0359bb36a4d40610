"""Coordinate grids, warping, heatmaps and the 2x2 algebra of local affine motion."""

from contextlib import AbstractContextManager
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


def coordinate_grid(height: int, width: int, *, like: Tensor) -> Tensor:
    """Make the corner-aligned grid [height, width, 2] of (x, y) in [-1, 1], on the device of ``like``."""
    y, x = coordinates(height, like=like), coordinates(width, like=like)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=-1)


def coordinates(count: int, *, like: Tensor) -> Tensor:
    """Give the corner-aligned coordinates [count] in [-1, 1] of a side, on the device of ``like``."""
    steps = int(count)  # while a graph is traced it is a tensor
    return torch.linspace(-1.0, 1.0, steps, device=like.device, dtype=torch.float32)


def resize(maps: Tensor, height: int, width: int, *, align_corners: bool = False) -> Tensor:
    """Resize maps [B, C, h, w] bilinearly to [B, C, height, width]."""
    if maps.shape[-2:] == (height, width):
        return maps
    return F.interpolate(maps, size=(height, width), mode="bilinear", align_corners=align_corners)


def gate(x: Tensor, occlusion: Tensor) -> Tensor:
    """Multiply features [B, C, H, W] by an occlusion map [B, 1, h, w], resized where sizes differ."""
    return x * resize(occlusion, *x.shape[-2:])


class Sampling(NamedTuple):
    """How pictures are sampled by a deformation.

    align_corners: whether (-1, -1) is the middle of the corner pixel or its corner. aligned_resize: whether a
    deformation keeps its corners when it is resized; the reference does not, so that standing still is a zoom
    of about 1 %.
    """

    align_corners: bool
    aligned_resize: bool = False

    def resize_deformation(self, deformation: Tensor, height: int, width: int) -> Tensor:
        """Resize a deformation [B, h, w, 2] bilinearly to [B, height, width, 2], in float32."""
        if deformation.shape[1:3] == (height, width):
            return deformation.float()
        planes = deformation.float().permute(0, 3, 1, 2).contiguous()
        return resize(planes, height, width, align_corners=self.aligned_resize).permute(0, 2, 3, 1)

    def warp(self, image: Tensor, deformation: Tensor) -> Tensor:
        """Sample image [B, C, H, W] at deformation [B, h, w, 2], (x, y) in [-1, 1], with zero padding.

        The deformation is resized to the image first. Coordinates need float32, so half precisions are sampled
        in float32 and cast back.
        """
        grid = self.resize_deformation(deformation, *image.shape[-2:])
        return sample(image, grid, align_corners=self.align_corners)


def sample(image: Tensor, grid: Tensor, *, align_corners: bool) -> Tensor:
    """Sample image [B, C, H, W] at grid [B, h, w, 2] as it is, giving [B, C, h, w].

    Channels come last in memory, as the convolutions that follow want them.
    """
    with full_precision(image):
        sampled = F.grid_sample(image.float(), grid.float(), align_corners=align_corners)
    return sampled.to(image.dtype, memory_format=torch.channels_last)


def full_precision(like: Tensor) -> AbstractContextManager[None]:
    """Switch autocast off: coordinates in half precision would be off by a pixel."""
    return torch.autocast(like.device.type, enabled=False)


def gaussian_heatmaps(points: Tensor, height: int, width: int, variance: float) -> Tensor:
    """Draw a Gaussian at each of points [B, K, 2]: equation (3), [B, K, height, width] in [0, 1].

    It is the product of one along x and one along y, so that few exponentials are needed.
    """
    x, y = (
        torch.exp(-0.5 * (coordinates(count, like=points) - place.float()[..., None]).square() / variance)
        for count, place in ((width, points[..., 0]), (height, points[..., 1]))
    )
    return y[..., :, None] * x[..., None, :]


def invert_2x2(matrix: Tensor) -> Tensor:
    """Invert matrices [..., 2, 2] in closed form; a singular one gives infinities, never an exception."""
    a, b, c, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0], matrix[..., 1, 1]
    adjugate = torch.stack([torch.stack([d, -b], -1), torch.stack([-c, a], -1)], -2)
    return adjugate / (a * d - b * c)[..., None, None]
