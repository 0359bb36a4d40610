"""Measures of pixels: L1, PSNR, SSIM, PSNR on the object, sharpness, and what leaks into the background."""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from animate_cli.metrics.measure import Better, Measure, Need, divide, per_frame, to_numbers
from animate_cli.metrics.values import Numbers, Observation, Score

MOST_DECIBELS = 100.0
"""PSNR of frames that hardly differ; equal ones would be infinite."""

SSIM_WINDOW = 11


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

    As torchmetrics has it: averaged over all pixels, the picture mirrored beyond its border.
    """

    name, title = "ssim", "SSIM"
    better: ClassVar[Better] = "higher"

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        from torchmetrics.functional.image import structural_similarity_index_measure as ssim

        if min(seen.truth.shape[-2:]) < SSIM_WINDOW:
            return np.full(len(seen), np.nan)
        values = ssim(seen.result, seen.truth, data_range=1.0, reduction="none")
        assert isinstance(values, Tensor)  # noqa: S101
        return to_numbers(values.reshape(-1))


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
