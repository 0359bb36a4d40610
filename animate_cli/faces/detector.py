"""What every face detector offers."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from animate_cli.faces.box import Box

Picture = NDArray[np.uint8]


class Detection(NamedTuple):
    """A face that was found. score: how sure the detector is, in [0, 1]; each has a scale of its own."""

    box: Box
    score: float


class Detector(Protocol):
    """Finds faces in single pictures."""

    name: str

    def prepare(self) -> None:
        """Load what is needed, downloading it where it is not here; raises WeightsError where it cannot be had."""

    def detect(self, picture: Picture) -> list[Detection]:
        """Find the faces in a picture, uint8 [H, W, 3] RGB of any size, the surest first."""
