"""The One-Euro filter."""

import numpy as np

from animate_cli.motion import Motion
from animate_cli.smoothing import MotionSmoother, OneEuroFilter


def test_zero_changes_nothing() -> None:
    smoother = OneEuroFilter(0.0)
    values = np.random.default_rng(0).random((20, 3))
    for i, value in enumerate(values):
        np.testing.assert_array_equal(smoother(value, i / 25), value)


def test_noise_shrinks_more_with_a_longer_constant() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, (400, 10))
    spreads = []
    for seconds in (0.0, 0.1, 0.5):
        smoother = OneEuroFilter(seconds)
        spreads.append(np.std([smoother(value, i / 25) for i, value in enumerate(noise)]))
    assert spreads[2] < spreads[1] < spreads[0] * 0.7


def test_quick_movement_is_followed() -> None:
    smoother = OneEuroFilter(0.2)
    path = np.clip((np.arange(60) - 20) / 10, 0, 1)
    followed = [float(smoother(np.array([x]), i / 25)[0]) for i, x in enumerate(path)]
    assert max(abs(a - b) for a, b in zip(followed, path, strict=True)) < 0.35
    assert abs(followed[-1] - 1) < 0.05


def test_frame_rate_does_not_matter_much() -> None:
    def end(rate: int) -> float:
        smoother = OneEuroFilter(0.3, gain=0.0)
        return [float(smoother(np.array([float(i > 0)]), i / rate)[0]) for i in range(rate // 2)][-1]

    assert abs(end(25) - end(100)) < 0.1


def test_motion_keeps_its_shapes_and_type() -> None:
    motion = MotionSmoother(0.1)(Motion(np.zeros((10, 2), np.float32), np.zeros((10, 2, 2), np.float32)), 0.0)
    assert motion.value.shape == (10, 2)
    assert motion.jacobian.dtype == np.float32
