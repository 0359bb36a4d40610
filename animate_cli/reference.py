"""Which frame of a driving shows the source's own pose: relative motion starts from it."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.model.relative_motion import hull_area
from animate_cli.motion import Motion

Numbers = NDArray[np.float64]

EYES = ("left_eye_outer", "right_eye_outer")
OPENINGS = (("lip_upper", "lip_lower"), ("left_eye_upper", "left_pupil"), ("right_eye_upper", "right_pupil"))
"""What faces open and close, between two keypoints."""
EXPRESSION = 5.0
"""Weight of an opening's difference, in distances of the eyes, against the keypoints' distances."""


def choose_reference(wanted: Motion, motions: Sequence[Motion], names: Sequence[str] = ()) -> int:
    """Return the index of the motion whose pose is nearest to the wanted one, whatever its place and size.

    Keypoints of two people differ by their looks as well. Where a face's are named, mouth and eyes are compared by
    how far they are open, or an open mouth could be taken for a long chin.
    """
    shape, openings = _shape(wanted), _openings(wanted, names)
    distances = [
        np.abs(_shape(motion) - shape).sum() + EXPRESSION * np.abs(_openings(motion, names) - openings).sum()
        for motion in motions
    ]
    return int(np.argmin(distances))


def _shape(motion: Motion) -> Numbers:
    """Move keypoints [K, 2] to their centre and divide by the square root of their hull's area."""
    centred = motion.value.astype(np.float64) - motion.value.mean(0)
    area = hull_area(torch.from_numpy(motion.value))
    shape: Numbers = centred / max(area, 1e-8) ** 0.5
    return shape


def _openings(motion: Motion, names: Sequence[str]) -> Numbers:
    """Return how far mouth and eyes are open, in distances of the eyes; nothing without their names."""
    places = dict(zip(names, motion.value.astype(np.float64), strict=False))
    if not all(name in places for pair in (EYES, *OPENINGS) for name in pair):
        return np.zeros(0)
    unit = max(float(np.linalg.norm(places[EYES[0]] - places[EYES[1]])), 1e-6)
    return np.array([np.linalg.norm(places[a] - places[b]) / unit for a, b in OPENINGS])
