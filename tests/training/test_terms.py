"""Every term against numbers worked out by hand."""

import math

import pytest
import torch
from torch import Tensor

from animate_cli.data.pairs import Landmarks, TrueMotion
from animate_cli.model.discriminator import Judgement
from animate_cli.model.values import Keypoints
from animate_cli.training.adversarial import discriminator_gan, feature_matching, generator_gan
from animate_cli.training.reconstruction import FAINT, Pyramid, crispness, edges, reconstruction
from animate_cli.training.supervision import (
    SMOOTHING,
    deformed_supervision,
    keypoint_supervision,
    motion_supervision,
    occlusion_supervision,
)


def judgement(*scores: float, features: tuple[Tensor, ...] = ()) -> Judgement:
    return Judgement(torch.tensor(scores).reshape(-1, 1, 1, 1), features)


def smooth(distance: float) -> float:
    return math.hypot(distance, SMOOTHING) - SMOOTHING


def test_generator_gan() -> None:
    assert generator_gan(judgement(0.0, 0.5)).item() == pytest.approx((1 + 0.25) / 2)


def test_discriminator_gan() -> None:
    loss = discriminator_gan(real=judgement(1.0, 0.5), fake=judgement(0.0, 2.0))
    assert loss.item() == pytest.approx((0.25 + 4) / 2)


def test_feature_matching_weighs_layers_and_detaches_the_truth() -> None:
    real = [torch.ones(1, 2, 2, 2, requires_grad=True), torch.ones(1, 4, requires_grad=True)]
    fake = [torch.full((1, 2, 2, 2), 0.5, requires_grad=True), torch.full((1, 4), 3.0, requires_grad=True)]
    loss = feature_matching(
        judgement(1, features=tuple(real)), judgement(0, features=tuple(fake)), [10.0, 2.0]
    )
    torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(10 * 0.5 + 2 * 2)
    assert all(layer.grad is None for layer in real)
    assert all(layer.grad is not None for layer in fake)


def test_pyramid_has_a_level_for_each_scale() -> None:
    levels = Pyramid((1.0, 0.5, 0.25))(torch.rand(2, 3, 16, 32))
    assert [tuple(level.shape) for level in levels] == [(2, 3, 16, 32), (2, 3, 8, 16), (2, 3, 4, 8)]


def test_reconstruction_adds_levels() -> None:
    predicted = [torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 2, 2)]
    target = [torch.full((1, 3, 4, 4), 0.5), torch.full((1, 3, 2, 2), -0.25)]
    assert reconstruction(predicted, target, []).item() == pytest.approx(0.75)


def test_reconstruction_weighs_pixels() -> None:
    predicted, target = torch.zeros(1, 3, 2, 2), torch.full((1, 3, 2, 2), 0.5)
    weight = torch.tensor([[1.0, 1.0], [3.0, 1.0]])[None, None]
    assert reconstruction([predicted], [target], [weight]).item() == pytest.approx(0.5 * 6 / 4)


def test_edges_ignore_a_constant_and_see_a_step() -> None:
    target = torch.rand(1, 3, 4, 4)
    assert edges([target + 0.3], [target], []).item() == pytest.approx(0, abs=1e-6)
    step = torch.zeros(1, 3, 4, 4)
    step[..., 2:] = 0.6
    assert edges([target + step], [target], []).item() == pytest.approx(0.6 / 3)


def test_edges_weigh_pixels() -> None:
    step = torch.zeros(1, 3, 2, 2)
    step[..., 1, :] = 0.5
    weight = torch.tensor([[9.0, 9.0], [1.0, 3.0]])[None, None]
    assert edges([step], [torch.zeros_like(step)], [weight]).item() == pytest.approx(0.5 * 2)


def lines(place: int, strength: float = 1.0) -> torch.Tensor:
    picture = torch.zeros(1, 3, 33, 33)
    picture[..., place::8] = strength
    return picture


def test_crispness_does_not_mind_where_lines_are_but_how_faint() -> None:
    target = [lines(3)]
    moved = crispness([lines(4)], target, []).item()
    faint = crispness([lines(3, 0.5)], target, []).item()
    assert moved == pytest.approx(0, abs=1e-6)
    assert faint == pytest.approx(0.5 * 0.5, abs=FAINT)  # two of eight differences are one: the root of 2 / 8
    assert crispness([torch.zeros(1, 3, 33, 33)], target, []).item() > faint


def test_crispness_weighs_windows_and_takes_small_levels() -> None:
    weight = torch.full((1, 1, 33, 33), 4.0)
    plain, weighed = (crispness([lines(3, 0.5)], [lines(3)], given).item() for given in ([], [weight]))
    assert weighed == pytest.approx(4 * plain)
    assert crispness([torch.ones(1, 3, 4, 4)], [torch.zeros(1, 3, 4, 4)], []).item() == 0


def test_keypoint_supervision_counts_visible_landmarks() -> None:
    keypoints = Keypoints(torch.tensor([[[0.0, 0.0], [0.5, 0.5]]]), torch.eye(2).expand(1, 2, 2, 2))
    landmarks = Landmarks(torch.tensor([[[0.3, -0.4], [math.nan, 9.0]]]), torch.tensor([[1.0, 0.0]]))
    loss = keypoint_supervision(keypoints, landmarks)
    assert loss.item() == pytest.approx(smooth(0.3) + smooth(0.4), rel=1e-5)


def test_keypoint_supervision_without_a_visible_landmark_is_zero() -> None:
    value = torch.zeros(1, 2, 2, requires_grad=True)
    landmarks = Landmarks(torch.full((1, 2, 2), math.nan), torch.zeros(1, 2))
    loss = keypoint_supervision(Keypoints(value, torch.eye(2)), landmarks)
    torch.autograd.backward(loss)
    assert loss.item() == 0
    assert value.grad is not None
    assert torch.equal(value.grad, torch.zeros_like(value))


def test_motion_supervision_counts_valid_places() -> None:
    truth = torch.full((1, 2, 2, 2), 0.2)
    truth[0, 1, 1] = math.inf
    valid = torch.tensor([[[True, True], [True, False]]])
    deformation = torch.zeros(1, 2, 2, 2, requires_grad=True)
    loss = motion_supervision(deformation, TrueMotion(truth, valid))
    torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(2 * smooth(0.2), rel=1e-5)
    assert deformation.grad is not None
    assert deformation.grad.isfinite().all()


def test_motion_supervision_resizes_the_deformation() -> None:
    truth = TrueMotion(torch.full((1, 8, 8, 2), 0.5), torch.ones(1, 8, 8))
    assert motion_supervision(torch.full((1, 4, 4, 2), 0.5), truth).item() == pytest.approx(0, abs=1e-6)


def test_occlusion_supervision_is_the_cross_entropy_of_what_the_source_shows() -> None:
    shown = torch.tensor([[[1.0, 0.0], [1.0, 1.0]]])
    sure = torch.tensor([[[[0.9, 0.2], [0.9, 0.9]]]])
    expected = -(3 * math.log(0.9) + math.log(0.8)) / 4
    assert occlusion_supervision([sure], shown).item() == pytest.approx(expected, rel=1e-5)
    half = torch.full((1, 1, 4, 4), 0.5)
    assert occlusion_supervision([sure, half], shown).item() == pytest.approx(
        (expected + math.log(2)) / 2, rel=1e-5
    )


def test_occlusion_supervision_stays_finite_where_a_map_is_wrong_and_certain() -> None:
    assert math.isfinite(occlusion_supervision([torch.zeros(1, 1, 2, 2)], torch.ones(1, 2, 2)).item())


def test_deformed_supervision_counts_only_what_the_source_shows() -> None:
    shown = torch.tensor([[[1.0, 0.0], [1.0, 1.0]]])
    target = torch.zeros(1, 3, 2, 2)
    deformed = torch.tensor([[0.3, 9.0], [0.0, 0.0]]).expand(1, 3, 2, 2)
    assert deformed_supervision(deformed, target, shown).item() == pytest.approx(0.1)
