"""The Fréchet distance against scipy's matrix root, and in pieces."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from animate_cli.metrics.fid import Fid


def test_equals_the_definition_however_the_frames_are_cut() -> None:
    chance = np.random.default_rng(0)
    truth, result = (
        chance.normal(size=(90, 6)),
        chance.normal(size=(90, 6)) @ chance.normal(size=(6, 6)) + 0.3,
    )
    covariances = np.cov(truth, rowvar=False), np.cov(result, rowvar=False)
    root = sqrtm(covariances[0] @ covariances[1]).real
    wanted = np.square(truth.mean(0) - result.mean(0)).sum() + np.trace(
        covariances[0] + covariances[1] - 2 * root
    )
    kept = np.stack([truth, result], axis=1)
    assert Fid().pool([kept]) == pytest.approx(wanted)
    assert Fid().pool([kept[:7], kept[7:50], kept[50:]]) == pytest.approx(wanted)


def test_equal_sets_and_too_few_frames() -> None:
    rows = np.random.default_rng(0).normal(size=(30, 1, 4)).repeat(2, axis=1)
    assert Fid().pool([rows]) == pytest.approx(0, abs=1e-9)
    assert np.isnan(Fid().pool([rows[:1]]))
    rows[3] = np.nan
    assert Fid().score(rows).left_out == 1
    assert np.isfinite(Fid().pool([rows]))
