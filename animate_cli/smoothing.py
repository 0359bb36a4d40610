"""One-Euro filter (Casiez, Roussel, Vogel 2012): smooth when slow, quick when fast."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from animate_cli.motion import Motion

SPEED_GAIN = 2.0
"""Cut-off gained, in hertz, for each unit of speed a second (the picture is 2 units wide)."""

SPEED_SECONDS = 0.15
"""Time constant of the estimate of the speed itself."""


@dataclass
class OneEuroFilter:
    """Smooth an array over time; ``seconds`` is the time constant while nothing moves, 0 changes nothing."""

    seconds: float
    gain: float = SPEED_GAIN
    _time: float = 0.0
    _value: NDArray[np.float64] | None = None
    _speed: NDArray[np.float64] | None = field(default=None)

    def __call__(self, value: NDArray[np.floating], time: float) -> NDArray[np.float64]:
        """Take the value at a time (seconds, rising) and return the smoothed one."""
        current = np.asarray(value, dtype=np.float64)
        if self.seconds <= 0 or self._value is None or self._speed is None:
            self._value, self._speed, self._time = current, np.zeros_like(current), time
            return current
        step = max(time - self._time, 1e-6)
        speed = (current - self._value) / step
        self._speed = self._speed + _share(step, SPEED_SECONDS) * (speed - self._speed)
        cutoff = 1 / (2 * math.pi * self.seconds) + self.gain * np.abs(self._speed)
        self._value = self._value + _share(step, 1 / (2 * math.pi * cutoff)) * (current - self._value)
        self._time = time
        return self._value


def _share(step: float, constant: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(step / (step + constant))


class MotionSmoother:
    """Smooth keypoints and their jacobians."""

    def __init__(self, seconds: float) -> None:
        self._value = OneEuroFilter(seconds)
        self._jacobian = OneEuroFilter(seconds)

    def __call__(self, motion: Motion, time: float) -> Motion:
        """Take the motion at a time in seconds and return the smoothed one."""
        value = self._value(motion.value, time)
        jacobian = self._jacobian(motion.jacobian, time)
        return Motion(value.astype(np.float32), jacobian.astype(np.float32))
