"""One source or several, and where the motion takes them: several show each other's hidden places."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.model.grid import gate
from animate_cli.model.values import DenseMotion, SourceFeatures

MAIN_SHARPNESS, SHARPNESS = 2, 3
"""Powers of the main source's occlusion map and of the others' in the shares."""
LEAST = 1e-3


class MovedSource(NamedTuple):
    """A source's image [B, 3, H, W] and features, and the motion that takes them to the frame."""

    image: Tensor
    features: SourceFeatures
    motion: DenseMotion


class MovedSources:
    """The pictures of one figure that a frame is made from, the main one first.

    The coarse occlusion maps are the learned confidence: how far what each source shows of a place is to be
    relied on. They divide the place among the sources; an only source has it all.
    """

    def __init__(self, sources: Sequence[MovedSource]) -> None:
        self.sources = sources
        coarse = [source.motion.occlusions[0] for source in sources]
        self.shares = share_out(coarse) if len(coarse) > 1 else []
        maps = zip(*(source.motion.occlusions for source in sources), strict=True)
        self.occlusions = tuple(self.merge(of_a_scale) for of_a_scale in maps)

    @property
    def motion(self) -> DenseMotion:
        """The main source's motion, with the occlusion maps of all."""
        return self.sources[0].motion._replace(occlusions=self.occlusions)

    def merge(self, pieces: Sequence[Tensor]) -> Tensor:
        """Merge what each source gives, [B, C, H, W], by their shares."""
        if len(pieces) == 1:
            return pieces[0]
        return torch.stack(
            [gate(piece, share) for piece, share in zip(pieces, self.shares, strict=True)]
        ).sum(0)

    def gates(self, occlusion: Tensor | None) -> list[Tensor | None]:
        """Return what each source's features are to be multiplied by: its share, of the occlusion map if given."""
        if len(self.sources) == 1:
            return [occlusion]
        return [share if occlusion is None else gate(occlusion, share) for share in self.shares]


def share_out(occlusions: Sequence[Tensor]) -> list[Tensor]:
    """Turn each source's coarse occlusion map [B, 1, h, w] into its share; at each place they sum to 1.

    What the main source shows stays its own: two pictures of one figure are never quite alike, least of all in
    what is behind it. The others share what is left as they show it.
    """
    main = occlusions[0].float() ** MAIN_SHARPNESS
    others = [(1 - main) * occlusion.float() ** SHARPNESS for occlusion in occlusions[1:]]
    weights = torch.stack([main, *others]).clamp_min(LEAST)
    return list((weights / weights.sum(0)).to(occlusions[0].dtype))
