"""Parity of the warp and of every loss with the reference data."""

import pytest
import torch
from torch import Tensor

from animate_cli.config import LossConfig
from animate_cli.model.values import Keypoints
from animate_cli.training.losses import Objective
from tests.training.golden import TOLERANCE, Reference, needs_reference

pytestmark = needs_reference


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference()


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=0, atol=TOLERANCE)


def test_warped_frame(reference: Reference) -> None:
    warped = reference.warp().warp_image(reference.step().driving)
    assert_close(warped, reference["transform_frame_of_driving_1_2"])


def test_warped_keypoints(reference: Reference) -> None:
    warped = reference.warp().warp_points(reference["transform_keypoints"])
    assert_close(warped, reference["transform_warped_keypoints"])


def test_jacobian(reference: Reference) -> None:
    jacobian = reference.warp().jacobian(reference["transform_keypoints"])
    assert_close(jacobian, reference["transform_jacobian_at_keypoints"])


def test_generator_losses(reference: Reference) -> None:
    def detect(frame: Tensor) -> Keypoints:
        assert_close(frame, reference["transform_frame_of_driving_1_2"])
        return reference.warped_keypoints()

    objective = Objective(LossConfig(perceptual=(), generator_gan=1.0))
    losses = objective.generator_losses(reference.step(), reference.warp(), detect, reference.discriminator())
    names = {
        "generator_gan": "loss_gen_gan",
        "feature_matching": "loss_feature_matching",
        "equivariance_value": "loss_equivariance_value",
        "equivariance_jacobian": "loss_equivariance_jacobian",
    }
    assert losses.terms.keys() == names.keys()
    for ours, theirs in names.items():
        assert_close(losses.terms[ours], reference[theirs])


def test_discriminator_loss(reference: Reference) -> None:
    objective = Objective(LossConfig(perceptual=()))
    losses = objective.discriminator_losses(reference.step(), reference.discriminator())
    assert_close(losses.total, reference["loss_disc_gan"])
