"""The 68 landmarks that photographs of faces are marked with, of a toon: its own, and places between them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from animate_cli.data.toons.values import LANDMARK_NAMES

Points = NDArray[np.float64]

COUNT = 68
LINES = (
    (0, "ear_right", 4, "jaw_right"), (4, "jaw_right", 8, "chin"), (8, "chin", 12, "jaw_left"),
    (12, "jaw_left", 16, "ear_left"),
    (17, "right_brow_outer", 21, "right_brow_inner"), (22, "left_brow_inner", 26, "left_brow_outer"),
    (48, "mouth_right", 51, "lip_upper"), (51, "lip_upper", 54, "mouth_left"),
    (54, "mouth_left", 57, "lip_lower"), (57, "lip_lower", 60, "mouth_right"),
    (60, "mouth_right", 62, "lip_upper"), (62, "lip_upper", 64, "mouth_left"),
    (64, "mouth_left", 66, "lip_lower"), (66, "lip_lower", 68, "mouth_right"),
)  # fmt: skip
"""Straight lines from one of the 68 to another, and the toon's landmarks at their ends."""

EYES = ((36, "right", "outer", "inner"), (42, "left", "inner", "outer"))
"""The first of each eye's six, the subject's side, and the corners in the order of the 68."""

LID, NOSTRIL = 0.15, 0.12
"""How far places on a lid lie from its middle, and nostrils from the nose's base, as a share of an eye's width."""


def to_68(landmarks: Points) -> Points:
    """Turn a toon face's landmarks [T, L, 2] into the 68, [T, 68, 2]."""
    points: Points = np.einsum("pl,tlc->tpc", _table(), landmarks)
    return points


@cache
def _table() -> Points:
    """Return the weights of the toon's landmarks in each of the 68, [68, L]."""
    own = dict(zip(LANDMARK_NAMES, np.eye(len(LANDMARK_NAMES)), strict=True))
    table = np.zeros((COUNT, len(LANDMARK_NAMES)))
    for first, start, last, end in LINES:
        for index in range(first, min(last, COUNT - 1) + 1):
            table[index] = _between(own[start], own[end], (index - first) / (last - first))
    for first, side, *corners in EYES:
        left, right = (own[f"{side}_eye_{corner}"] for corner in corners)
        upper, lower, step = own[f"{side}_eye_upper"], own[f"{side}_eye_lower"], LID * (right - left)
        table[first : first + 6] = left, upper - step, upper + step, right, lower + step, lower - step
    table[27:36] = _nose(own)
    return table


def _nose(own: dict[str, Points]) -> list[Points]:
    """Return the bridge from between the eyes to the tip, and the nostrils from the subject's right to left."""
    bridge = _between(own["left_eye_inner"], own["right_eye_inner"], 0.5)
    width = NOSTRIL * (own["left_eye_outer"] - own["right_eye_outer"])
    line = [_between(bridge, own["nose_tip"], step / 3) for step in range(4)]
    return line + [own["nose_base"] + step / 2 * width for step in range(-2, 3)]


def _between(one: Points, other: Points, share: float) -> Points:
    return (1 - share) * one + share * other
