"""Warps as sums of rows: each place of the result adds four pixels of the source, channels last.

A picture with its channels last is a table of pixels, and bilinear sampling a bag of four of its rows for each
place. Rows are read whole and stay in the precision that the networks compute in; an occlusion map costs
nothing, as it only scales the four weights.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.model.grid import Sampling, resize, sample


def sample_planes(pictures: Tensor, grid: Tensor, *, align_corners: bool) -> Tensor:
    """Sample pictures [N, C, H, W] of few channels at grid [N, h, w, 2] in float32: [N, C, h, w]."""
    return F.grid_sample(pictures.float(), grid, align_corners=align_corners)


class Corners(NamedTuple):
    """The four pixels around each place: rows int32 [N, 4] of the table, weights float32 [N, 4]."""

    rows: Tensor
    weights: Tensor


def warp(x: Tensor, grid: Tensor, sampling: Sampling, gate: Tensor | None = None) -> Tensor:
    """Sample features x [B, C, H, W] at grid [B, h, w, 2], (x, y) in [-1, 1], with zero padding.

    Args:
        x: channels last; a batch that repeats one picture is read as that picture.
        grid: of the result's size.
        sampling: how -1 and 1 are meant.
        gate: [B, 1, h', w'] that the result is multiplied by, resized where sizes differ.
    """
    if x.device.type != "cpu":
        sampled = sample(x, grid, align_corners=sampling.align_corners)
        return sampled if gate is None else sampled * resize(gate, *sampled.shape[-2:])
    batch, channels, height, width = x.shape
    corners = find_corners(grid, height, width, align_corners=sampling.align_corners)
    rows, weights = corners
    if gate is not None:
        weights = weights * resize(gate, *grid.shape[1:3]).reshape(-1, 1)
    if x.stride(0) == 0 or batch == 1:
        table = x[0].permute(1, 2, 0).reshape(-1, channels)
    else:
        table = x.permute(0, 2, 3, 1).reshape(-1, channels)
        first = torch.arange(batch, dtype=rows.dtype) * (height * width)
        rows = rows + first.repeat_interleave(len(rows) // batch)[:, None]
    sums = F.embedding_bag(rows, table, mode="sum", per_sample_weights=weights.to(x.dtype))
    return sums.view(*grid.shape[:3], channels).permute(0, 3, 1, 2)


def find_corners(grid: Tensor, height: int, width: int, *, align_corners: bool) -> Corners:
    """Find the four pixels of a picture of (height, width) around each place of grid [B, h, w, 2].

    Pixels outside the picture weigh nothing, and so does a place that is not a number.
    """
    left, right, x_weights = _neighbours(grid[..., 0], width, align_corners=align_corners)
    above, below, y_weights = _neighbours(grid[..., 1], height, align_corners=align_corners)
    above, below = above * width, below * width
    rows = torch.stack([above + left, above + right, below + left, below + right], dim=-1)
    weights = torch.stack([y * x for y in y_weights for x in x_weights], dim=-1)
    return Corners(rows.view(-1, 4), weights.view(-1, 4))


def _neighbours(
    place: Tensor, length: int, *, align_corners: bool
) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Return the pixels before and after places in [-1, 1] along one side, and what each weighs."""
    scale = (length - 1) / 2 if align_corners else length / 2
    pixel = (place.float() * scale).add_((length - 1) / 2).nan_to_num_(-1.0).clamp_(-1, length)
    before = pixel.floor()
    share = pixel - before
    inside = before >= 0, before < length - 1
    weights = (1 - share) * (inside[0] & (before < length)), share * inside[1]
    first = before.int()
    return first.clamp(0, length - 1), (first + 1).clamp_(0, length - 1), weights
