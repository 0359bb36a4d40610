"""The tubes of an animal, in order, and the names of the landmarks on them."""

from enum import IntEnum


class AnimalPart(IntEnum):
    """Index of every tube; left and right are the animal's. Front limbs may be legs, wings or fins."""

    LEFT_FRONT = 0
    RIGHT_FRONT = 1
    LEFT_BACK = 2
    RIGHT_BACK = 3
    TRUNK = 4
    NECK = 5
    HEAD = 6
    BEAK = 7
    LEFT_EAR = 8
    RIGHT_EAR = 9
    TAIL = 10
    FAN = 11
    MANE = 12
    CREST = 13


ANIMAL_LANDMARKS = (
    "nose", "left_eye", "right_eye", "head_top", "neck", "chest", "back", "rump", "belly",
    "tail_middle", "tail_tip", "left_front_knee", "right_front_knee", "left_front_foot", "right_front_foot",
    "left_back_knee", "right_back_knee", "left_back_foot", "right_back_foot",
)  # fmt: skip
"""Landmarks in order; left and right are the animal's. Of wings and fins the knee is the bend, the foot the tip."""
