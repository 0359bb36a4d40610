"""The quick model is the plain one, whatever its variant; half precision and batches stay near."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from animate_cli.config import VARIANTS, GeneratorConfig, ModelConfig
from animate_cli.fast import convolution
from animate_cli.fast.model import FastMotionModel
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.values import Keypoints, Prediction
from tests.tiny import needs_bfloat16, pictures, tiny_config, tiny_model

CPU = torch.device("cpu")


def generator(**changes: object) -> ModelConfig:
    config = tiny_config()
    return replace(config, generator=replace(config.generator, **changes))  # type: ignore[arg-type]


CONFIGS = {
    **{variant: tiny_config(variant) for variant in VARIANTS},
    "skips": generator(skips=True, blend=True, upsampling="nearest"),
    "skips, bilinear": generator(skips=True, blend=True, occlusion_before_residuals=True),
    "hints": generator(hints=True, occlusion_before_residuals=True),
    "skips, hints": generator(skips=True, blend=True, upsampling="nearest", hints=True),
    "context": generator(context=True, upsampling="nearest"),
    "small head": generator(final_kernel_size=3),
    "lanes": generator(base_channels=16, max_channels=32, upsampling="nearest"),
    "wide": generator(base_channels=20, max_channels=64),
    "corners": replace(tiny_config(), align_corners=False, aligned_resize=True),
}


def beginning_at_nothing(model: MotionModel) -> Iterator[torch.nn.Parameter]:
    """Yield the parameters of extras that would do nothing as they begin."""
    yield from model.generator.hints.parameters()
    if model.generator.context is not None:
        yield from model.generator.context.conv.parameters()


def build(name: str) -> MotionModel:
    """Return a seeded model whose batch norms and jacobians are not trivial."""
    config = CONFIGS[name]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = MotionModel(config)
        torch.nn.init.normal_(model.detector.jacobian_head.weight, std=0.02)
        for parameter in beginning_at_nothing(model):
            torch.nn.init.normal_(parameter, std=0.1)
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 1.5)
    return model.eval()


def largest(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a.float() - b.float()).abs().max())


def assert_same(found: Prediction, wanted: Prediction, atol: float) -> None:
    assert largest(found.image, wanted.image) < atol
    assert largest(found.deformed, wanted.deformed) < atol
    assert largest(found.motion.deformation, wanted.motion.deformation) < atol
    assert largest(found.motion.mask, wanted.motion.mask) < atol
    for one, other in zip(found.motion.occlusions, wanted.motion.occlusions, strict=True):
        assert one.shape == other.shape
        assert largest(one, other) < atol
    assert (found.kept is None) == (wanted.kept is None)


@pytest.mark.parametrize("fuses", [True, False], ids=["fused", "plain ops"])
@pytest.mark.parametrize("name", CONFIGS)
@torch.inference_mode()
def test_it_is_the_same_model(name: str, fuses: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not fuses:
        monkeypatch.setattr(convolution, "fuses", lambda device: False)
    model = build(name)
    quick = FastMotionModel(model)
    source, driving = pictures(1), pictures(3, seed=1)
    encoded, quick_encoded = model.encode(source), quick.encode(source)
    keypoints, found = model.detect(driving), quick.detect(driving)
    assert largest(found.value, keypoints.value) < 1e-5
    assert largest(found.jacobian, keypoints.jacobian) < 1e-4
    assert_same(
        quick.predict(quick_encoded.expand(3), keypoints), model.predict(encoded.expand(3), keypoints), 1e-4
    )


@torch.inference_mode()
def test_sources_may_differ_within_a_batch() -> None:
    model = build("skips")
    quick, source = FastMotionModel(model), pictures(2)
    keypoints = model.detect(pictures(2, seed=1))
    assert_same(
        quick.predict(quick.encode(source), keypoints), model.predict(model.encode(source), keypoints), 1e-4
    )


@torch.inference_mode()
def test_a_canvas_of_another_size() -> None:
    model = build("skips")
    quick, source, canvas = FastMotionModel(model), pictures(1), pictures(1, 96, 128)
    keypoints = model.detect(pictures(2, seed=1))
    wanted = model.predict(model.encode(source, canvas).expand(2), keypoints)
    assert_same(quick.predict(quick.encode(source, canvas).expand(2), keypoints), wanted, 1e-4)


@torch.inference_mode()
def test_heatmaps_are_the_detectors() -> None:
    model = tiny_model()
    expected = model.detector.find_heatmaps(pictures(2))
    assert largest(FastMotionModel(model).detector.find_heatmaps(pictures(2)), expected) < 1e-5


@needs_bfloat16
@pytest.mark.parametrize("name", ["paper", "skips"])
@torch.inference_mode()
def test_bfloat16_stays_near(name: str) -> None:
    model = build(name)
    quick = FastMotionModel(model).place(CPU, torch.bfloat16)
    keypoints = model.detect(pictures(1, seed=1))
    wanted = model.predict(model.encode(pictures(1)), keypoints)
    found = quick.predict(quick.encode(pictures(1)), keypoints)
    error = (found.image - wanted.image).square().mean()
    assert -10 * torch.log10(error) > 45


@torch.inference_mode()
def test_running_twice_gives_the_same() -> None:
    """Sums are made in place; what was cached must not be."""
    quick = FastMotionModel(build("fomm"))
    encoded, keypoints = quick.encode(pictures(1)), quick.detect(pictures(1, seed=1))
    first = quick.predict(encoded, keypoints).image
    assert torch.equal(quick.predict(encoded, keypoints).image, first)


@torch.inference_mode()
def test_places_that_are_not_numbers_end_no_run() -> None:
    """A singular jacobian gives infinities: the plain model paints something there, and so does this."""
    quick = FastMotionModel(build("fomm"))
    encoded = quick.encode(pictures(1))
    flat = Keypoints(encoded.keypoints.value, torch.zeros_like(encoded.keypoints.jacobian))
    assert quick.predict(encoded, flat).image.shape == (1, 3, 64, 64)


def test_the_given_model_is_left_alone() -> None:
    model = build("paper").train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    quick = FastMotionModel(model).place(CPU, torch.bfloat16)
    assert model.training
    assert not quick.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert GeneratorConfig() == ModelConfig().generator
