"""Merged up blocks against plain ones at every kind of edge, and warps against grid_sample."""

import pytest
import torch
import torch.nn.functional as F

from animate_cli.fast.gather import warp
from animate_cli.fast.pixel_blocks import PixelBlocks
from animate_cli.fast.upsampling import BilinearPhases, BlurredNearest, MergedNearest, merged_up
from animate_cli.model.blocks import UpBlock
from animate_cli.model.grid import Sampling

LAST = torch.channels_last


def up_block(outputs: int, upsampling: str) -> UpBlock:
    torch.manual_seed(0)
    block = UpBlock(7, outputs, upsampling).eval()
    assert isinstance(block.norm, torch.nn.BatchNorm2d)
    assert block.norm.running_mean is not None
    block.norm.running_mean.normal_()
    return block


@pytest.mark.parametrize("size", [(8, 6), (4, 4), (3, 2), (2, 4), (1, 5), (1, 1)])
@pytest.mark.parametrize(
    ("outputs", "upsampling", "kind"),
    [
        (32, "nearest", MergedNearest),
        (5, "nearest", MergedNearest),
        (5, "bilinear", BilinearPhases),
        (32, "bilinear", BlurredNearest),
        (24, "bilinear", BlurredNearest),
    ],
)
@torch.inference_mode()
def test_up_blocks_are_the_same(outputs: int, upsampling: str, kind: type, size: tuple[int, int]) -> None:
    block, x = up_block(outputs, upsampling), torch.randn(3, 7, *size)
    quick = merged_up(block)
    assert isinstance(quick, kind)
    found = quick(x.contiguous(memory_format=LAST))
    assert found.is_contiguous(memory_format=LAST)
    assert torch.allclose(found, block(x), atol=1e-5)


@pytest.mark.parametrize("align_corners", [True, False])
@torch.inference_mode()
def test_warps_are_bilinear_with_zeros_outside(align_corners: bool) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 5, 6, 9).contiguous(memory_format=LAST)
    grid = torch.empty(2, 7, 4, 2).uniform_(-1.4, 1.4)
    grid[0, 0, :4, 0] = torch.tensor([-1.0, 1.0, 1e9, -1e9])
    expected = F.grid_sample(x, grid, align_corners=align_corners)
    found = warp(x, grid, Sampling(align_corners))
    assert found.is_contiguous(memory_format=LAST)
    assert torch.allclose(found, expected, atol=1e-5)
    gate = torch.rand(2, 1, 14, 8)
    gated = warp(x, grid, Sampling(align_corners), gate)
    small = F.interpolate(gate, size=(7, 4), mode="bilinear")
    assert torch.allclose(gated, expected * small, atol=1e-5)


@torch.inference_mode()
def test_a_place_that_is_not_a_number_shows_nothing() -> None:
    x = torch.ones(1, 3, 4, 4).contiguous(memory_format=LAST)
    grid = torch.full((1, 2, 2, 2), float("nan"))
    grid[0, 0, 0] = float("inf")
    found = warp(x, grid, Sampling(align_corners=False))
    assert found.isfinite().all()
    assert found[0, :, 0, 0].abs().max() == 0


@pytest.mark.parametrize("size", [(8, 6), (7, 6)])
@pytest.mark.parametrize("side", [3, 7])
@torch.inference_mode()
def test_blocks_of_pixels_are_the_same_convolution(side: int, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(5, 3, side, padding=side // 2)
    x = torch.randn(2, 5, *size)
    assert torch.allclose(PixelBlocks(conv)(x.contiguous(memory_format=LAST)), conv(x), atol=1e-5)
