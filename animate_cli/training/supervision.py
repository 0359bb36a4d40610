"""Losses for data whose truth is known: landmarks, and the motion of every visible pixel."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.data.pairs import Landmarks, TrueMotion
from animate_cli.model.grid import Sampling, resize
from animate_cli.model.values import Keypoints

SMOOTHING = 0.01
EPSILON = 1e-4
Agree = Callable[[Tensor], Tensor]
"""Averages a number over the processes of a run, each of which has a share of the batch."""


def alone(number: Tensor) -> Tensor:
    """Agree with nobody: there is one process."""
    return number


def keypoint_supervision(keypoints: Keypoints, landmarks: Landmarks, agree: Agree = alone) -> Tensor:
    """Return the `masked_distance` of the keypoints from the visible landmarks."""
    return masked_distance(keypoints.value, landmarks.value, landmarks.visibility, agree)


def motion_supervision(
    deformation: Tensor, truth: TrueMotion, weight: Tensor | None = None, agree: Agree = alone
) -> Tensor:
    """Return the `masked_distance` of deformation [B, h, w, 2] from the truth where that is valid.

    Both are corner-aligned, and so is the resizing where their sizes differ. ``weight`` [B, 1, H, W] says which
    pixels matter more.
    """
    sampling = Sampling(align_corners=True, aligned_resize=True)
    resized = sampling.resize_deformation(deformation, *truth.deformation.shape[1:3])
    mask = truth.valid if weight is None else truth.valid * shrink(weight, truth.valid)[:, 0]
    return masked_distance(resized, truth.deformation, mask, agree)


def occlusion_supervision(
    maps: Sequence[Tensor], valid: Tensor, weight: Tensor | None = None, agree: Agree = alone
) -> Tensor:
    """Return the mean cross entropy between maps [B, 1, H_i, W_i] in [0, 1] and valid [B, h, w], in {0, 1}.

    ``weight`` [B, 1, H, W] says which pixels matter more.
    """
    losses = []
    for shown in maps:
        wanted = resize(valid[:, None].float(), *shown.shape[-2:])
        matters = torch.ones_like(wanted) if weight is None else shrink(weight, shown)
        entropy = F.binary_cross_entropy(shown.float().clamp(EPSILON, 1 - EPSILON), wanted, reduction="none")
        losses.append(weighted_mean(entropy, matters, agree))
    return torch.stack(losses).mean()


def shrink(weight: Tensor, like: Tensor) -> Tensor:
    """Bring pixels' weights [B, 1, H, W] to the size of maps [..., h, w], averaging."""
    size, ratio = like.shape[-2:], weight.shape[-1] // like.shape[-1]
    if weight.shape[-2:] == (ratio * size[0], ratio * size[1]):  # quicker, and the usual case
        return weight.float() if ratio == 1 else F.avg_pool2d(weight.float(), ratio)
    return F.interpolate(weight.float(), size=size, mode="area")


def deformed_supervision(
    deformed: Tensor, target: Tensor, valid: Tensor, matters: Tensor | None = None, agree: Agree = alone
) -> Tensor:
    """Return the mean absolute difference of pictures [B, 3, H, W] where valid [B, h, w] is 1.

    ``matters`` [B, 1, H, W] says which pixels matter more.
    """
    weight = resize(valid[:, None].float(), *target.shape[-2:])
    weight = weight if matters is None else weight * matters
    difference = (deformed.float() - target).abs().mean(1, keepdim=True)
    return weighted_mean(difference, weight, agree)


def masked_distance(points: Tensor, truth: Tensor, mask: Tensor, agree: Agree = alone) -> Tensor:
    """Average sqrt(d^2 + c^2) - c, summed over x and y, over places with weights mask in [0, 1].

    It is a robust L1 distance, smooth within c = 0.01 of zero. ``points`` and ``truth`` are [..., 2],
    ``mask`` is [...]; the truth under a zero may be anything, even NaN. With no place left it is zero.
    """
    weight = mask.float()
    known = torch.where(weight[..., None] > 0, truth.float(), 0.0)
    difference = points.float() - known
    distance = ((difference.square() + SMOOTHING**2).sqrt() - SMOOTHING).sum(-1)
    return weighted_mean(distance, weight, agree)


def weighted_mean(values: Tensor, weight: Tensor, agree: Agree = alone) -> Tensor:
    """Average values under weights of the same shape; zero where nothing weighs.

    The processes of a run agree on the sum of weights, so that the mean of their results is that of the batch.
    """
    return (values * weight).sum() / agree(weight.sum()).clamp_min(1.0)
