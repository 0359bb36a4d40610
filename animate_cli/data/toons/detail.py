"""Where a picture's fine detail matters: a weight map that is high on eyes and mouth."""

import torch
from torch import Tensor

from animate_cli.data.toons.grids import grid
from animate_cli.data.toons.values import LANDMARK_NAMES

SPOTS = {
    "left_eye": ("left_eye_inner", "left_eye_outer", "left_eye_upper", "left_eye_lower"),
    "right_eye": ("right_eye_inner", "right_eye_outer", "right_eye_upper", "right_eye_lower"),
    "mouth": ("mouth_left", "mouth_right", "lip_upper", "lip_lower"),
    "head": ("head_top", "nose", "left_eye", "right_eye"),
}
"""The landmarks around each spot of detail."""


def detail_map(
    landmarks: Tensor, visible: Tensor, scale: Tensor, size: int, names: tuple[str, ...] = LANDMARK_NAMES
) -> Tensor:
    """Weights [B, 1, size, size] in [0, 1] from landmarks [B, L, 2], visible [B, L], the toon's scale [B].

    names: of the landmarks; spots that lack one of theirs are left out.
    """
    points = grid(size, landmarks.shape[0], landmarks.device)
    weight = torch.zeros(points.shape[:3], device=landmarks.device)
    for spot_names in SPOTS.values():
        if not set(spot_names) <= set(names):
            continue
        index = [names.index(name) for name in spot_names]
        spot = landmarks[:, index]
        seen = visible[:, index].any(1).to(weight)
        middle = spot.mean(1)
        reach = (spot - middle[:, None]).abs().amax(1) + 0.08 * scale[:, None]
        offset = (points - middle[:, None, None]) / reach[:, None, None]
        weight = torch.maximum(weight, torch.exp(-((offset**2).sum(-1) ** 2) * 0.5) * seen[:, None, None])
    return weight[:, None]
