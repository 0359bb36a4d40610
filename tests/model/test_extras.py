"""What the paper's variants leave off: aligned resizing, padded heads, skips and blend."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from animate_cli.config import ModelConfig
from animate_cli.model.grid import Sampling, coordinate_grid
from animate_cli.model.motion_model import MotionModel
from tests.tiny import pictures, tiny_config


def extras() -> ModelConfig:
    plain = tiny_config()
    return replace(
        plain,
        aligned_resize=True,
        detector=replace(plain.detector, padded_heads=True),
        generator=replace(plain.generator, skips=True, blend=True),
    )


def make_model(config: ModelConfig) -> MotionModel:
    torch.manual_seed(0)
    return MotionModel(config).eval()


def standing_still() -> Tensor:
    return coordinate_grid(16, 16, like=torch.zeros(1))[None]


def test_standing_still_changes_nothing_when_corners_stay() -> None:
    picture = torch.rand(1, 3, 64, 64)
    aligned = Sampling(align_corners=True, aligned_resize=True).warp(picture, standing_still())
    reference = Sampling(align_corners=True).warp(picture, standing_still())
    assert torch.allclose(aligned, picture, atol=1e-4)
    assert (reference - picture).abs().mean() > 0.05


@pytest.mark.parametrize("aligned", [True, False])
def test_a_deformation_of_the_pictures_size_is_not_resized(aligned: bool) -> None:
    deformation = torch.rand(1, 8, 8, 2) * 2 - 1
    resized = Sampling(align_corners=True, aligned_resize=aligned).resize_deformation(deformation, 8, 8)
    assert torch.equal(resized, deformation)


def test_padded_heads_cover_the_picture_to_its_edges() -> None:
    detector = make_model(extras()).detector
    features = torch.rand(1, detector.unet.out_channels, 16, 16)
    assert detector.heatmap_head(features).shape[-2:] == (16, 16)
    plain = make_model(tiny_config()).detector
    assert plain.heatmap_head(features).shape[-2:] == (10, 10)


@torch.inference_mode()
def test_a_blend_begins_with_most_of_the_warped_source() -> None:
    model = make_model(extras())
    prediction = model(pictures(2), pictures(2, seed=1))[0]
    assert prediction.kept is not None
    assert prediction.kept.shape == (2, 1, 64, 64)
    assert 0.7 < prediction.kept.mean() < 0.99
    to_deformed = (prediction.image - prediction.deformed).abs().mean()
    assert to_deformed < 0.2 * (prediction.deformed - 0.5).abs().mean() + 0.05


@torch.inference_mode()
def test_without_a_blend_nothing_is_kept() -> None:
    assert make_model(tiny_config())(pictures(1), pictures(1))[0].kept is None


@torch.inference_mode()
def test_skips_bring_the_warped_source_to_every_scale() -> None:
    model = make_model(replace(extras(), generator=replace(extras().generator, blend=False)))
    encoded = model.encode(pictures(1))
    motion = model.motion(encoded.small, encoded.keypoints, encoded.keypoints)
    usual = model.generator(encoded.image, encoded.features, motion).image
    for level in (1, 2):
        levels = list(encoded.features.levels)
        levels[level] = torch.zeros_like(levels[level])
        features = encoded.features._replace(levels=tuple(levels))
        assert not torch.allclose(model.generator(encoded.image, features, motion).image, usual)
    other = model.generator(1 - encoded.image, encoded.features, motion).image
    assert not torch.allclose(other, usual)
