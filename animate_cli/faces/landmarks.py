"""The 68 landmarks of photographed faces as the published evaluation scripts find them, with face-alignment."""

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.download import Listener
from animate_cli.errors import WeightsError
from animate_cli.faces.alignment import WEIGHTS as DETECTOR
from animate_cli.faces.alignment import load_s3fd
from animate_cli.faces.landmark_finder import ABOVE, COUNT, NETWORK, REFERENCE, load_fan
from animate_cli.faces.weights_files import WeightsFile
from animate_cli.files import hash_file

FILES = (DETECTOR, NETWORK)
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
        return hash_file(NETWORK.fetch())

    def find(self, pictures: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Find the landmarks in pictures uint8 [N, H, W, 3] RGB.

        Returns:
            Points [N, 68, 2] in pixels, and which are present [N, 68]: all or none of a picture's.
        """
        require_networks()
        points, present = np.zeros((len(pictures), COUNT, 2)), np.zeros((len(pictures), COUNT), dtype=bool)
        for index, picture in enumerate(pictures):
            faces = self._detector.detect_from_image(picture.copy())
            if len(faces):
                points[index], present[index] = self._find_in(picture, faces[0][:4]), True
        return points, present

    @torch.inference_mode()
    def _find_in(self, picture: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the landmarks [68, 2] of the face in a box, whole pixels as the scripts give them."""
        from face_alignment.utils import crop, get_preds_fromhm

        left, top, right, bottom = box
        centre = np.array([right - (right - left) / 2, bottom - (bottom - top) / 2])
        centre[1] -= (bottom - top) * ABOVE
        scale = (right - left + bottom - top) / REFERENCE
        seen = torch.from_numpy(crop(picture, centre, scale)).permute(2, 0, 1)[None]
        heatmaps = self._network(seen.to(self.device).float() / 255)[-1].float().cpu().numpy()
        points: NDArray[np.float64] = get_preds_fromhm(heatmaps, centre, scale)[1][0].astype(np.float64)
        return points

    @cached_property
    def _detector(self) -> Any:  # noqa: ANN401 - the library has no types
        return load_s3fd(self.device)

    @cached_property
    def _network(self) -> Any:  # noqa: ANN401 - the library has no types
        return load_fan(self.device)


def missing_networks() -> list[WeightsFile]:
    """List the networks' files that are not here."""
    return [file for file in FILES if file.find() is None]


def fetch_networks(listener: Listener) -> None:
    """Download the networks that are not here.

    Raises:
        WeightsError: one cannot be had.
    """
    for file in missing_networks():
        listener.note(f"downloading {file.name} ({file.megabytes} MB), once")
        file.fetch(listener)


def require_networks() -> None:
    """Make sure that the networks are here.

    Raises:
        WeightsError: one is not; says where it comes from and where it goes.
    """
    for file in missing_networks():
        raise WeightsError(f"{file.places[1]} is missing; put {file.url} there")
