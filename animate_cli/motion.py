"""Motion as numbers apart from any network: keypoints of one frame, and how a source follows them.

Light: the command line reads its defaults from here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Motion(NamedTuple):
    """The keypoints of one frame.

    value: [K, 2], (x, y) in [-1, 1]. jacobian: [K, 2, 2].
    """

    value: "NDArray[np.float32]"
    jacobian: "NDArray[np.float32]"


@dataclass(frozen=True)
class MotionOptions:
    """How the source follows the driving.

    ``smooth`` is the time constant of a One-Euro filter in seconds, 0 for none; ``strength`` scales the
    movement; ``adapt_scale`` fits its size to the source's. ``steady`` in [0, 1] is the most that is kept of the
    frame before where the source shows nothing, 0 for none.
    """

    relative: bool = True
    adapt_scale: bool = True
    strength: float = 1.0
    smooth: float = 0.0
    steady: float = 0.0
