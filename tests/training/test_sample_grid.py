from pathlib import Path

import imageio.v3 as iio
import numpy as np
import torch

from animate_cli.data.pairs import PairBatch
from animate_cli.training.reconstruct import reconstruct
from animate_cli.training.sample_grid import MAX_ROWS, draw_columns, save_sample_grid, tile
from tests.tiny import pictures, tiny_model

WORDS = 14


def batch_of(count: int, *, relative: bool = False) -> PairBatch:
    source, driving, initial = pictures(3 * count).chunk(3)
    return PairBatch(source, driving, driving, initial if relative else None)


def test_a_row_for_each_pair(tmp_path: Path) -> None:
    batch = batch_of(2, relative=True)
    save_sample_grid(tmp_path / "grid.png", tiny_model(), batch)
    grid = iio.imread(tmp_path / "grid.png")
    assert grid.shape == (WORDS + 128, 9 * 64, 3)
    grid = grid[WORDS:]
    source, target = (pictures[1].permute(1, 2, 0).numpy() for pictures in (batch.source, batch.target))
    differs = np.abs(grid[64:, :64] / 255 - source).max(axis=2) > 0.01
    assert 0 < differs.mean() < 0.3, "the source with its keypoints"
    assert np.abs(grid[64:, -64:] / 255 - target).max() < 0.01


def test_large_batches_show_their_first_rows(tmp_path: Path) -> None:
    save_sample_grid(tmp_path / "grid.png", tiny_model("fomm"), batch_of(MAX_ROWS + 3))
    assert iio.imread(tmp_path / "grid.png").shape[0] == WORDS + MAX_ROWS * 64


def test_tile_keeps_places() -> None:
    columns = [torch.full((2, 3, 1, 2), value) for value in (0.0, 1.0)]
    columns[1][1] = 0.2
    assert tile(columns)[..., 0].tolist() == [[0, 0, 255, 255], [0, 0, 51, 51]]


@torch.no_grad()
def test_masks_and_every_occlusion_map_have_a_column() -> None:
    batch, model = batch_of(1), tiny_model()
    outcome = reconstruct(model, batch)
    columns = draw_columns(batch, outcome)
    maps = [name for name in columns if name.startswith("occlusion")]
    assert len(maps) == len(outcome.prediction.motion.occlusions)
    assert list(columns)[:4] == ["source", "driving", "masks", "deformed"]
    assert columns["masks"].std() > 0
    assert all(picture.shape == batch.source.shape for picture in columns.values())
