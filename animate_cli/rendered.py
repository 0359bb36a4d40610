"""What the engine hands out: finished frames, and the motion behind them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.arrays import Picture, to_floats, to_pictures
from animate_cli.motion import Motion


@dataclass(frozen=True, eq=False)
class Estimated:
    """The motion that a source is moved by in one frame.

    motion: the keypoints that it is moved to. deformation: float32 [h, w, 2], (x, y) in [-1, 1], where each place
    comes from in the source. masks: float32 [K + 1, h, w], the background's first.
    """

    motion: Motion
    deformation: NDArray[np.float32]
    masks: NDArray[np.float32]


@dataclass(frozen=True)
class Rendered:
    """One finished frame and what it came from; what only some want to see is made when it is asked for.

    image: uint8 [H', W', 3], or 4 with alpha. motion: the keypoints that the source was moved to.
    """

    image: Picture
    motion: Motion
    _deformed: Tensor
    _occlusions: tuple[Tensor, ...]
    _deformation: Tensor
    _mask: Tensor

    @cached_property
    def estimated(self) -> Estimated:
        """The dense motion behind the frame."""
        return Estimated(self.motion, to_floats(self._deformation), to_floats(self._mask))

    @cached_property
    def deformed(self) -> Picture:
        """The warped source, uint8 [H', W', 3]."""
        picture: Picture = to_pictures(self._deformed[None])[0]
        return picture

    @cached_property
    def occlusions(self) -> tuple[NDArray[np.float32], ...]:
        """The occlusion maps, float32 [h_i, w_i] in [0, 1], coarse to fine."""
        return tuple(to_floats(occlusion) for occlusion in self._occlusions)
