"""Measures of pixels: L1, PSNR, SSIM, PSNR on the object, sharpness, and what leaks into the background."""

from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.metrics.measure import Better, Measure, Need, divide, per_frame, to_numbers
from animate_cli.metrics.values import Numbers, Observation, Score

MOST_DECIBELS = 100.0
"""PSNR of frames that hardly differ; equal ones would be infinite."""

SSIM_WINDOW, SSIM_DEVIATION = 11, 1.5
SSIM_STEADY = (0.01**2, 0.03**2)
"""What keeps SSIM's quotients steady, for pictures in [0, 1]."""


class L1(Measure):
    """Mean absolute difference on [0, 1], equation (14)."""

    name, title = "l1", "L1"

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        return per_frame((seen.truth - seen.result).abs())


class Psnr(Measure):
    """Peak signal-to-noise ratio of a frame, -10 log10 of its mean squared difference; at most 100."""

    name, title, unit = "psnr", "PSNR", "dB"
    better: ClassVar[Better] = "higher"

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        return decibels(per_frame((seen.truth - seen.result).square()))


class OtherPsnr(Psnr):
    """PSNR where another identity drives; the exact picture wanted is known."""

    name, title = "psnr_other", "PSNR, another drives"
    needs: ClassVar[frozenset[Need]] = frozenset({"other"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        return decibels(per_frame((seen.truth - seen.driven["other"]).square()))


class ObjectPsnr(Measure):
    """PSNR inside the object's mask alone; a frame without the object is left out."""

    name, title, unit = "psnr_object", "PSNR on the object", "dB"
    better: ClassVar[Better] = "higher"
    needs: ClassVar[frozenset[Need]] = frozenset({"mask"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        errors = (seen.truth - seen.result).square().mean(1)
        return decibels(masked_mean(errors, require(seen.mask)))


class Ssim(Measure):
    """Structural similarity (Wang et al. 2004), Gaussian window of 11 pixels and deviation 1.5.

    As torchmetrics has it, averaged over all pixels, the picture mirrored beyond its border; six times as fast,
    since the window is applied along rows, then columns.
    """

    name, title = "ssim", "SSIM"
    better: ClassVar[Better] = "higher"

    def look(self, seen: Observation) -> Numbers:
        """See Measure; pictures below the window are left out."""
        if min(seen.truth.shape[-2:]) < SSIM_WINDOW:
            return np.full(len(seen), np.nan)
        return per_frame(similarity(seen.truth, seen.result))


class Sharpness(Measure):
    """Gradient energy of the result over that of the truth, on the object where its mask is known."""

    name, title = "sharpness", "sharpness"
    better: ClassVar[Better] = "one"

    def look(self, seen: Observation) -> Numbers:
        """Return the energies of result and truth, [B, 2]."""
        energies = (gradient_energy(picture, seen.mask) for picture in (seen.result, seen.truth))
        return np.stack([to_numbers(energy) for energy in energies], axis=-1)

    def score(self, kept: Numbers) -> Score:
        """See Measure; a frame without any gradient in its truth is left out."""
        values = divide(kept[:, 0], kept[:, 1])
        return Score(kept[~np.isnan(values)].sum(0), values, int(np.isnan(values).sum()))


class Leak(Measure):
    """Change outside the object beyond the truth's own.

    The mean over pixels outside the object, in the source and in the frame, of
    max(0, |result - source| - |truth - source|).
    """

    name, title = "leak", "leak"
    needs: ClassVar[frozenset[Need]] = frozenset({"mask"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        change = (seen.result - seen.source).abs() - (seen.truth - seen.source).abs()
        outside = ~(require(seen.mask) | require(seen.source_mask))
        return masked_mean(change.clamp_min(0).mean(1), outside)


def decibels(errors: Numbers) -> Numbers:
    """Turn mean squared differences into decibels; NaN stays NaN."""
    return -10 * np.log10(np.maximum(errors, 10 ** (-MOST_DECIBELS / 10)))


def similarity(one: Tensor, other: Tensor) -> Tensor:
    """Return SSIM at every place of pictures [B, C, H, W] in [0, 1]."""
    moments = through_window(torch.cat([one, other, one * one, other * other, one * other], dim=1))
    mean, other_mean, square, other_square, product = moments.chunk(5, dim=1)
    variances = (square - mean * mean).clamp_min(0) + (other_square - other_mean * other_mean).clamp_min(0)
    shared = product - mean * other_mean
    low, high = SSIM_STEADY
    alike = (2 * mean * other_mean + low) * (2 * shared + high)
    return alike / ((mean * mean + other_mean * other_mean + low) * (variances + high))


def through_window(planes: Tensor) -> Tensor:
    """Average planes [B, P, H, W] under SSIM's window around every place."""
    reach, count = SSIM_WINDOW // 2, planes.shape[1]
    offsets = torch.arange(-reach, reach + 1, dtype=planes.dtype, device=planes.device)
    window = torch.exp(-offsets.square() / (2 * SSIM_DEVIATION**2))
    kernel = (window / window.sum()).expand(count, 1, 1, -1).contiguous()
    mirrored = F.pad(planes, [reach] * 4, mode="reflect")
    return F.conv2d(F.conv2d(mirrored, kernel, groups=count), kernel.transpose(2, 3), groups=count)


def masked_mean(values: Tensor, mask: Tensor) -> Numbers:
    """Average values [B, H, W] where mask [B, H, W] is True; NaN where it nowhere is."""
    inside = mask.flatten(1).sum(1)
    return divide(to_numbers((values * mask).flatten(1).sum(1)), to_numbers(inside))


def gradient_energy(picture: Tensor, mask: Tensor | None) -> Tensor:
    """Sum squared differences of neighbouring pixels that both lie on the mask, [B, 3, H, W] to [B]."""
    across, down = picture.diff(dim=-1).square().sum(1), picture.diff(dim=-2).square().sum(1)
    if mask is not None:
        across = across * (mask[:, :, 1:] & mask[:, :, :-1])
        down = down * (mask[:, 1:] & mask[:, :-1])
    return torch.stack([across.flatten(1).sum(1), down.flatten(1).sum(1)]).sum(0)


def require(mask: Tensor | None) -> Tensor:
    """Return the mask that a measure asked for."""
    assert mask is not None, "a measure that needs masks was given none"  # noqa: S101
    return mask
