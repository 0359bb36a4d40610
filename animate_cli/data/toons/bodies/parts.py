"""The tubes of a person, in order, and the names of the landmarks on them."""

from enum import IntEnum


class BodyPart(IntEnum):
    """Index of every tube; left and right are the subject's."""

    LEFT_ARM = 0
    RIGHT_ARM = 1
    LEFT_LEG = 2
    RIGHT_LEG = 3
    LEFT_FOOT = 4
    RIGHT_FOOT = 5
    TRUNK = 6
    SKIRT = 7
    NECK = 8
    HEAD = 9
    NOSE = 10
    LEFT_EAR = 11
    RIGHT_EAR = 12
    HAIR = 13
    FALL = 14
    PONY = 15
    LEFT_TAIL = 16
    RIGHT_TAIL = 17
    PELVIS = 18


BODY_LANDMARKS = (
    "head_top", "nose", "left_eye", "right_eye", "chin", "neck",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_toe", "right_toe",
)  # fmt: skip
"""Landmarks in order; left and right are the subject's: left is at the picture's right when it faces us."""
