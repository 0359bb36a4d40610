"""Each problem planted on one keypoint of a healthy clip, and found there and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from animate_cli.diagnosis import PROBLEMS, Observation, diagnose
from animate_cli.diagnosis.measures import measure_response

FRAMES, KEYPOINTS, SICK = 24, 6, 2


def healthy(frames: int = FRAMES) -> Observation:
    """Six keypoints that sway together, each a little of its own."""
    generator = np.random.default_rng(0)
    rest = np.stack([np.linspace(-0.6, 0.6, KEYPOINTS), np.tile([-0.3, 0.3], KEYPOINTS // 2)], axis=1)
    time = np.arange(frames)
    sway = 0.1 * np.stack([np.sin(time / 4), np.cos(time / 5)], axis=1)
    own = np.cumsum(generator.normal(0, 0.002, (frames, KEYPOINTS, 2)), axis=0)
    turn = 0.2 * np.sin(time / 6)
    rotation = np.stack(
        [np.stack([np.cos(turn), -np.sin(turn)], -1), np.stack([np.sin(turn), np.cos(turn)], -1)], -2
    )
    # FOMM leaves a keypoint's frame of reference free: even one that is turned over is no fold
    reference = generator.normal(0, 1, (KEYPOINTS, 2, 2)) + 2 * np.eye(2)
    reference[1] = np.diag([1.0, -1.5])
    return Observation(
        points=rest + sway[:, None] + own,
        jacobians=rotation[:, None] @ reference,
        size=(480, 640),
        times=time / 25,
        off_object=np.full((frames, KEYPOINTS), 0.2),
        certainty=np.ones((frames, KEYPOINTS)),
        leak=np.full((frames, KEYPOINTS), 0.3),
        response=np.full(KEYPOINTS, 0.95),
    )


def planted(problem: str) -> tuple[Observation, slice]:
    """A clip with one problem at keypoint SICK, and the frames that show it."""
    seen, some = healthy(), slice(5, 17)
    points, jacobians = seen.points.copy(), seen.jacobians.copy()
    amount = np.full((FRAMES, KEYPOINTS), 0.2)
    amount[some, SICK] = 3.0
    if problem == "off the object":
        return replace(seen, off_object=amount), some
    if problem == "leaking":
        return replace(seen, leak=amount), some
    if problem == "dead":
        return replace(seen, response=np.where(np.arange(KEYPOINTS) == SICK, 0.05, 0.95)), slice(0, FRAMES)
    if problem == "jumping":
        points[10, SICK] += 0.3
        return replace(seen, points=points), slice(10, 12)
    if problem == "folding":
        jacobians[some.start : 10, SICK] = jacobians[some.start : 10, SICK] @ np.diag([-1.0, 1.0])
        return replace(seen, jacobians=jacobians), slice(some.start, 10)
    if problem == "stretching":
        jacobians[some.start : 10, SICK] *= 5.0
        return replace(seen, jacobians=jacobians), slice(some.start, 10)
    points[:, SICK] = points[:, SICK + 1] + 0.004
    return replace(seen, points=points), slice(0, FRAMES)


def test_nothing_is_wrong_with_the_healthy() -> None:
    found = diagnose(healthy())
    assert set(found.amounts) == set(PROBLEMS)
    assert not found.bad.any()
    assert found.misplaced_share == 0
    assert all(keypoint.worst_frame is None for keypoint in found.keypoints)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_planted_problem_is_found_by_its_name_at_its_place_and_time(problem: str) -> None:
    seen, when = planted(problem)
    found = diagnose(seen)
    expected = np.zeros((FRAMES, KEYPOINTS), bool)
    expected[when, SICK] = True
    if problem == "collapsed":
        expected[when, SICK + 1] = True
    np.testing.assert_array_equal(found.amounts[problem] >= 1, expected)
    sick = found.keypoints[SICK]
    assert next(iter(sick.problems)) == problem
    assert sick.worst_frame in range(FRAMES)[when]
    assert found.bad[:, [0, 1, 4, 5]].sum() == 0


def test_a_blink_is_no_collapse() -> None:
    seen = healthy()
    points = seen.points.copy()
    points[8:12, 2] = points[8:12, 3]
    assert not (diagnose(replace(seen, points=points)).amounts["collapsed"] >= 1).any()


def test_a_cut_blames_no_keypoint_but_shows_the_one_that_stays() -> None:
    seen = healthy()
    points = seen.points.copy()
    points[12:] = -points[12:]
    assert not (diagnose(replace(seen, points=points)).amounts["jumping"] >= 1).any()


def test_a_fast_object_is_no_jump() -> None:
    seen = healthy()
    swept = seen.points + np.linspace(0, 12, FRAMES)[:, None, None]
    assert not (diagnose(replace(seen, points=swept)).amounts["jumping"] >= 1).any()


def test_bounds_do_not_depend_on_resolution() -> None:
    for problem in PROBLEMS:
        seen, _ = planted(problem)
        larger = diagnose(replace(seen, size=(1920, 2560)))
        np.testing.assert_array_equal(larger.bad, diagnose(seen).bad)


def test_one_picture_is_judged_by_what_it_can_tell() -> None:
    seen = replace(healthy(1), off_object=None, leak=None, response=None)
    found = diagnose(seen)
    assert set(found.amounts) == {"collapsed"}
    assert set(found.not_judged) == set(PROBLEMS) - {"collapsed"}
    assert not found.bad.any()


def test_one_picture_folds_against_a_reference() -> None:
    seen = healthy(1)
    folded = seen.jacobians.copy()
    folded[0, SICK] = folded[0, SICK] @ np.diag([1.0, -1.0])
    found = diagnose(replace(seen, jacobians=folded, reference=seen.jacobians[0]))
    assert found.problems_at(0, SICK) == ["folding"]
    assert found.bad.sum() == 1


def test_jacobians_that_cannot_be_are_folds() -> None:
    seen = healthy()
    jacobians = seen.jacobians.copy()
    jacobians[3, SICK], jacobians[4, SICK] = np.nan, 0.0
    assert diagnose(replace(seen, jacobians=jacobians)).bad[3:5, SICK].all()


def test_what_is_not_judged_is_no_problem() -> None:
    seen = healthy()
    unsure = np.full((FRAMES, KEYPOINTS), np.nan)
    unsure[0, 0] = 0.5
    found = diagnose(replace(seen, off_object=unsure))
    assert "off the object" in found.amounts
    assert not found.bad.any()


def test_response_is_the_share_of_a_shift_that_is_followed() -> None:
    before = np.zeros((4, 3, 2))
    shift = np.array([[0.1, 0.0], [-0.1, 0.0], [0.0, 0.1], [0.0, -0.1]])
    after = before + shift[:, None] * np.array([1.0, 0.5, 0.0])[:, None]
    np.testing.assert_allclose(measure_response(before, after, shift), [1.0, 0.5, 0.0])


def test_worst_frame_of_the_clip_has_the_most_misplaced() -> None:
    seen = healthy()
    amount = np.zeros((FRAMES, KEYPOINTS))
    amount[3, 0], amount[7, :3] = 90.0, 1.5
    found = diagnose(replace(seen, off_object=amount))
    assert found.worst_frame == 7
    assert found.keypoints[0].worst_frame == 3
    assert found.misplaced_share == pytest.approx(4 / FRAMES / KEYPOINTS)
