"""The fixed table from 68 landmarks to named keypoints, and the head's turn and size."""

import numpy as np
import pytest

from animate_cli.faces.named_keypoints import (
    HEAD,
    SIZE_FOLLOWED,
    TURN_FOLLOWED,
    Points,
    can_be_named,
    fit_head,
    name_keypoints,
    similarity,
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
    before, after = (similarity(*turn_and_size(fit_head(points)))[0] for points in (face(), moved))
    np.testing.assert_allclose(after @ np.linalg.inv(before), turn, atol=1e-6)
    both = np.concatenate([face(), moved])
    one, other = (motion.jacobian[0].astype(float) for motion in name_keypoints(both, own(2), NAMES))
    followed = similarity(np.array([TURN_FOLLOWED * angle]), np.array([size**SIZE_FOLLOWED]))[0]
    np.testing.assert_allclose(other @ np.linalg.inv(one), followed, atol=1e-5)


def test_ears_stay_at_the_outline_of_a_head_that_turns_away() -> None:
    places = np.array(list(HEAD.values()))
    widths, middles = [], []
    for yaw in (0.0, 0.5, 0.9):
        points = face()
        points[0, list(HEAD)] = 0.1 * (places @ _yaw(yaw).T)[:, :2]
        (motion,) = name_keypoints(points, own(), ("ear_left", "ear_right", "nose_tip", "chin"))
        widths.append(motion.value[0, 0] - motion.value[1, 0])
        middles.append(motion.value[:2, 0].mean())
    np.testing.assert_allclose(widths, 0.32, rtol=0.01)
    assert middles[0] == pytest.approx(0, abs=1e-6)
    assert abs(middles[2]) > abs(middles[1]) > 0.05  # the axis is behind the face, which turns about it


def _yaw(angle: float) -> Points:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])


def test_a_head_that_turns_away_keeps_its_size() -> None:
    places = np.array(list(HEAD.values()))
    sizes = []
    for yaw in (0.0, 0.5, 0.9):
        points = face()
        points[0, list(HEAD)] = 0.1 * (places @ _yaw(yaw).T)[:, :2]
        sizes.append(turn_and_size(fit_head(points))[1][0])
    np.testing.assert_allclose(sizes, sizes[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("names", "possible"),
    [(NAMES, True), (("left_eye_outer", "tail", "paw"), False), (None, False), ((), False)],
)
def test_which_weights_can_be_driven(names: tuple[str, ...] | None, possible: bool) -> None:
    assert can_be_named(names) is possible
