"""Maps as pictures, and sheets of pictures."""

import numpy as np
import pytest

from animate_cli.overlay import (
    caption,
    colour_of,
    columns_for,
    draw_flow,
    draw_grid,
    draw_heatmaps,
    draw_map,
    draw_masks,
    tile,
)

GREY = np.full((80, 100, 3), 120, np.uint8)


def identity(height: int, width: int) -> np.ndarray:
    ys, xs = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    return np.stack([xs, ys], axis=-1)


def test_map_is_grey() -> None:
    np.testing.assert_array_equal(draw_map(np.array([[0.0, 0.5, 1.0]]))[0, :, 0], [0, 128, 255])


def test_heatmaps_have_their_keypoints_colours_whatever_their_peak() -> None:
    heatmaps = np.zeros((2, 8, 10))
    heatmaps[0, 2:4, 2:4], heatmaps[1, 5:7, 7:9] = 0.9, 0.001
    drawn = draw_heatmaps(GREY, heatmaps).astype(int)
    assert np.abs(drawn[30, 30] - colour_of(0)).max() < 12
    assert np.abs(drawn[60, 80] - colour_of(1)).max() < 12
    assert drawn[25, 85].max() < 100


def test_masks_show_who_moves_what() -> None:
    masks = np.zeros((3, 4, 4))
    masks[0, :, :2], masks[2, :, 2:] = 1, 1
    drawn = draw_masks(np.zeros((80, 80, 3), np.uint8), masks)
    assert np.ptp(drawn[40, 10].astype(int)) == 0
    np.testing.assert_allclose(drawn[40, 70], 0.75 * np.array(colour_of(1)), atol=1)


def test_grid_of_no_motion_is_square_and_a_shift_moves_it() -> None:
    still = draw_grid(np.zeros((160, 160, 3), np.uint8), identity(16, 16), cells=4)
    columns = np.flatnonzero(still[20, :, 0] > 90)
    assert {0, 159} <= set(columns.tolist())
    assert len(columns) in range(5, 11)
    shifted = draw_grid(np.zeros((160, 160, 3), np.uint8), identity(16, 16) + np.array([0.25, 0]), cells=4)
    line = np.flatnonzero(shifted[20, 60:, 0] > 90)[0] + 60
    assert line == pytest.approx(159 / 2 - 0.125 * 159, abs=2)


def test_flow_is_white_where_nothing_moves_and_opposites_have_opposite_hues() -> None:
    moved = np.zeros((8, 8, 2))
    moved[:, :3, 0], moved[:, 5:, 0] = 0.1, -0.1
    drawn = draw_flow(moved, (400, 400), 0.1).astype(int)
    assert drawn[5, 200].tolist() == [255, 255, 255]
    assert drawn[5, 20, 0] - drawn[5, 20, 2] > 100
    assert drawn[5, 380, 2] - drawn[5, 380, 0] > 100


def test_flow_has_its_key() -> None:
    still = draw_flow(np.zeros((8, 8, 2)), (400, 400), 0.05)
    corner = still[-130:, -100:]
    assert len(np.unique(corner.reshape(-1, 3), axis=0)) > 200
    assert (still[:200] == 255).all()


def test_tile_fills_shorter_rows() -> None:
    square = np.zeros((10, 10, 3), np.uint8)
    sheet = tile([[square, square, square], [square]], gap=2)
    assert sheet.shape == (22, 34, 3)
    assert sheet[15, 30].tolist() == [255, 255, 255]


def test_caption_is_above_and_never_wider() -> None:
    captioned = caption(GREY, "a very long line of words " * 20)
    assert captioned.shape[1] == 100
    np.testing.assert_array_equal(captioned[-80:], GREY)
    assert captioned[:-80].max() > 200


@pytest.mark.parametrize(
    ("count", "shape", "columns"), [(1, (10, 10), 1), (6, (10, 10), 3), (4, (10, 40), 1)]
)
def test_columns_suit_the_pictures(count: int, shape: tuple[int, int], columns: int) -> None:
    assert columns_for(count, shape) == columns
