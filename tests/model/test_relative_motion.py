"""Relative motion: identities that must hold, and the hull behind scale adaptation."""

import pytest
import torch

from animate_cli.model.relative_motion import hull_area, movement_scale, relative_keypoints
from animate_cli.model.values import Keypoints


def keypoints(seed: int, batch: int = 1) -> Keypoints:
    generator = torch.Generator().manual_seed(seed)
    noise = 0.2 * torch.randn(batch, 5, 2, 2, generator=generator)
    return Keypoints(torch.rand(batch, 5, 2, generator=generator) * 2 - 1, torch.eye(2) + noise)


def same(a: Keypoints, b: Keypoints) -> bool:
    return torch.allclose(a.value, b.value, atol=1e-5) and torch.allclose(a.jacobian, b.jacobian, atol=1e-5)


def test_no_movement_gives_the_source() -> None:
    source, driving = keypoints(0), keypoints(1)
    assert same(relative_keypoints(source, driving, driving, scale=3.0), source)


def test_the_source_as_reference_gives_the_driving() -> None:
    source, driving = keypoints(0), keypoints(1, batch=3)
    assert same(relative_keypoints(source, driving, source), driving)


def test_no_strength_gives_the_source() -> None:
    source = keypoints(0)
    assert same(relative_keypoints(source, keypoints(1), keypoints(2), strength=0.0), source)


def test_strength_and_scale_stretch_the_movement() -> None:
    source, driving, reference = keypoints(0), keypoints(1), keypoints(2)
    moved = relative_keypoints(source, driving, reference, scale=0.5, strength=3.0)
    assert torch.allclose(moved.value, source.value + 1.5 * (driving.value - reference.value), atol=1e-6)
    turn = driving.jacobian @ torch.linalg.inv(reference.jacobian)
    expected = (torch.eye(2) + 3 * (turn - torch.eye(2))) @ source.jacobian
    assert torch.allclose(moved.jacobian, expected, atol=1e-4)


def test_hull_of_a_square_with_points_inside_and_on_its_edge() -> None:
    corners = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    assert hull_area(torch.tensor([*corners, [1.0, 1.0], [1.0, 0.0], [2.0, 2.0]])) == pytest.approx(4)


@pytest.mark.parametrize("points", [[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], [[1.0, 1.0]] * 4, [[0.5, 0.5]]])
def test_hull_of_a_line_or_a_point_is_nothing(points: list[list[float]]) -> None:
    assert hull_area(torch.tensor(points)) == pytest.approx(0)


def test_movement_scale_is_a_length() -> None:
    reference = keypoints(3)
    larger = Keypoints(reference.value * 2 + 0.3, reference.jacobian)
    assert movement_scale(larger, reference) == pytest.approx(2, rel=1e-5)


def test_movement_scale_of_a_flat_hull_is_one() -> None:
    flat = Keypoints(torch.zeros(1, 5, 2), keypoints(0).jacobian)
    assert movement_scale(keypoints(0), flat) == movement_scale(flat, keypoints(0)) == 1
