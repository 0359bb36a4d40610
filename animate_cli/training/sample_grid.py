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
from animate_cli.overlay import caption, draw_masks, draw_points, to_pixels
from animate_cli.training.reconstruct import Outcome, reconstruct

MAX_ROWS = 8


@torch.no_grad()
def save_sample_grid(path: Path, model: MotionModel, batch: PairBatch) -> None:
    """Write a PNG with a row for each pair and a named column for each thing that a model makes of it."""
    initial = None if batch.initial is None else batch.initial[:MAX_ROWS]
    shown = PairBatch(batch.source[:MAX_ROWS], batch.driving[:MAX_ROWS], batch.target[:MAX_ROWS], initial)
    columns = draw_columns(shown, reconstruct(model, shown))
    words = [caption(np.empty((0, shown.source.shape[-1], 3), np.uint8), name) for name in columns]
    with atomic_path(path) as temporary:
        grid = np.concatenate([np.concatenate(words, axis=1), tile(list(columns.values()))])
        iio.imwrite(temporary, grid, extension=".png")


def draw_columns(batch: PairBatch, outcome: Outcome) -> dict[str, Tensor]:
    """Name and draw the columns, each [B, 3, H, W] in [0, 1]: the first two show the keypoints.

    Occlusion maps are black where the generator paints anew, coarse to fine, and last what a blending model
    keeps of the warped source; masks are in their keypoints' colours, the background's light grey.
    """
    prediction = outcome.prediction
    maps = [*prediction.motion.occlusions, *([] if prediction.kept is None else [prediction.kept])]
    names = [f"occlusion {number + 1}" for number in range(len(prediction.motion.occlusions))] + ["kept"]
    return {
        "source": with_keypoints(batch.source, outcome.source),
        "driving": with_keypoints(batch.driving, outcome.driving),
        "masks": with_masks(prediction.image, prediction.motion.mask),
        "deformed": prediction.deformed,
        **{name: with_size(values, batch.source) for name, values in zip(names, maps, strict=False)},
        "prediction": prediction.image,
        "target": batch.target,
    }


def with_size(values: Tensor, images: Tensor) -> Tensor:
    """Show maps [B, 1, h, w] in [0, 1] as grey pictures as large as images [B, 3, H, W]."""
    return interpolate(values.float(), size=images.shape[-2:]).expand(-1, 3, -1, -1)


def with_masks(images: Tensor, masks: Tensor) -> Tensor:
    """Lay masks [B, K + 1, h, w] over images [B, 3, H, W] in [0, 1]."""
    shares = masks.float().cpu().numpy()
    drawn = [draw_masks(*pair) for pair in zip(to_pictures(images), shares, strict=True)]
    return _to_images(drawn, images)


def with_keypoints(images: Tensor, keypoints: Keypoints) -> Tensor:
    """Draw keypoints [B, K] onto images [B, 3, H, W] in [0, 1]."""
    places = to_pixels(keypoints.value.float().cpu().numpy(), (images.shape[2], images.shape[3]))
    drawn = [draw_points(*pair) for pair in zip(to_pictures(images), places, strict=True)]
    return _to_images(drawn, images)


def _to_images(pictures: list[Picture], like: Tensor) -> Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).to(like.device) / 255


def tile(columns: list[Tensor]) -> Picture:
    """Lay columns of pictures [R, 3, H, W] in [0, 1] side by side: uint8 [R H, C W, 3]."""
    rows = torch.cat([column.float() for column in columns], dim=3)
    picture: Picture = to_pictures(rows).reshape(-1, rows.shape[3], 3)
    return picture
