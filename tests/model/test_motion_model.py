"""The model as a whole: variants, sizes, batches, occlusion maps."""

import pytest
import torch
from torch import Tensor

from animate_cli.config import VARIANTS, ModelConfig
from animate_cli.errors import ConfigError
from animate_cli.model.dense_motion import sparse_motions
from animate_cli.model.grid import coordinate_grid
from animate_cli.model.motion_model import MotionModel, check_size, size_step
from animate_cli.model.moved_sources import MovedSource, MovedSources
from animate_cli.model.values import DenseMotion, Keypoints
from tests.tiny import pictures, tiny_config, tiny_model


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_each_variant_paints_a_picture(variant: str) -> None:
    model = tiny_model(variant)
    prediction, at_source, at_driving = model(pictures(2), pictures(2, seed=1))
    assert prediction.image.shape == prediction.deformed.shape == (2, 3, 64, 64)
    assert at_source.value.shape == at_driving.value.shape == (2, 4, 2)
    assert 0 <= prediction.image.min() < prediction.image.max() <= 1
    assert torch.allclose(prediction.motion.mask.sum(1), torch.ones(2, 16, 16), atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_occlusion_maps_of_each_variant(variant: str) -> None:
    maps = tiny_model(variant)(pictures(1), pictures(1, seed=1))[0].motion.occlusions
    _, multiscale = VARIANTS[variant]
    assert [tuple(m.shape) for m in maps] == [(1, 1, s, s) for s in ((16, 32, 64) if multiscale else (16,))]
    assert all(0 <= m.min() <= m.max() <= 1 for m in maps)


@torch.inference_mode()
def test_occlusion_maps_gate_the_decoder() -> None:
    model, source, driving = tiny_model(), pictures(1), pictures(1, seed=1)
    encoded, keypoints = model.encode(source), model.detect(driving)
    motion = model.motion(encoded.small, encoded.keypoints, keypoints)

    def paint(motion: DenseMotion) -> Tensor:
        moved = MovedSources([MovedSource(encoded.image, encoded.features, motion)])
        image: Tensor = model.generator(moved, keypoints.value).image
        return image

    images = [paint(motion)]
    for hidden in range(3):
        maps = [torch.zeros_like(m) if i == hidden else m for i, m in enumerate(motion.occlusions)]
        images.append(paint(motion._replace(occlusions=tuple(maps))))
    assert all(not torch.allclose(a, b) for i, a in enumerate(images) for b in images[:i])


@torch.inference_mode()
def test_a_batch_equals_its_frames_one_by_one() -> None:
    model, source, driving = tiny_model(), pictures(1), pictures(8, seed=1)
    encoded = model.encode(source)
    batch = model.predict(encoded.expand(8), model.detect(driving)).image
    single = [model.predict(encoded, model.detect(frame[None])).image for frame in driving]
    assert torch.allclose(batch, torch.cat(single), atol=1e-5)


@torch.inference_mode()
def test_the_source_painted_on_may_be_larger() -> None:
    model = tiny_model()
    encoded = model.encode(pictures(1), pictures(1, 128, 128))
    assert model.predict(encoded, model.detect(pictures(1, seed=1))).image.shape == (1, 3, 128, 128)


@torch.inference_mode()
def test_the_background_alone_leaves_every_place_where_it_is() -> None:
    model, source, driving = tiny_model(), pictures(1), pictures(1, seed=1)
    model.motion.mask_head.weight.zero_()
    assert model.motion.mask_head.bias is not None
    model.motion.mask_head.bias.copy_(torch.tensor([1e3, 0.0, 0.0, 0.0, 0.0]))
    deformation = model(source, driving)[0].motion.deformation
    assert torch.allclose(deformation[0], coordinate_grid(16, 16, like=source), atol=1e-6)


def test_a_new_detector_has_identity_jacobians() -> None:
    jacobian = MotionModel(tiny_config()).detect(pictures(2)).jacobian
    assert torch.allclose(jacobian, torch.eye(2).expand(2, 4, 2, 2), atol=1e-5)


@torch.inference_mode()
def test_heatmaps_sum_to_one_and_place_their_peak() -> None:
    logits = torch.zeros(1, 1, 5, 9)
    logits[0, 0, 4, 0] = 10.0
    heatmaps = tiny_model().detector.heatmaps(logits)
    assert float(heatmaps.sum()) == pytest.approx(1)
    assert float(heatmaps[0, 0, 4, 0]) == pytest.approx(1)


def test_parameters_of_the_published_size() -> None:
    with torch.device("meta"):
        model = MotionModel(ModelConfig())
    assert 59e6 < sum(parameter.numel() for parameter in model.parameters()) < 61e6


@pytest.mark.parametrize(
    ("height", "width", "following"), [(250, 256, "256x256"), (256, 257, "256x384"), (0, 1, "128x128")]
)
def test_a_size_that_does_not_fit_names_the_next(height: int, width: int, following: str) -> None:
    assert size_step(ModelConfig()) == 128
    with pytest.raises(ConfigError, match=f"multiples of 128, the next size is {following}"):
        check_size(ModelConfig(), height, width)
    check_size(ModelConfig(), 128, 384)


@torch.inference_mode()
def test_keypoints_that_do_not_move_give_identity_motion() -> None:
    points = Keypoints(torch.rand(1, 3, 2), torch.eye(2).expand(1, 3, 2, 2) * 1.5)
    motions = sparse_motions(points, points, 6, 8)
    grid = coordinate_grid(6, 8, like=points.value)
    assert torch.allclose(motions, grid.expand(1, 4, 6, 8, 2), atol=1e-6)
