"""Sample grids: what a model makes of a batch, one row a pair."""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import torch
from torch import Tensor

from animate_cli.data.pairs import PairBatch
from animate_cli.files import atomic_path
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.reconstruct import reconstruct

MAX_ROWS = 8


@torch.no_grad()
def save_sample_grid(path: Path, model: MotionModel, batch: PairBatch) -> None:
    """Write a PNG with the columns source, driving, deformed, finest occlusion map, prediction, target."""
    prediction = reconstruct(model, batch).prediction
    occlusion = torch.nn.functional.interpolate(
        prediction.motion.occlusions[-1], size=batch.source.shape[-2:]
    )
    columns = [
        batch.source, batch.driving, prediction.deformed, occlusion.expand(-1, 3, -1, -1),
        prediction.image, batch.target,
    ]  # fmt: skip
    rows = torch.stack([column.float().cpu() for column in columns], dim=1)[:MAX_ROWS]
    with atomic_path(path) as temporary:
        iio.imwrite(temporary, to_picture(rows), extension=".png")


def to_picture(rows: Tensor) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Tile pictures [R, C, 3, H, W] in [0, 1] into one uint8 picture [R H, C W, 3]."""
    tiled = rows.permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)
    picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = (tiled * 255).round().to(torch.uint8).numpy()
    return picture
