"""Sample grids: what a model makes of a batch, one row a pair."""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from animate_cli.arrays import Picture, to_pictures
from animate_cli.data.pairs import PairBatch
from animate_cli.files import atomic_path
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.values import Keypoints
from animate_cli.overlay import draw_points, to_pixels
from animate_cli.training.reconstruct import reconstruct

MAX_ROWS = 8


@torch.no_grad()
def save_sample_grid(path: Path, model: MotionModel, batch: PairBatch) -> None:
    """Write a PNG with the columns source, driving, deformed, finest occlusion map, prediction, target.

    The first two show the keypoints.
    """
    initial = None if batch.initial is None else batch.initial[:MAX_ROWS]
    shown = PairBatch(batch.source[:MAX_ROWS], batch.driving[:MAX_ROWS], batch.target[:MAX_ROWS], initial)
    outcome = reconstruct(model, shown)
    prediction = outcome.prediction
    occlusion = interpolate(prediction.motion.occlusions[-1].float(), size=shown.source.shape[-2:])
    columns = [
        with_keypoints(shown.source, outcome.source), with_keypoints(shown.driving, outcome.driving),
        prediction.deformed, occlusion.expand(-1, 3, -1, -1),
        prediction.image, shown.target,
    ]  # fmt: skip
    with atomic_path(path) as temporary:
        iio.imwrite(temporary, tile(columns), extension=".png")


def with_keypoints(images: Tensor, keypoints: Keypoints) -> Tensor:
    """Draw keypoints [B, K] onto images [B, 3, H, W] in [0, 1]."""
    places = to_pixels(keypoints.value.float().cpu().numpy(), (images.shape[2], images.shape[3]))
    drawn = [draw_points(*pair) for pair in zip(to_pictures(images), places, strict=True)]
    return torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).to(images.device) / 255


def tile(columns: list[Tensor]) -> Picture:
    """Lay columns of pictures [R, 3, H, W] in [0, 1] side by side: uint8 [R H, C W, 3]."""
    rows = torch.cat([column.float() for column in columns], dim=3)
    picture: Picture = to_pictures(rows).reshape(-1, rows.shape[3], 3)
    return picture
