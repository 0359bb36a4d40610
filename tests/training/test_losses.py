from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from animate_cli.config import DiscriminatorConfig, LossConfig, TransformConfig
from animate_cli.data.pairs import Landmarks, TrueMotion, Truth
from animate_cli.errors import ConfigError
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.values import DenseMotion, Keypoints, Prediction
from animate_cli.training.equivariance import RandomWarp
from animate_cli.training.losses import LossTerms, Objective, Step

NOTHING = LossConfig(perceptual=(), equivariance_value=0, equivariance_jacobian=0, pyramid=(1.0, 0.5))
EVERYTHING = replace(
    NOTHING,
    equivariance_value=10.0,
    equivariance_jacobian=10.0,
    generator_gan=1.0,
    feature_matching=(10.0, 10.0),
    reconstruction=10.0,
    edges=1.0,
    crispness=1.0,
    keypoint_supervision=5.0,
    motion_supervision=5.0,
    occlusion_supervision=1.0,
    deformed=1.0,
    painted=0.5,
    detail_weight=2.0,
)
TERMS = {
    "equivariance_value", "equivariance_jacobian", "generator_gan", "feature_matching", "reconstruction",
    "edges", "keypoint_supervision", "motion_supervision", "occlusion_supervision", "deformed",
    "painted", "crispness",
}  # fmt: skip


def with_weights(**weights: Any) -> LossConfig:
    return replace(NOTHING, **weights)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def leaf(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=seeded(sum(shape))).requires_grad_()


def make_step(truth: Truth | None = None) -> Step:
    deformation = leaf(2, 8, 8, 2)
    image = leaf(2, 3, 32, 32)
    motion = DenseMotion(deformation, leaf(2, 4, 8, 8), (leaf(2, 1, 8, 8),), leaf(2, 4, 3, 8, 8))
    source, driving = detect(image), detect(image)
    frame = torch.rand(2, 3, 32, 32, generator=seeded(1))
    prediction = Prediction(image, image, motion, painted=leaf(2, 3, 32, 32))
    return Step(frame, frame, prediction, source, driving, truth or make_truth())


def make_truth() -> Truth:
    landmarks = Landmarks(torch.zeros(2, 3, 2), torch.ones(2, 3))
    motion = TrueMotion(torch.zeros(2, 32, 32, 2), torch.ones(2, 32, 32))
    return Truth(landmarks, landmarks, motion, torch.ones(2, 1, 32, 32))


def make_discriminator() -> Discriminator:
    torch.manual_seed(0)
    return Discriminator(
        DiscriminatorConfig(base_channels=4, num_blocks=2, keypoint_heatmaps=True), num_keypoints=3
    )


def warp() -> RandomWarp:
    return RandomWarp.sample(2, TransformConfig(), seeded())


def detect(frame: Tensor) -> Keypoints:
    return Keypoints(leaf(2, 3, 2), torch.eye(2).expand(2, 3, 2, 2))


def never(frame: Tensor) -> Keypoints:
    raise AssertionError("the warped frame's keypoints are not needed")


def test_every_term_that_is_on_is_there_and_finite() -> None:
    losses = Objective(EVERYTHING).generator_losses(make_step(), warp(), detect, make_discriminator())
    assert losses.terms.keys() == TERMS
    assert all(term.shape == () and term.isfinite() for term in losses.terms.values())
    torch.testing.assert_close(losses.total, torch.stack(list(losses.terms.values())).sum())


def test_every_term_is_named_as_its_weight() -> None:
    assert set(LossConfig.__dataclass_fields__) >= TERMS | {"perceptual", "discriminator_gan"}


@pytest.mark.parametrize("weight", ["reconstruction", "edges", "keypoint_supervision", "motion_supervision"])
def test_a_weight_of_zero_leaves_the_rest_out(weight: str) -> None:
    config = with_weights(**{weight: 2.0})
    losses = Objective(config).generator_losses(make_step(), warp(), never)
    twice = Objective(with_weights(**{weight: 4.0})).generator_losses(make_step(), warp(), never)
    assert losses.terms.keys() == {weight}
    torch.testing.assert_close(twice.total, 2 * losses.total)


def test_feature_matching_counts_only_with_the_generator_s_gan() -> None:
    config = replace(NOTHING, feature_matching=(10.0, 10.0), reconstruction=1.0)
    losses = Objective(config).generator_losses(make_step(), warp(), never, make_discriminator())
    assert losses.terms.keys() == {"reconstruction"}


def test_detail_weighs_reconstruction() -> None:
    config = replace(NOTHING, reconstruction=1.0)
    plain = Objective(config).generator_losses(make_step(), warp(), never)
    detailed = Objective(replace(config, detail_weight=2.0)).generator_losses(make_step(), warp(), never)
    ones = Objective(replace(config, pyramid=(1.0,), detail_weight=2.0))
    single = Objective(replace(config, pyramid=(1.0,)))
    assert detailed.total > plain.total
    torch.testing.assert_close(
        ones.generator_losses(make_step(), warp(), never).total,
        3 * single.generator_losses(make_step(), warp(), never).total,
    )


def test_what_is_painted_alone_counts_by_its_share() -> None:
    step, config = make_step(), replace(NOTHING, reconstruction=10.0, edges=1.0, painted=0.5)
    terms = Objective(config).generator_losses(step, warp(), never).terms
    painted = step.prediction.painted
    assert painted is not None
    unblended = step._replace(prediction=step.prediction._replace(image=painted))
    alone = Objective(config).generator_losses(unblended, warp(), never).terms
    torch.testing.assert_close(terms["painted"], 0.5 * (alone["reconstruction"] + alone["edges"]))
    torch.autograd.backward(terms["painted"])
    assert painted.grad is not None


def test_what_is_painted_alone_needs_a_likeness_to_count() -> None:
    only_edges = Objective(with_weights(edges=1.0, painted=0.5)).generator_losses(make_step(), warp(), never)
    assert only_edges.terms.keys() == {"edges", "painted"}
    with pytest.raises(ConfigError, match=r"loss\.painted counts loss\.reconstruction and loss\.edges"):
        Objective(with_weights(deformed=1.0, painted=0.5))


def test_without_a_blend_nothing_is_painted_alone() -> None:
    step = make_step()
    plain = step._replace(prediction=step.prediction._replace(painted=None))
    with pytest.raises(ConfigError, match=r"loss\.painted needs a generator that blends"):
        Objective(with_weights(reconstruction=1.0, painted=0.5)).generator_losses(plain, warp(), never)


def test_no_term_at_all_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"loss\.reconstruction"):
        Objective(NOTHING).generator_losses(make_step(), warp(), never)


@pytest.mark.parametrize(
    "weight",
    ["keypoint_supervision", "motion_supervision", "occlusion_supervision", "deformed", "detail_weight"],
)
def test_supervision_without_truth_is_an_error(weight: str) -> None:
    config = with_weights(**{"reconstruction": 1.0, weight: 1.0})
    with pytest.raises(ConfigError, match=rf"loss\.{weight} needs data whose truth is known"):
        Objective(config).generator_losses(make_step(Truth()), warp(), detect)


def test_without_a_discriminator_nothing_is_judged() -> None:
    config = replace(NOTHING, reconstruction=1.0, generator_gan=1.0, feature_matching=(1.0, 1.0))
    losses = Objective(config).generator_losses(make_step(), warp(), never)
    assert losses.terms.keys() == {"reconstruction"}


def test_the_generator_s_gan_trains_the_picture_but_not_the_keypoints() -> None:
    step, config = make_step(), replace(NOTHING, generator_gan=1.0, feature_matching=(1.0, 1.0))
    losses = Objective(config).generator_losses(step, warp(), never, make_discriminator())
    torch.autograd.backward(losses.total)
    assert step.prediction.image.grad is not None
    assert step.driving_keypoints.value.grad is None


def test_the_discriminator_s_loss_trains_the_discriminator_alone() -> None:
    step, discriminator = make_step(), make_discriminator()
    losses: LossTerms = Objective(replace(NOTHING, discriminator_gan=2.0)).discriminator_losses(
        step, discriminator
    )
    torch.autograd.backward(losses.total)
    assert losses.terms.keys() == {"discriminator_gan"}
    assert step.prediction.image.grad is None
    assert step.driving_keypoints.value.grad is None
    assert all(parameter.grad is not None for parameter in discriminator.parameters())
