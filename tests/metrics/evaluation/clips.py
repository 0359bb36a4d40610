"""Clips and listeners for the evaluation's tests."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from animate_cli.arrays import to_pictures
from animate_cli.metrics.evaluation.clips import ClipFrame
from animate_cli.metrics.values import Landmarks, Picture
from tests.tiny import pictures

NAMES = ("lip_upper", "lip_lower", "chin")


def moving(count: int, seed: int, size: int = 64) -> Picture:
    """Return a clip uint8 [count, size, size, 3] of a picture that drifts."""
    picture = to_pictures(pictures(1, size, size, seed))[0]
    return np.stack([np.roll(picture, shift, axis=1) for shift in range(count)])


@dataclass
class MadeClip:
    """A clip made on the spot, with every truth."""

    name: str
    count: int = 6
    seed: int = 0
    subsets: tuple[str, ...] = ()
    fps: Fraction = Fraction(25)

    @property
    def num_frames(self) -> int:
        return self.count

    @property
    def fingerprint(self) -> str:
        return f"{self.name} {self.count} {self.seed}"

    def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
        mask = np.zeros((64, 64), bool)
        mask[16:48, 16:48] = True
        chance = np.random.default_rng(self.seed)
        for picture, other in zip(moving(self.count, self.seed), moving(self.count, 99), strict=True):
            marks = Landmarks(chance.uniform(10, 50, (1, 3, 2)), np.ones((1, 3), bool), NAMES)
            yield ClipFrame(picture, mask, marks, {"other": other})


@dataclass
class MadeClips:
    """A data set of such clips."""

    made: Sequence[MadeClip] = (MadeClip("a", 6, 0), MadeClip("b", 9, 1, ("hard",)), MadeClip("c", 5, 2))
    facts: Mapping[str, Any] = field(default_factory=lambda: {"name": "made"})
    offers: frozenset[str] = frozenset({"mask", "marks", "other"})

    def clips(self) -> Sequence[MadeClip]:
        return self.made


@dataclass
class Notes:
    """A listener that remembers."""

    warnings: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    advanced: int = 0

    def note(self, text: str) -> None:
        """Forget it."""

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def begin(self, label: str, total: int | None) -> None:
        self.begun.append(label)

    def advance(self) -> None:
        self.advanced += 1


def one_thread() -> None:
    torch.set_num_threads(1)
