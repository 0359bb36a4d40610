"""Random warps of a frame, and the equivariance of keypoints under them.

A warp T is an affine map plus a thin-plate term that moves x and y alike:

    T(z) = theta[:, :2] z + theta[:, 2] + t(z),    t(z) = sum_c w_c r_c^2 ln(r_c + 1e-6)

with r_c = |x - c_x| + |y - c_y| for corner-aligned control points c, rows first. The warped frame shows at z
what the frame shows at T(z), so a keypoint p_TD of the warped frame belongs at T(p_TD) of the frame.
Coordinates need float32: nothing here follows autocast.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from animate_cli.config import TransformConfig
from animate_cli.model.grid import coordinate_grid, full_precision, invert_2x2
from animate_cli.model.values import Keypoints

EPSILON = 1e-6


class RandomWarp(NamedTuple):
    """One warp T for each item of a batch.

    theta: [B, 2, 3], the affine part. control_weights: [B, 1, P * P], w_c of the P x P control points.
    """

    theta: Tensor
    control_weights: Tensor

    @classmethod
    def sample(
        cls,
        batch: int,
        config: TransformConfig,
        generator: torch.Generator,
        device: torch.device | str = "cpu",
    ) -> "RandomWarp":
        """Draw warps: theta = [I | 0] + N(0, sigma_affine), w ~ N(0, sigma_tps).

        Numbers are drawn on the generator's own device, so a CPU generator gives the same warps everywhere.
        """
        noise = torch.randn(batch, 2, 3, generator=generator, device=generator.device)
        theta = torch.eye(2, 3, device=noise.device) + config.sigma_affine * noise
        shape = (batch, 1, config.points_tps**2)
        weights = config.sigma_tps * torch.randn(shape, generator=generator, device=generator.device)
        return cls(theta.to(device), weights.to(device))

    def warp_points(self, points: Tensor) -> Tensor:
        """Compute T of points [B, ..., 2], (x, y) in [-1, 1]; a batch of one goes through every warp."""
        flat = points.float().flatten(1, -2)
        distance = self._offsets(flat).abs().sum(-1)
        basis = distance.square() * torch.log(distance + EPSILON)
        with full_precision(points):
            bend = torch.einsum("bnc,bc->bn", basis, self.control_weights[:, 0])
            affine = torch.einsum("bij,bnj->bni", self.theta[:, :, :2], flat)
        warped = affine + self.theta[:, None, :, 2] + bend[..., None]
        return warped.reshape(-1, *points.shape[1:])

    def warp_image(self, image: Tensor) -> Tensor:
        """Sample image [B, C, H, W] at T of its grid, bilinear, reflected at the borders."""
        grid = self.warp_points(coordinate_grid(*image.shape[-2:], like=image)[None])
        with full_precision(image):
            warped = functional.grid_sample(
                image.float(), grid, padding_mode="reflection", align_corners=True
            )
        return warped.to(image.dtype)

    def jacobian(self, points: Tensor) -> Tensor:
        """Compute J[i, j] = dT_i / dz_j at points [B, K, 2] in closed form: [B, K, 2, 2].

        The thin-plate part is sum_c w_c (2 r ln(r + eps) + r^2 / (r + eps)) sign(z_j - c_j) for both i.
        Gradients flow through it to the points.
        """
        offset = self._offsets(points.float())
        distance = offset.abs().sum(-1)
        shifted = distance + EPSILON
        slope = 2 * distance * torch.log(shifted) + distance.square() / shifted
        bend = ((self.control_weights * slope)[..., None] * offset.sign()).sum(-2)
        return self.theta[:, None, :, :2] + bend[..., None, :]

    def _offsets(self, points: Tensor) -> Tensor:
        """Subtract the control points from points [B, N, 2]: [B, N, P * P, 2]."""
        side = math.isqrt(self.control_weights.shape[-1])
        return points[..., None, :] - coordinate_grid(side, side, like=points).flatten(0, 1)


def equivariance_value(driving: Keypoints, warped: Keypoints, warp: RandomWarp) -> Tensor:
    """Return mean |p_D - T(p_TD)| of the keypoints [B, K] of driving and of the warped driving frame."""
    return (driving.value.float() - warp.warp_points(warped.value)).abs().mean()


def equivariance_jacobian(driving: Keypoints, warped: Keypoints, warp: RandomWarp) -> Tensor:
    """Return mean |I - A_D^-1 J_T A_TD|, with J_T at p_TD, of the keypoints [B, K]."""
    with full_precision(driving.jacobian):
        moved = warp.jacobian(warped.value) @ warped.jacobian.float()
        change = invert_2x2(driving.jacobian.float()) @ moved
    return (torch.eye(2, device=change.device) - change).abs().mean()
