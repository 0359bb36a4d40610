"""Training pairs, whatever they come from: a folder of videos or the procedural toons."""

from typing import NamedTuple, Protocol

from torch import Tensor


class Truth(NamedTuple):
    """What only generated data can tell.

    Landmarks [B, K, 2] in [-1, 1], one for each keypoint, with visibility [B, K]; motion [B, h, w, 2] from the
    target back to the source in [-1, 1], known where motion_known [B, h, w]; detail [B, 1, H, W], extra weight
    for small parts that matter (eyes, mouth).
    """

    source: Tensor
    source_visible: Tensor
    driving: Tensor
    driving_visible: Tensor
    initial: Tensor
    initial_visible: Tensor
    target: Tensor
    target_visible: Tensor
    motion: Tensor
    motion_known: Tensor
    detail: Tensor


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
    truth: Truth | None = None


class PairSource(Protocol):
    """An endless, numbered supply of batches: the same number always gives the same batch."""

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """Make batch ``number`` with pictures of ``size`` (height, width)."""
        ...
