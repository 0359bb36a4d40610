"""Parity of the warp and of every loss with the reference data, from the pictures on."""

import pytest
import torch
from torch import Tensor

from animate_cli.config import LossConfig
from animate_cli.model.values import Keypoints
from animate_cli.training.losses import Objective, Step
from animate_cli.training.reconstruct import reconstruct
from tests.training.golden import TOLERANCE, Reference, needs_reference

pytestmark = needs_reference

TERMS = {
    "generator_gan": "loss_gen_gan",
    "feature_matching": "loss_feature_matching",
    "equivariance_value": "loss_equivariance_value",
    "equivariance_jacobian": "loss_equivariance_jacobian",
}


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference()


@pytest.fixture(scope="module")
@torch.no_grad()
def step(reference: Reference) -> Step:
    """What the published model makes of the pairs."""
    batch = reference.batch()
    outcome = reconstruct(reference.model(), batch)
    return Step(batch.driving, batch.target, outcome.prediction, outcome.source, outcome.driving)


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=0, atol=TOLERANCE)


def test_warped_frame(reference: Reference) -> None:
    warped = reference.warp().warp_image(reference.batch().driving)
    assert_close(warped, reference["transform_frame_of_driving_1_2"])


def test_warped_keypoints(reference: Reference) -> None:
    warped = reference.warp().warp_points(reference["transform_keypoints"])
    assert_close(warped, reference["transform_warped_keypoints"])


def test_jacobian(reference: Reference) -> None:
    jacobian = reference.warp().jacobian(reference["transform_keypoints"])
    assert_close(jacobian, reference["transform_jacobian_at_keypoints"])


@torch.no_grad()
def test_generator_losses(reference: Reference, step: Step) -> None:
    model = reference.model()

    def detect(frame: Tensor) -> Keypoints:
        keypoints = model.detect(frame)
        assert_close(keypoints.value, reference["transform_keypoints"])
        assert_close(keypoints.jacobian, reference["transform_keypoints_jacobian"])
        return keypoints

    objective = Objective(LossConfig(perceptual=(), generator_gan=1.0))
    losses = objective.generator_losses(step, reference.warp(), detect, reference.discriminator())
    assert losses.terms.keys() == TERMS.keys()
    for ours, theirs in TERMS.items():
        assert_close(losses.terms[ours], reference[theirs])


@torch.no_grad()
def test_discriminator_loss(reference: Reference, step: Step) -> None:
    objective = Objective(LossConfig(perceptual=()))
    losses = objective.discriminator_losses(step, reference.discriminator())
    assert_close(losses.total, reference["loss_disc_gan"])


@torch.no_grad()
def test_losses_from_the_reference_s_own_keypoints(reference: Reference, step: Step) -> None:
    given = step._replace(
        driving_keypoints=Keypoints(reference["kp_driving_value"][1:3], reference["kp_driving_jacobian"][1:3])
    )
    objective = Objective(LossConfig(perceptual=()))
    losses = objective.generator_losses(given, reference.warp(), lambda _: reference.warped_keypoints())
    for name in ("equivariance_value", "equivariance_jacobian"):
        torch.testing.assert_close(losses.terms[name], reference[TERMS[name]], rtol=0, atol=1e-5)
