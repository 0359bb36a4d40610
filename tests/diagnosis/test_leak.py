"""Leak: planted motions of the background, and who is to blame."""

import numpy as np

from animate_cli.diagnosis.leak import Deformed, identity_grid, measure_leak
from animate_cli.motion import Motion

SIDE = 48
OBJECT = np.hypot(*np.mgrid[-1:1:96j, -1:1:96j]) < 0.3
EYES = np.tile(np.eye(2, dtype=np.float32), (3, 1, 1))


def planted(moved_by: np.ndarray, spread: np.ndarray) -> Deformed:
    """Three keypoints; keypoint k moves by moved_by[k] and is the mask of ``spread[k]`` [h, w]."""
    rest = np.array([[0.0, 0.0], [0.1, 0.1], [-0.1, 0.0]], np.float32)
    masks = np.concatenate([1 - spread.sum(0, keepdims=True), spread])
    grid = identity_grid(SIDE, SIDE)
    steps = -moved_by[:, None, None]
    deformation = grid + (spread[..., None] * steps).sum(0)
    return Deformed(
        deformation, masks, Motion(rest, EYES), Motion((rest + moved_by).astype(np.float32), EYES)
    )


def on_object(share: float = 1.0) -> np.ndarray:
    ys, xs = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    return np.stack([(np.hypot(ys, xs) < 0.25) * share / 3] * 3)


def test_an_object_that_moves_alone_leaks_nothing() -> None:
    assert measure_leak(planted(np.full((3, 2), 0.05), on_object()), OBJECT).max() < 0.05


def test_the_keypoint_that_pulls_the_background_is_blamed() -> None:
    spread = on_object()
    spread[2] = np.maximum(spread[2], 0.3)
    leak = measure_leak(planted(np.full((3, 2), 0.1), spread), OBJECT)
    assert leak[2] >= 1
    assert leak[:2].max() < 0.5


def test_a_mask_on_the_background_without_motion_is_no_leak() -> None:
    spread = on_object()
    spread[2] = np.maximum(spread[2], 0.3)
    moved = np.zeros((3, 2))
    moved[0] = 0.1
    assert measure_leak(planted(moved, spread), OBJECT)[2] < 0.1


def test_what_the_object_uncovers_is_not_judged() -> None:
    everywhere = np.ones((96, 96), bool)
    assert np.isnan(measure_leak(planted(np.full((3, 2), 0.1), on_object()), everywhere)).all()
