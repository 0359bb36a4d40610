"""What the frozen test splits are made of: parameters and thumbnails, and how they are kept.

``python -m tests.data.toons.frozen toon-face`` writes a family's files; do so only for a new version.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.arrays import to_pictures
from animate_cli.data.toon_clips import ClipPlan, cast_clip
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import take

FOLDER = Path(__file__).parent
KEPT_FRAMES = (0, 12, 23)
LONGEST = 16
"""Values of a parameter beyond which thumbnails speak for it, such as a background's noise."""
DRAWN, THUMB, COLUMNS = 96, 24, 20
THUMB_FRAME = 23


def collect_parameters(plan: ClipPlan) -> NDArray[np.float32]:
    """Return what decides a clip as one row: the toon's short parameters and its poses in some frames."""
    who, poses = cast_clip(plan)
    leaves: list[Tensor] = []
    _walk(take(who, slice(0, 1)), leaves)
    for frame in KEPT_FRAMES:
        _walk(take(poses, slice(frame, frame + 1)), leaves)
    short = [leaf.flatten().float() for leaf in leaves if leaf.numel() <= LONGEST]
    return torch.cat(short).numpy()


def draw_thumbnail(plan: ClipPlan) -> NDArray[np.uint8]:
    """Draw a clip's last frame, small."""
    who, poses = cast_clip(plan)
    part = slice(THUMB_FRAME, THUMB_FRAME + 1)
    image = FAMILIES[plan.family].render(take(who, part), take(poses, part), DRAWN).image
    small = torch.nn.functional.avg_pool2d(image, DRAWN // THUMB)
    picture: NDArray[np.uint8] = to_pictures(small)[0]
    return picture


def fingerprint(table: NDArray[np.float16]) -> str:
    """Hash a table of parameters."""
    return hashlib.sha256(np.ascontiguousarray(table).tobytes()).hexdigest()


def _walk(tree: object, leaves: list[Tensor]) -> None:
    if isinstance(tree, Tensor):
        leaves.append(tree)
    elif isinstance(tree, tuple):
        for branch in tree:
            _walk(branch, leaves)
