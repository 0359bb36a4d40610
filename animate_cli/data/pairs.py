"""Training pairs, whatever they come from: a folder of videos or the procedural toons."""

from typing import NamedTuple, Protocol

from torch import Tensor


class Landmarks(NamedTuple):
    """True places of the keypoints.

    value: [B, K, 2], (x, y) in [-1, 1]. visibility: [B, K], 0 (not in the picture, or hidden) to 1.
    """

    value: Tensor
    visibility: Tensor


class TrueMotion(NamedTuple):
    """True place in the source of each pixel of the target.

    deformation: [B, h, w, 2], (x, y) in [-1, 1]. valid: [B, h, w], 1 where the source shows it, else 0.
    """

    deformation: Tensor
    valid: Tensor


class Truth(NamedTuple):
    """What is known about a batch beside its pictures; None where the data does not say.

    source, driving: landmarks of both pictures. motion: from target back to source. detail: [B, 1, H, W] in
    [0, 1], the parts of the target that deserve more care (eyes, mouth). mask: [B, H, W] in [0, 1], 1 on the
    target's object.
    """

    source: Landmarks | None = None
    driving: Landmarks | None = None
    motion: TrueMotion | None = None
    detail: Tensor | None = None
    mask: Tensor | None = None


class PairBatch(NamedTuple):
    """Pictures [B, 3, H, W] in [0, 1].

    The model moves ``source`` as ``driving`` shows and should get ``target``, which is the driving frame itself
    unless the driver is somebody else. ``initial`` is the driver in the source's pose; where it is given, the
    motion is relative, as when animating.
    """

    source: Tensor
    driving: Tensor
    target: Tensor
    initial: Tensor | None = None
    truth: Truth = Truth()


class PairSource(Protocol):
    """An endless, numbered supply of batches: the same number always gives the same batch."""

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """Make batch ``number`` with pictures of ``size`` (height, width)."""
        ...
