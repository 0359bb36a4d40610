"""Mouth, lids and gaze read from landmarks, and their correlation."""

from dataclasses import replace

import numpy as np
import pytest

from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_motion
from animate_cli.data.toons.landmarks import find_landmarks
from animate_cli.data.toons.trees import take, tree_map
from animate_cli.data.toons.values import LANDMARK_NAMES
from animate_cli.metrics.expression import Blink, Expression, Gaze, Mouth
from animate_cli.metrics.values import Landmarks, Numbers
from tests.metrics.seen import landmarks, pair

FRAMES = 60


@pytest.fixture(scope="module")
def toon() -> tuple[Landmarks, Numbers, Numbers]:
    """A talking toon's true landmarks, its mouth opening and its gaze to the side."""
    import torch

    generator = torch.Generator().manual_seed(4)
    who = tree_map(lambda leaf: leaf.expand(FRAMES, *leaf.shape[1:]), random_identity(generator, 1))
    poses = take(tree_map(lambda leaf: leaf[0], random_motion(generator, 1, FRAMES, 10)), slice(None))
    poses = poses._replace(yaw=poses.yaw * 0.1, pitch=poses.pitch * 0.1)
    places, _ = find_landmarks(who, poses)
    return (
        landmarks(places.double().numpy() * 128 + 128, names=LANDMARK_NAMES),
        poses.mouth_open.double().numpy(),
        poses.gaze[:, 0].double().numpy(),
    )


def correlation(measure: Expression, truth: Landmarks, result: Landmarks) -> float:
    return float(measure.combine(measure.score(measure.look(pair(truth, result))).parts))


def test_signals_follow_the_pose(toon: tuple[Landmarks, Numbers, Numbers]) -> None:
    marks, opening, gaze = toon
    assert np.corrcoef(Mouth().read(marks)[:, 0], opening)[0, 1] > 0.95
    assert np.corrcoef(Gaze().read(marks)[:, 0], gaze)[0, 1] > 0.9


@pytest.mark.parametrize("measure", [Mouth(), Blink(), Gaze()])
def test_the_same_face_correlates_wholly(
    toon: tuple[Landmarks, Numbers, Numbers], measure: Expression
) -> None:
    marks = toon[0]
    assert correlation(measure, marks, marks) == pytest.approx(1)
    larger = marks._replace(points=marks.points * 2 + 5)
    assert correlation(measure, marks, larger) == pytest.approx(1)


@pytest.mark.parametrize("measure", [Mouth(), Blink(), Gaze()])
def test_the_ceiling_is_what_the_detector_reads_off_the_truth(
    toon: tuple[Landmarks, Numbers, Numbers], measure: Expression
) -> None:
    marks = toon[0]
    chance = np.random.default_rng(0)
    found, perfect = (
        marks._replace(points=marks.points + chance.normal(0, 0.5, marks.points.shape)) for _ in range(2)
    )
    known = replace(pair(found, found), marks=marks)
    parts = measure.score(measure.look(known)).parts
    assert measure.find_ceiling(parts) == measure.combine(parts)
    assert 0.2 < measure.find_ceiling(parts) < 0.999
    worse = replace(pair(found, marks._replace(points=marks.points * 0)), marks=marks)
    assert measure.find_ceiling(measure.score(measure.look(worse)).parts) == measure.find_ceiling(parts)
    unknown = measure.score(measure.look(pair(found, perfect))).parts
    assert np.isnan(measure.find_ceiling(unknown))


@pytest.mark.parametrize("measure", [Mouth(), Blink(), Gaze()])
def test_another_order_of_frames_does_not(
    toon: tuple[Landmarks, Numbers, Numbers], measure: Expression
) -> None:
    marks = toon[0]
    shuffled = marks._replace(points=marks.points[np.random.default_rng(0).permutation(FRAMES)])
    assert abs(correlation(measure, marks, shuffled)) < 0.5


def test_hidden_lips_are_left_out(toon: tuple[Landmarks, Numbers, Numbers]) -> None:
    marks = toon[0]
    present = marks.present.copy()
    present[:10, LANDMARK_NAMES.index("lip_upper")] = False
    score = Mouth().score(Mouth().look(pair(marks, marks._replace(present=present))))
    assert score.left_out == 10


def test_landmarks_without_these_names_say_nothing() -> None:
    plain = landmarks(np.random.default_rng(0).normal(size=(5, 3, 2)))
    score = Gaze().score(Gaze().look(pair(plain, plain)))
    assert score.left_out == 5
    assert np.isnan(Gaze().combine(score.parts))


def test_a_mouth_that_never_opens_has_no_correlation(toon: tuple[Landmarks, Numbers, Numbers]) -> None:
    marks = toon[0]
    still = marks._replace(points=np.repeat(marks.points[:1], FRAMES, 0))
    assert np.isnan(correlation(Mouth(), marks, still))
