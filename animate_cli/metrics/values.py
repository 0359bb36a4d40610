"""What measures see and what they make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Picture = NDArray[np.uint8]
Numbers = NDArray[np.float64]

REFERENCE_SIDE = 256
"""Distances are given in pixels of a picture whose shorter side is this long."""


class Landmarks(NamedTuple):
    """Named places in pictures.

    points: [N, L, 2], (x, y) in pixels. present: [N, L] bool, found or visible. names: L names, or none where
    they have none; a name such as lip_upper lets measures of expression find it.
    """

    points: Numbers
    present: NDArray[np.bool_]
    names: tuple[str, ...] = ()

    def scaled(self, across: float, down: float) -> "Landmarks":
        """Return the same places in pictures of another size."""
        return self._replace(points=self.points * np.array([across, down]))

    def column(self, name: str) -> Numbers | None:
        """Return the places [N, 2] of one landmark, NaN where it is not present; None: there is none such."""
        if name not in self.names:
            return None
        index = self.names.index(name)
        return np.where(self.present[:, index, None], self.points[:, index], np.nan)

    def matched(self, other: "Landmarks") -> "Landmarks":
        """Return these landmarks in the order of other's names; those it alone has are not present."""
        if self.names == other.names and self.points.shape[1] == other.points.shape[1]:
            return self
        count = other.points.shape[1]
        points, present = (
            np.zeros((len(self.points), count, 2)),
            np.zeros((len(self.points), count), dtype=bool),
        )
        for index, name in enumerate(other.names):
            if name in self.names:
                points[:, index] = self.points[:, self.names.index(name)]
                present[:, index] = self.present[:, self.names.index(name)]
        return Landmarks(points, present, other.names)


class Pair(NamedTuple):
    """The landmarks that a detector finds in the truth and in the result."""

    truth: Landmarks
    result: Landmarks


@dataclass(frozen=True)
class Observation:
    """A batch of frames of one clip, with all that the measures asked for; landmarks are in pixels at 256.

    truth, result: [B, 3, H, W] in [0, 1]. source: [1, 3, H, W], the clip's first frame. mask, source_mask:
    [B, H, W] and [1, H, W] bool, True on the object. found: landmarks that a detector sees. marks: true
    landmarks. keypoints: [B, K, 2], those of the model that made the result. identity: embeddings [B, D] of
    truth and result, NaN where nobody was found. features: [B, D] likewise. driven: results [B, 3, H, W] of
    other drivers of the same motion, by the driver's name; found_driven: the landmarks found in these.
    """

    truth: Tensor
    result: Tensor
    source: Tensor
    mask: Tensor | None = None
    source_mask: Tensor | None = None
    found: Pair | None = None
    marks: Landmarks | None = None
    keypoints: Numbers | None = None
    identity: tuple[Numbers, Numbers] | None = None
    features: tuple[Numbers, Numbers] | None = None
    driven: Mapping[str, Tensor] = field(default_factory=dict)
    found_driven: Mapping[str, Landmarks] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.truth)


@dataclass(frozen=True)
class Score:
    """A measure's outcome for one clip.

    parts: [P], sums that are added over clips before the measure combines them into its figure.
    frames: [T], the value of each frame, NaN where it was left out; empty where there is none.
    """

    parts: Numbers
    frames: Numbers
    left_out: int
