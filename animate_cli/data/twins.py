"""The same pictures on both sides of a split, as they are or mirrored: found by perceptual hashes of frames."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 16
"""A hash compares SIDE x SIDE pairs of neighbours: a bit for each."""

FEWEST_LEVELS = 4.0
"""Standard deviation of the small grey picture, in levels of 255, below which a frame shows nothing to compare."""

MOST_DIFFERENT_BITS = 22
"""Of 256, in two hashes of one picture, encoded or resized in two ways; see docs/training.md."""

SAMPLED = 5
"""Frames that stand for a clip; most of them must be found in the other."""

Hashes = NDArray[np.uint64]


class ClipHashes(NamedTuple):
    """Hashes [T, 4] of a clip's frames that show something, as they are and mirrored."""

    plain: Hashes
    mirrored: Hashes


class Twins(NamedTuple):
    """Two clips, by their numbers, that show the same; ``mirrored`` tells that one is the other's mirror image."""

    first: int
    second: int
    mirrored: bool


class Hasher:
    """Collects the hashes of a clip's frames as they are read."""

    def __init__(self) -> None:
        self.plain: list[Hashes] = []
        self.mirrored: list[Hashes] = []

    def add(self, picture: NDArray[np.uint8]) -> None:
        """Take the next frame, uint8 [H, W, 3] RGB."""
        grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
        if small.std() >= FEWEST_LEVELS:
            self.plain.append(_hash(small))
            self.mirrored.append(_hash(small[:, ::-1]))

    def finish(self) -> ClipHashes:
        """Return what was collected."""
        return ClipHashes(_stack(self.plain), _stack(self.mirrored))


def find_twins(first: Sequence[ClipHashes], second: Sequence[ClipHashes]) -> Iterator[Twins]:
    """Yield the clips of one side that the other side has too, each with the one that it is most like.

    Parts of a longer clip are found as well. Clips without a frame that shows anything are never twins.
    """
    frames = _stack([clip.plain for clip in first], joined=True)
    owners = np.repeat(np.arange(len(first)), [len(clip.plain) for clip in first])
    for number, clip in enumerate(second):
        for mirrored in (False, True):
            owner = _find_owner(_sample(clip.mirrored if mirrored else clip.plain), frames, owners)
            if owner is not None:
                yield Twins(owner, number, mirrored)
                break


def _find_owner(sampled: Hashes, frames: Hashes, owners: NDArray[np.intp]) -> int | None:
    """Return the clip in which most of the sampled frames are found; None where there is none."""
    if not (len(sampled) and len(frames)):
        return None
    votes = np.zeros(int(owners[-1]) + 1, dtype=int)
    for wanted in sampled:
        different = np.bitwise_count(frames ^ wanted).sum(1)
        votes[np.unique(owners[different <= MOST_DIFFERENT_BITS])] += 1
    best = int(votes.argmax())
    return best if 2 * votes[best] > len(sampled) else None


def _sample(hashes: Hashes) -> Hashes:
    """Take a few frames, evenly through the clip."""
    if not len(hashes):
        return hashes
    sampled: Hashes = hashes[np.unique(np.linspace(0, len(hashes) - 1, SAMPLED).round().astype(int))]
    return sampled


def _hash(small: NDArray[np.int16]) -> Hashes:
    """Tell of each pixel of a grey picture [SIDE, SIDE + 1] whether its right neighbour is brighter: [4]."""
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    hashed: Hashes = bits.view(np.uint64)
    return hashed


def _stack(hashes: Sequence[Hashes], *, joined: bool = False) -> Hashes:
    if not hashes:
        return np.empty((0, SIDE * SIDE // 64), dtype=np.uint64)
    return np.concatenate(hashes) if joined else np.stack(hashes)
