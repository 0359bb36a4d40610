"""What the paper's variants leave off, and weights without it go on as they were."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from animate_cli.config import ModelConfig
from animate_cli.model.context import Context
from animate_cli.model.generator import generator_step
from animate_cli.model.grid import Sampling, coordinate_grid
from animate_cli.model.hints import KeypointHints
from animate_cli.model.motion_model import MotionModel, size_step
from animate_cli.model.moved_sources import MovedSource, MovedSources
from animate_cli.model.values import SourceFeatures
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

    def paint(image: Tensor, features: SourceFeatures) -> Tensor:
        moved = MovedSources([MovedSource(image, features, motion)])
        painted: Tensor = model.generator(moved, encoded.keypoints.value).image
        return painted

    usual = paint(encoded.image, encoded.features)
    for level in (1, 2):
        levels = list(encoded.features.levels)
        levels[level] = torch.zeros_like(levels[level])
        assert not torch.allclose(paint(encoded.image, SourceFeatures(tuple(levels))), usual)
    assert not torch.allclose(paint(1 - encoded.image, encoded.features), usual)


@torch.inference_mode()
@pytest.mark.parametrize("extra", ["hints", "context"])
def test_what_weights_lack_begins_at_nothing(extra: str) -> None:
    plain = make_model(extras())
    model = make_model(replace(extras(), generator=replace(extras().generator, **{extra: True})))  # type: ignore[arg-type]
    missing, unexpected = model.load_state_dict(plain.state_dict(), strict=False)
    assert {name.split(".")[1] for name in missing} == {extra}
    assert not unexpected
    source, driving = pictures(1), pictures(1, seed=1)
    assert torch.equal(model(source, driving)[0].image, plain(source, driving)[0].image)


@torch.inference_mode()
def test_a_hint_shows_where_its_keypoint_is() -> None:
    hints = KeypointHints(10, 8, 0)
    torch.nn.init.normal_(hints.conv.weight)
    places = torch.full((1, 10, 2), -3.0)
    places[0, 0] = torch.tensor([1 / 3, -3 / 5])
    shown = hints(torch.zeros(1, 8, 16, 16), places).abs().sum(1)[0]
    assert divmod(int(shown.argmax()), 16) in {(y, x) for y in (2, 3, 4) for x in (9, 10, 11)}
    assert shown[8:].max() < 1e-4 * shown.max()


@torch.inference_mode()
def test_context_brings_the_far_side_into_what_is_painted() -> None:
    torch.manual_seed(0)
    context = Context(12).eval()
    torch.nn.init.normal_(context.conv.weight)
    features = torch.rand(1, 12, 16, 16)
    other = features.clone()
    other[..., -1] += 1
    reached = (context(features) - context(other)).abs().sum(1)[..., :4]
    assert reached.max() > 1e-4


def test_context_wants_sides_that_it_can_halve() -> None:
    assert generator_step(extras().generator) == 4
    painter = replace(extras().generator, context=True, num_down_blocks=3)
    assert generator_step(painter) == 64
    assert size_step(replace(extras(), generator=painter)) % 64 == 0
