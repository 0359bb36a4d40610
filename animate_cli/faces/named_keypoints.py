"""From the 68 landmarks of a photographed face to keypoints that are named after landmarks.

A fixed table says which of the 68 each named keypoint is. Their jacobians follow the head's rotation and size in
the picture. What the 68 do not show, such as shoulders, stays as the network found it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from animate_cli.motion import Motion

Points = NDArray[np.float64]
"""Landmarks [T, 68, 2], (x, y)."""

COUNT = 68


def _mean(*indices: int) -> dict[int, float]:
    return dict.fromkeys(indices, 1 / len(indices))


RIGHT_EYE, LEFT_EYE = _mean(36, 39), _mean(42, 45)

PLACES: Mapping[str, Mapping[int, float]] = MappingProxyType(
    {
        "right_eye_outer": _mean(36),
        "right_eye_inner": _mean(39),
        "right_eye_upper": _mean(37, 38),
        "right_eye_lower": _mean(40, 41),
        "right_pupil": RIGHT_EYE,
        "left_eye_outer": _mean(45),
        "left_eye_inner": _mean(42),
        "left_eye_upper": _mean(43, 44),
        "left_eye_lower": _mean(46, 47),
        "left_pupil": LEFT_EYE,
        "right_brow_outer": _mean(17),
        "right_brow_inner": _mean(21),
        "left_brow_inner": _mean(22),
        "left_brow_outer": _mean(26),
        "nose_tip": _mean(30),
        "nose_base": _mean(33),
        "mouth_right": _mean(48),
        "mouth_left": _mean(54),
        "lip_upper": _mean(51, 62),
        "lip_lower": _mean(57, 66),
        "chin": _mean(8),
        "jaw_right": _mean(4),
        "jaw_left": _mean(12),
    }
)
"""What of the 68 each keypoint is the weighted sum of; left and right are the subject's."""

HEAD: Mapping[int, tuple[float, float, float]] = MappingProxyType(
    {
        36: (-1.4, 0.0, -0.25), 39: (-0.5, 0.0, 0.0), 42: (0.5, 0.0, 0.0), 45: (1.4, 0.0, -0.25),
        21: (-0.4, -0.7, 0.2), 22: (0.4, -0.7, 0.2), 27: (0.0, 0.0, 0.25), 33: (0.0, 1.45, 0.55),
        0: (-2.2, 0.3, -2.0), 16: (2.2, 0.3, -2.0), 8: (0.0, 3.0, 0.1),
    }
)  # fmt: skip
"""A head that faces us: x right, y down, z towards us; 1 is the distance of the inner corners of the eyes."""

HAIRLINE = (0.0, -1.9, 0.1)
"""Where that head has what the 68 lack."""

EARS: Mapping[str, float] = MappingProxyType({"ear_right": -1.6, "ear_left": 1.6})
"""How far to the side of the head's axis, which lies between the 0th and the 16th, the ears are kept.

Networks that see pictures keep them at the head's outline, which stays there when the head turns away, while the
ears themselves go behind it or come towards its middle.
"""

TURN_FOLLOWED, SIZE_FOLLOWED = 0.3, 0.4
"""The share of a head's rotation, and of the logarithm of its growth, that jacobians follow.

What the network of toon-face does on its training toons (examples/landmark_figures.py --part follow); what moves
by jacobians that follow all of it lies outside of what its generator was trained on.
"""

LEAST_SHARE = 0.5
"""Weights can be driven by landmarks when the table has at least this share of their keypoints' names."""


def can_be_named(names: Sequence[str] | None) -> bool:
    """Tell whether keypoints of these names can be had from the 68 landmarks of a face."""
    return bool(names) and sum(map(is_known, names or ())) >= LEAST_SHARE * len(names or ())


def is_known(name: str) -> bool:
    """Tell whether a keypoint of this name is had from the landmarks."""
    return name in PLACES or name in EARS or name == "hairline"


def name_keypoints(landmarks: Points, found: Sequence[Motion], names: Sequence[str]) -> list[Motion]:
    """Return the keypoints of each frame as its landmarks show them.

    Args:
        landmarks: [T, 68, 2], (x, y) in the model's coordinates, of a picture [-1, 1].
        found: the network's keypoints of the same frames, kept where the table has no place.
        names: of the keypoints.
    """
    known = np.array([is_known(name) for name in names])
    turn, size = turn_and_size(fit_head(landmarks))
    values = _places(landmarks, names)
    jacobians = similarity(TURN_FOLLOWED * turn, size**SIZE_FOLLOWED)
    return [
        Motion(
            np.where(known[:, None], value, own.value).astype(np.float32),
            np.where(known[:, None, None], jacobian, own.jacobian).astype(np.float32),
        )
        for value, jacobian, own in zip(values, jacobians, found, strict=True)
    ]


def _places(landmarks: Points, names: Sequence[str]) -> Points:
    """Return where the named keypoints are, [T, K, 2]; 0 for those that the landmarks do not show."""
    table = np.array([[PLACES.get(name, {}).get(index, 0.0) for index in range(COUNT)] for name in names])
    values: Points = np.einsum("kl,tlc->tkc", table, landmarks)
    head = fit_head(landmarks)
    across = similarity(*turn_and_size(head))[:, :, 0]
    for index, name in enumerate(names):
        if name == "hairline":
            values[:, index] = np.array([*HAIRLINE, 1.0]) @ head
        elif name in EARS:
            values[:, index] = landmarks[:, [0, 16]].mean(1) + EARS[name] * across
    return values


def fit_head(landmarks: Points) -> Points:
    """Fit the head to landmarks [T, 68, 2]: [T, 4, 2] takes its (x, y, z, 1) to the picture, by least squares."""
    places = np.array([(*place, 1.0) for place in HEAD.values()])
    fitted: Points = np.linalg.pinv(places) @ landmarks[:, list(HEAD)]
    return fitted


def turn_and_size(head: Points) -> tuple[Points, Points]:
    """Return a fitted head's [T, 4, 2] rotation in the picture, in radians without jumps, and its size, both [T].

    The size is the mean singular value of the fit, so that a head that turns away does not count as smaller.
    """
    projected = head[:, :3].swapaxes(1, 2)
    size = np.linalg.svd(projected, compute_uv=False).mean(1)
    angle = np.arctan2(projected[:, 1, 0] - projected[:, 0, 1], projected[:, 0, 0] + projected[:, 1, 1])
    return np.unwrap(angle), size


def similarity(turn: Points, size: Points) -> Points:
    """Return rotations by angles [T] times sizes [T], [T, 2, 2]."""
    cosine, sine = size * np.cos(turn), size * np.sin(turn)
    return np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], -2)
