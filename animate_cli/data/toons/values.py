"""Values that leave the toons: frames with their truth, and training batches."""

from typing import NamedTuple

from torch import Tensor

LANDMARK_NAMES = (
    "left_eye_inner", "left_eye_outer", "left_eye_upper", "left_eye_lower", "left_pupil",
    "right_eye_inner", "right_eye_outer", "right_eye_upper", "right_eye_lower", "right_pupil",
    "left_brow_inner", "left_brow_outer", "right_brow_inner", "right_brow_outer",
    "nose_tip", "nose_base", "mouth_left", "mouth_right", "lip_upper", "lip_lower",
    "chin", "jaw_left", "jaw_right", "hairline", "ear_left", "ear_right",
    "neck", "shoulder_left", "shoulder_right",
)  # fmt: skip
"""Landmarks in order; left and right are the subject's: left is at the picture's right when it faces us."""


class ToonFrame(NamedTuple):
    """A picture and its truth.

    image: [B, 3, H, W] in [0, 1]. mask: [B, H, W] in [0, 1], 1 on the toon. landmarks: [B, L, 2], (x, y) in
    [-1, 1], corner-aligned. visible: [B, L] bool, inside the picture and not hidden.
    """

    image: Tensor
    mask: Tensor
    landmarks: Tensor
    visible: Tensor


class ToonBatch(NamedTuple):
    """Training pairs: the source, two driving frames, and the exact result wanted.

    source, driving_initial, driving, target: [B, 3, H, W] in [0, 1]. Of a row with cross [B] bool, the
    driving frames show another identity, driving_initial in the source's pose and driving in the target's;
    in other rows driving_initial is the source and driving the target. Each of the four has landmarks
    [B, L, 2] and visible [B, L] bool. target_mask: [B, H, W]. motion: [B, h, w, 2], where each place of the
    target comes from in the source; motion_visible: [B, h, w] bool. detail: [B, 1, H, W] in [0, 1], high on
    eyes and mouth.
    """

    source: Tensor
    driving_initial: Tensor
    driving: Tensor
    target: Tensor
    cross: Tensor
    source_landmarks: Tensor
    source_visible: Tensor
    driving_initial_landmarks: Tensor
    driving_initial_visible: Tensor
    driving_landmarks: Tensor
    driving_visible: Tensor
    target_landmarks: Tensor
    target_visible: Tensor
    target_mask: Tensor
    motion: Tensor
    motion_visible: Tensor
    detail: Tensor
