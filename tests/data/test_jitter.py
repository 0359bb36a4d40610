import colorsys
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from animate_cli.config import AugmentationConfig
from animate_cli.data.jitter import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    random_jitter,
)

CORNERS = [(r, g, b) for r in (0.0, 1.0) for g in (0.0, 1.0) for b in (0.0, 1.0)]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def picture() -> Tensor:
    """Random colours, the corners of the cube, and greys: [3, 4, 8]."""
    colours = torch.rand(16, 3, generator=seeded())
    greys = torch.linspace(0, 1, 8)[:, None].expand(8, 3)
    return torch.cat([colours, torch.tensor(CORNERS), greys]).T.reshape(3, 4, 8)


def turn_hue(pixel: list[float], shift: float) -> tuple[float, float, float]:
    hue, saturation, value = colorsys.rgb_to_hsv(*pixel)
    return colorsys.hsv_to_rgb((hue + shift) % 1, saturation, value)


@pytest.mark.parametrize("shift", [-0.5, -0.13, 0.0, 0.25, 0.5])
def test_hue_equals_colorsys(shift: float) -> None:
    expected = [turn_hue(pixel, shift) for pixel in picture().flatten(1).T.tolist()]
    ours = adjust_hue(picture(), shift).flatten(1).T
    torch.testing.assert_close(ours, torch.tensor(expected), rtol=0, atol=1e-5)


def test_brightness_multiplies_and_clamps() -> None:
    torch.testing.assert_close(adjust_brightness(picture(), 1.5), (1.5 * picture()).clamp(max=1))


def test_saturation_moves_from_luma() -> None:
    red, green, blue = picture()
    grey = 0.2989 * red + 0.587 * green + 0.114 * blue
    expected = torch.stack([(0.3 * channel + 0.7 * grey).clamp(0, 1) for channel in (red, green, blue)])
    torch.testing.assert_close(adjust_saturation(picture(), 0.3), expected)


def test_contrast_moves_from_the_mean_luma_of_each_picture() -> None:
    dark, light = torch.full((3, 2, 2), 0.2), torch.full((3, 2, 2), 0.8)
    dark[:, 0, 0] = 0.6
    mean = 0.3 * (0.2989 + 0.587 + 0.114)
    both = adjust_contrast(torch.stack([dark, light]), 0.5)
    torch.testing.assert_close(both[0], 0.5 * dark + 0.5 * mean)
    torch.testing.assert_close(both[1], light, atol=1e-4, rtol=0)


@pytest.mark.parametrize("adjust", [adjust_brightness, adjust_contrast, adjust_saturation])
def test_factor_one_changes_nothing(adjust: Callable[..., Tensor]) -> None:
    torch.testing.assert_close(adjust(picture(), 1.0), picture())


@pytest.mark.parametrize("adjust", [adjust_brightness, adjust_contrast, adjust_saturation, adjust_hue])
def test_each_picture_has_its_own_amount(adjust: Callable[..., Tensor]) -> None:
    pictures = torch.rand(2, 3, 4, 4, generator=seeded(1))
    together = adjust(pictures, torch.tensor([0.3, 0.8]))
    apart = torch.stack([adjust(pictures[0], 0.3), adjust(pictures[1], 0.8)])
    torch.testing.assert_close(together, apart)


def test_strength_zero_leaves_a_change_out() -> None:
    assert random_jitter(AugmentationConfig(), seeded()) == []
    assert len(random_jitter(AugmentationConfig(hue=0.1, contrast=0.1), seeded())) == 2


def test_factors_fill_their_range() -> None:
    config, generator = AugmentationConfig(brightness=0.4), seeded()
    factors = [random_jitter(config, generator)[0][1] for _ in range(300)]
    assert 0.6 <= min(factors) < 0.63
    assert 1.37 < max(factors) <= 1.4


def test_order_varies() -> None:
    config, generator = AugmentationConfig(brightness=0.9, contrast=0.9, saturation=0.9, hue=0.4), seeded()
    first = {random_jitter(config, generator)[0][0] for _ in range(50)}
    assert first == {adjust_brightness, adjust_contrast, adjust_saturation, adjust_hue}
