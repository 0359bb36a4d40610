"""Where a warped picture shows what is wanted: the truth of motion, checked by the pictures' own looks."""

import torch.nn.functional as F
from torch import Tensor

TOLERANCE = 0.06
"""Mean difference of colour, beyond what a pixel's neighbours have, at which a place counts as another."""


def looks_alike(source: Tensor, target: Tensor, deformation: Tensor) -> Tensor:
    """Tell where source [B, 3, H, W], warped by deformation [B, h, w, 2], looks as target [B, 3, H, W] does.

    Compared at the deformation's size, so that grain does not count, and with the target's neighbourhood of 3x3,
    so that edges may be off by one. Returns [B, h, w] bool.
    """
    size = deformation.shape[1:3]
    small, wanted = (F.interpolate(image, size=size, mode="area") for image in (source, target))
    warped = F.grid_sample(small, deformation.float(), align_corners=True)
    highest = F.max_pool2d(wanted, 3, stride=1, padding=1)
    lowest = -F.max_pool2d(-wanted, 3, stride=1, padding=1)
    beyond = (warped - highest).clamp_min(0) + (lowest - warped).clamp_min(0)
    return beyond.mean(1) < TOLERANCE
