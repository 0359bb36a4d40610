"""The fixed table from 68 landmarks to named keypoints, and the head's turn and size."""

import numpy as np
import pytest

from animate_cli.faces.named_keypoints import (
    HEAD,
    Points,
    can_be_named,
    fit_head,
    name_keypoints,
    turn_and_size,
)
from animate_cli.motion import Motion

NAMES = ("left_eye_outer", "mouth_right", "hairline", "shoulder_left")


def face() -> Points:
    """Return 68 landmarks [1, 68, 2] of a head that faces us, those of the table in place."""
    points = np.random.default_rng(0).normal(size=(1, 68, 2))
    points[0, list(HEAD)] = np.array(list(HEAD.values()))[:, :2]
    return points * 0.1


def own(count: int = 1) -> list[Motion]:
    return [Motion(np.full((4, 2), 9, np.float32), np.full((4, 2, 2), 7, np.float32))] * count


def test_points_are_the_subjects_and_the_rest_is_the_networks() -> None:
    (motion,) = name_keypoints(face(), own(), NAMES)
    np.testing.assert_allclose(motion.value[0], face()[0, 45], atol=1e-6)
    np.testing.assert_allclose(motion.value[1], face()[0, 48], atol=1e-6)
    np.testing.assert_allclose(motion.value[2], [0, -0.19], atol=0.01)
    assert (motion.value[3] == 9).all()
    assert (motion.jacobian[3] == 7).all()
    assert motion.value.dtype == motion.jacobian.dtype == np.float32


@pytest.mark.parametrize(("angle", "size"), [(0.0, 1.3), (0.5, 1.0), (-0.3, 0.8)])
def test_jacobians_turn_and_grow_with_the_head(angle: float, size: float) -> None:
    cosine, sine = size * np.cos(angle), size * np.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    moved = face() @ turn.T + [0.2, -0.1]
    before, after = (turn_and_size(fit_head(points))[0] for points in (face(), moved))
    np.testing.assert_allclose(after @ np.linalg.inv(before), turn, atol=1e-6)


def test_a_head_that_turns_away_keeps_its_size() -> None:
    places = np.array(list(HEAD.values()))
    sizes = []
    for yaw in (0.0, 0.5, 0.9):
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        points = face()
        points[0, list(HEAD)] = 0.1 * (places @ turn.T)[:, :2]
        sizes.append(np.sqrt(np.linalg.det(turn_and_size(fit_head(points))[0])))
    np.testing.assert_allclose(sizes, sizes[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("names", "possible"),
    [(NAMES, True), (("left_eye_outer", "tail", "paw"), False), (None, False), ((), False)],
)
def test_which_weights_can_be_driven(names: tuple[str, ...] | None, possible: bool) -> None:
    assert can_be_named(names) is possible
