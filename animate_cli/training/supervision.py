"""Losses for data whose truth is known: landmarks, and the motion of every visible pixel."""

import torch
from torch import Tensor

from animate_cli.data.pairs import Landmarks, TrueMotion
from animate_cli.model.grid import resize_deformation
from animate_cli.model.values import Keypoints

SMOOTHING = 0.01


def keypoint_supervision(keypoints: Keypoints, landmarks: Landmarks) -> Tensor:
    """Return the `masked_distance` of the keypoints from the visible landmarks."""
    return masked_distance(keypoints.value, landmarks.value, landmarks.visibility)


def motion_supervision(deformation: Tensor, truth: TrueMotion) -> Tensor:
    """Return the `masked_distance` of deformation [B, h, w, 2] from the truth where that is valid.

    The deformation is resized to the truth's size, as the generator does before it samples.
    """
    resized = resize_deformation(deformation.float(), *truth.deformation.shape[1:3])
    return masked_distance(resized, truth.deformation, truth.valid)


def masked_distance(points: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Average sqrt(d^2 + c^2) - c, summed over x and y, over places with weights mask in [0, 1].

    It is a robust L1 distance, smooth within c = 0.01 of zero. ``points`` and ``truth`` are [..., 2],
    ``mask`` is [...]; the truth under a zero may be anything, even NaN. With no place left it is zero.
    """
    weight = mask.float()
    known = torch.where(weight[..., None] > 0, truth.float(), 0.0)
    difference = points.float() - known
    distance = ((difference.square() + SMOOTHING**2).sqrt() - SMOOTHING).sum(-1)
    return (distance * weight).sum() / weight.sum().clamp_min(1.0)
