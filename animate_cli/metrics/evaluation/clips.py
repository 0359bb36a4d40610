"""What is evaluated on: clips with as much truth as there is, behind a protocol that any data set can meet."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from animate_cli.metrics.values import Landmarks, Picture


class ClipFrame(NamedTuple):
    """A frame of the truth.

    picture: uint8 [H, W, 3]. mask: [H, W] bool, True on the object. marks: its true landmarks in pixels, a batch
    of one. others: drivers of other looks in the same pose, by name, such as another identity.
    """

    picture: Picture
    mask: NDArray[np.bool_] | None = None
    marks: Landmarks | None = None
    others: Mapping[str, Picture] = {}


class Clip(Protocol):
    """A clip with a name of its own in its data set.

    subsets: names of the groups it also counts in, such as hard cases. fps: frames a second. num_frames: as far
    as it is known. fingerprint: changes when its frames do.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see above

    @property
    def subsets(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def fps(self) -> Fraction: ...  # noqa: D102

    @property
    def num_frames(self) -> int | None: ...  # noqa: D102

    @property
    def fingerprint(self) -> str: ...  # noqa: D102

    def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
        """Yield the frames in order, anew at each call, with these other drivers of those it has."""


class DataSet(Protocol):
    """Clips in a fixed order.

    facts: for the report, with at least a name. offers: what its frames know beside pictures: mask, marks, and
    the names of other drivers.
    """

    @property
    def facts(self) -> Mapping[str, Any]: ...  # noqa: D102 - see above

    @property
    def offers(self) -> frozenset[str]: ...  # noqa: D102

    def clips(self) -> Sequence[Clip]:
        """List the clips."""
