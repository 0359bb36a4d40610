"""What every measure is: it looks at batches of frames, scores a clip, and combines clips into a figure."""

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.metrics.values import Numbers, Observation, Score

Need = Literal["landmarks", "identity", "features", "mask", "marks", "keypoints", "other", "restyled"]
"""What a measure may ask for beside truth and result; see `Observation`."""

Better = Literal["lower", "higher", "one"]
"""Which figures are good: low ones, high ones, or those near 1."""


class Measure(ABC):
    """One way to tell how near results come to the truth.

    Most give a number a frame and average it over all frames of all clips: these write only `look`.
    """

    name: ClassVar[str]
    title: str
    better: ClassVar[Better] = "lower"
    needs: ClassVar[frozenset[Need]] = frozenset()
    unit: ClassVar[str] = ""
    costly: ClassVar[bool] = False
    """Left out unless it is asked for by name."""
    named: ClassVar[frozenset[str]] = frozenset()
    """Landmarks that it reads by their names."""
    has_floor: ClassVar[bool] = False
    """Whether a perfect result scores the error of the detector of landmarks rather than nothing."""

    def prepare(self, device: torch.device) -> None:  # noqa: B027 - most have nothing to prepare
        """Load what the measure itself needs.

        Raises:
            WeightsError: a file is missing; says which.
        """

    @abstractmethod
    def look(self, seen: Observation) -> Numbers:
        """Return what is kept of each frame of a batch, [B] or [B, ...]; NaN where a frame is left out."""

    def score(self, kept: Numbers) -> Score:
        """Turn what was kept of a clip's frames, [T, ...], into its score."""
        left_out = np.isnan(kept)
        parts = np.array([np.where(left_out, 0, kept).sum(), (~left_out).sum()], dtype=np.float64)
        return Score(parts, kept, int(left_out.sum()))

    def combine(self, parts: Numbers) -> Numbers:
        """Turn summed parts [..., P] into figures [...]; NaN where nothing was measured."""
        return divide(parts[..., 0], parts[..., 1])

    def find_ceiling(self, parts: Numbers) -> Numbers:
        """Turn summed parts [..., P] into what a perfect result would reach; NaN where that is not known."""
        return np.full(parts.shape[:-1], np.nan)


def divide(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Divide where it is possible; NaN elsewhere."""
    quotient: Numbers = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=quotient, where=np.asarray(denominator) > 0)
    return quotient


def per_frame(values: Tensor) -> Numbers:
    """Average values [B, ...] over all but the batch."""
    return to_numbers(values.flatten(1).mean(1))


def to_numbers(values: Tensor) -> Numbers:
    """Bring a tensor home as float64."""
    numbers: NDArray[np.float64] = values.detach().cpu().double().numpy()
    return numbers
