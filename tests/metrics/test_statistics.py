"""Paired bootstrap: known cases, and that pairs stay pairs."""

import math

import numpy as np
import pytest

from animate_cli.metrics.pixel import L1
from animate_cli.metrics.statistics import compare


def scored(values: np.ndarray, frames: int = 10) -> np.ndarray:
    """Return the parts [M, V, 2] of videos with these means [M, V]."""
    return np.stack([values * frames, np.full_like(values, frames)], axis=-1)


def test_interval_is_that_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(5, 1, (1, 200))
    figure = compare(scored(values), L1().combine).figures[0]
    assert figure.mean == pytest.approx(values.mean())
    spread = 1.96 * values.std() / math.sqrt(200)
    assert figure.low == pytest.approx(values.mean() - spread, abs=0.03)
    assert figure.high == pytest.approx(values.mean() + spread, abs=0.03)


def test_resampling_is_paired() -> None:
    values = np.random.default_rng(1).uniform(1, 9, (1, 20))
    comparison = compare(scored(np.concatenate([values, values * 0.9])), L1().combine)
    assert comparison.figures[1].high - comparison.figures[1].low > 0.5
    change = comparison.changes[1]
    assert (change.mean, change.low, change.high) == pytest.approx((-10, -10, -10))
    assert comparison.changes[0].mean == 0


def test_the_same_digits_on_every_run() -> None:
    parts = scored(np.random.default_rng(1).normal(5, 1, (2, 12)))
    assert compare(parts, L1().combine) == compare(parts, L1().combine)
    assert compare(parts, L1().combine) != compare(parts, L1().combine, seed=1)


def test_long_videos_weigh_more() -> None:
    parts = np.array([[[1.0 * 30, 30], [4.0 * 10, 10]]])
    assert compare(parts, L1().combine).figures[0].mean == pytest.approx(1.75)


def test_one_video_has_no_interval() -> None:
    figure = compare(scored(np.array([[3.0]])), L1().combine).figures[0]
    assert figure.mean == 3
    assert math.isnan(figure.low)


def test_nothing_measured_is_not_zero() -> None:
    figure = compare(np.zeros((1, 4, 2)), L1().combine).figures[0]
    assert math.isnan(figure.mean)
    assert math.isnan(figure.low)
