"""AKD, MKR and stability by hand-computed cases, and the published scripts' arithmetic computed again."""

import numpy as np
import pytest

from animate_cli.metrics.landmarks import (
    Akd,
    AkdAboveFloor,
    AkdPoseEvaluation,
    DetectorFloor,
    Mkr,
    MkrPoseEvaluation,
    Stability,
)
from animate_cli.metrics.measure import Measure
from animate_cli.metrics.values import Pair
from tests.metrics.seen import landmarks, observe, pair, shifted

SQUARE = [[10.0, 10.0], [20.0, 10.0], [10.0, 20.0], [20.0, 20.0]]


def test_akd_is_euclidean_and_the_scripts_is_by_coordinate() -> None:
    moved = shifted(SQUARE, 3, 4)
    seen = pair(landmarks([SQUARE]), landmarks(moved[None]))
    assert Akd().look(seen).tolist() == [5.0]
    assert AkdPoseEvaluation().look(seen).tolist() == [3.5]


def test_missing_landmarks_count_in_mkr_and_not_in_akd() -> None:
    truth = landmarks([SQUARE] * 3, [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
    result = landmarks(shifted([SQUARE] * 3, 1, 0), [[1, 1, 1, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    seen = pair(truth, result)
    assert Mkr().look(seen) == pytest.approx([0.25, 1, np.nan], nan_ok=True)
    assert Akd().look(seen) == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    score = Akd().score(Akd().look(seen))
    assert (score.left_out, score.parts.tolist()) == (2, [1, 1])


def script_figures(truth: np.ndarray, result: np.ndarray) -> tuple[float, float]:
    """Do what the published scripts do with joints [T, L, 2], -1 where missing, written frame by frame."""
    distances, missing = [], []
    for gt, prediction in zip(truth, result, strict=True):
        gt_here, here = gt[:, 0] != -1, prediction[:, 0] != -1
        if gt_here.any():
            missing.append((gt_here & ~here).sum() / gt_here.sum())
        if (gt_here & here).any():
            distances.append(np.mean(np.abs(gt[gt_here & here] - prediction[gt_here & here])))
    return float(np.mean(distances)), float(np.mean(missing))


def test_pose_evaluation_equals_an_independent_computation() -> None:
    chance = np.random.default_rng(0)
    truth, result = chance.uniform(0, 256, (2, 40, 18, 2))
    here, there = chance.random((2, 40, 18)) < 0.6
    there[3], here[5] = False, False
    seen = pair(landmarks(truth, here), landmarks(result, there))
    akd, mkr = script_figures(
        np.where(here[..., None], truth, -1.0), np.where(there[..., None], result, -1.0)
    )
    assert figure(AkdPoseEvaluation(), seen) == pytest.approx(akd)
    assert figure(MkrPoseEvaluation(), seen) == pytest.approx(mkr)


def figure(measure: Measure, seen: object) -> float:
    return float(measure.combine(measure.score(measure.look(seen)).parts))  # type: ignore[arg-type]


def test_floor_is_taken_off() -> None:
    marks = landmarks([SQUARE])
    found = Pair(landmarks(shifted([SQUARE], 1, 0)), landmarks(shifted([SQUARE], 3, 0)))
    seen = observe(1, found=found, marks=marks)
    assert DetectorFloor().look(seen).tolist() == [1]
    assert AkdAboveFloor().look(seen).tolist() == [2]


def test_hidden_landmarks_do_not_count_against_the_detector() -> None:
    wild = np.array([SQUARE]) + np.array([0, 0, 0, 90])[:, None]
    seen = observe(1, found=Pair(landmarks(wild), landmarks(wild)), marks=landmarks([SQUARE], [[1, 1, 1, 0]]))
    assert DetectorFloor().look(seen).tolist() == [0]


def test_true_landmarks_are_matched_by_name() -> None:
    marks = landmarks([SQUARE], names=("a", "b", "c", "d"))
    swapped = landmarks([[SQUARE[1], SQUARE[0], [0, 0]]], names=("b", "a", "x"))
    seen = observe(1, found=Pair(swapped, swapped), marks=marks)
    assert DetectorFloor().look(seen).tolist() == [0]


def test_stability_is_the_ratio_of_jitter_energies() -> None:
    time = np.arange(6.0)
    smooth = np.stack([time**2, 0 * time], -1)[:, None]
    shaky = smooth * 2
    measure = Stability()
    score = measure.score(measure.look(pair(landmarks(smooth), landmarks(shaky))))
    assert score.frames == pytest.approx([np.nan, 4, 4, 4, 4, np.nan], nan_ok=True)
    assert float(measure.combine(score.parts)) == pytest.approx(4)
    assert score.left_out == 2


def test_stability_of_still_or_short_clips_is_not_known() -> None:
    measure = Stability()
    still = landmarks(np.ones((5, 1, 2)))
    assert np.isnan(measure.combine(measure.score(measure.look(pair(still, still))).parts))
    short = landmarks(np.ones((2, 1, 2)))
    score = measure.score(measure.look(pair(short, short)))
    assert (score.left_out, len(score.frames)) == (2, 2)


def test_stability_skips_gaps() -> None:
    points = np.random.default_rng(0).normal(size=(9, 2, 2))
    present = np.ones((9, 2), bool)
    present[4, 1] = False
    measure = Stability()
    score = measure.score(measure.look(pair(landmarks(points), landmarks(points, present))))
    assert float(measure.combine(score.parts)) == pytest.approx(1)
    assert score.left_out == 2
