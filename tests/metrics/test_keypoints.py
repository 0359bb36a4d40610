"""Keypoints off the object, their spread, and what restyling moves."""

import numpy as np
import pytest
import torch

from animate_cli.metrics.keypoints import KeypointsOff, KeypointsSpread
from animate_cli.metrics.restyling import RESTYLES, Restyled
from animate_cli.metrics.values import Pair
from tests.metrics.seen import landmarks, observe, shifted


def test_keypoints_off_the_object() -> None:
    mask = torch.zeros(1, 64, 64, dtype=torch.bool)
    mask[0, 16:48, 16:48] = True
    pixels = np.array([[[32, 32], [16, 16], [10, 32], [-5, 32]]], dtype=float)
    assert KeypointsOff().look(observe(1, mask=mask, keypoints=pixels * 4)).tolist() == [0.5]


def test_frames_without_an_object_are_left_out() -> None:
    mask = torch.zeros(1, 64, 64, dtype=torch.bool)
    assert np.isnan(KeypointsOff().look(observe(1, mask=mask, keypoints=np.zeros((1, 3, 2))))).all()


def test_spread_is_relative_to_visible_landmarks() -> None:
    points = np.random.default_rng(0).normal(size=(1, 8, 2))
    present = np.ones((1, 8), bool)
    marks = landmarks(points, present)
    seen = observe(1, keypoints=points * 0.5 + 7, marks=marks)
    assert KeypointsSpread().look(seen) == pytest.approx([0.5])
    together = observe(1, keypoints=np.ones((1, 4, 2)), marks=marks)
    assert KeypointsSpread().look(together) == pytest.approx([0])


def test_restyled_is_the_mean_over_the_styles() -> None:
    points = np.zeros((2, 3, 2))
    moved = {name: landmarks(shifted(points, index, 0)) for index, name in enumerate(RESTYLES)}
    seen = observe(found=Pair(landmarks(points), landmarks(points)), found_driven=moved)
    assert Restyled().look(seen).tolist() == [1.5, 1.5]


@pytest.mark.parametrize("name", RESTYLES)
def test_restyling_changes_looks_and_not_size(name: str) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)
    once, again = RESTYLES[name](picture), RESTYLES[name](picture)
    assert (once.shape, once.dtype) == (picture.shape, picture.dtype)
    assert (once == again).all()
    assert (once != picture).any()
