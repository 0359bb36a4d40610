"""The 68 landmarks of photographed faces, by the face-alignment library; its networks are never downloaded here."""

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.errors import WeightsError

DETECTOR_FILE, LANDMARKS_FILE = "s3fd-619a316812.pth", "2DFAN4-11f355bf06.pth.tar"
URLS = {
    DETECTOR_FILE: f"https://www.adrianbulat.com/downloads/python-fan/{DETECTOR_FILE}",
    LANDMARKS_FILE: f"https://www.adrianbulat.com/downloads/python-fan/{LANDMARKS_FILE}",
}
COUNT = 68
NAMES = {
    8: "chin",
    30: "nose_tip",
    33: "nose_base",
    36: "right_eye_outer",
    37: "right_eye_upper",
    39: "right_eye_inner",
    41: "right_eye_lower",
    42: "left_eye_inner",
    44: "left_eye_upper",
    45: "left_eye_outer",
    46: "left_eye_lower",
    48: "mouth_right",
    54: "mouth_left",
    62: "lip_upper",
    66: "lip_lower",
}
"""Those of the 68 that toons have too; left and right are the subject's."""


class FaceLandmarks:
    """Finds the landmarks of the first face of each picture, as the published evaluation scripts do."""

    name = "face-alignment"
    names = tuple(NAMES.get(index, f"point_{index}") for index in range(COUNT))

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    @cached_property
    def sha256(self) -> str:
        """Hash of the landmark network's file."""
        with network_path(LANDMARKS_FILE).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def find(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Find the landmarks in pictures uint8 [N, H, W, 3] RGB.

        Returns:
            Points [N, 68, 2] in pixels, and which are present [N, 68]: all or none of a picture's.
        """
        points, present = np.zeros((len(pictures), COUNT, 2)), np.zeros((len(pictures), COUNT), dtype=bool)
        for index, picture in enumerate(pictures):
            faces = self._network.get_landmarks(picture)
            if faces:
                points[index], present[index] = faces[0], True
        return points, present

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401 - the library has no types
        require_networks()
        os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # else the import compiles for seconds
        import face_alignment

        try:
            return face_alignment.FaceAlignment(
                face_alignment.LandmarksType.TWO_D,
                device=self.device,
                dtype=torch.float32,
                flip_input=False,
                compile=False,
            )
        except (RuntimeError, KeyError, EOFError, AttributeError) as error:
            raise WeightsError(f"{network_path(LANDMARKS_FILE)} or {DETECTOR_FILE} is damaged") from error


def network_path(file: str) -> Path:
    """Return where torch keeps a network."""
    return Path(torch.hub.get_dir()) / "checkpoints" / file


def missing_networks() -> list[Path]:
    """List the networks' files that are not here."""
    return [path for path in map(network_path, URLS) if not path.is_file()]


def require_networks() -> None:
    """Make sure that the networks are here.

    Raises:
        WeightsError: one is not; says where it comes from and where it goes.
    """
    for path in missing_networks():
        raise WeightsError(f"{path} is missing; put {URLS[path.name]} there")
