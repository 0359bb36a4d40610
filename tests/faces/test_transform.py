"""Cutting out and putting back."""

import numpy as np
import pytest

from animate_cli.faces.box import Box
from animate_cli.faces.transform import CropTransform, cut_out
from tests.faces.scenes import portrait

INSIDE, BEYOND = Box(100, 40, 300, 240), Box(-60, 380, 240, 680)


@pytest.mark.parametrize("box", [INSIDE, BEYOND], ids=["inside", "beyond the edge"])
@pytest.mark.parametrize("size", [200, 256, 400])
def test_crop_then_paste_changes_little(box: Box, size: int) -> None:
    transform = CropTransform(box, size)
    pasted = transform.paste(portrait(), transform.crop(portrait()))
    assert np.abs(pasted.astype(int) - portrait()).mean() < 1.0


def test_paste_at_the_same_size_is_exact() -> None:
    transform = CropTransform(INSIDE, 200)
    np.testing.assert_array_equal(transform.paste(portrait(), transform.crop(portrait())), portrait())


@pytest.mark.parametrize("box", [INSIDE, BEYOND], ids=["inside", "beyond the edge"])
def test_outside_of_the_box_nothing_changes(box: Box) -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    pasted = CropTransform(box, 64).paste(portrait(), black)
    changed = (pasted != portrait()).any(-1)
    rows, columns = np.nonzero(changed)
    assert box.left < columns.min() or box.left < 0
    assert columns.max() < box.right
    assert box.top < rows.min()
    assert rows.max() < box.bottom


def test_the_edge_is_soft_but_not_where_the_picture_ends() -> None:
    picture = np.full((100, 100, 3), 200, np.uint8)
    pasted = CropTransform(Box(0, 20, 60, 80), 60).paste(picture, np.zeros((60, 60, 3), np.uint8))
    row, column = pasted[50, :, 0].astype(int), pasted[:, 0, 0].astype(int)
    assert row[0] == 0
    assert np.abs(np.diff(row)).max() < 60
    assert np.abs(np.diff(column)).max() < 60
    assert column[20] == column[79] == 200


def test_beyond_the_edge_the_border_is_repeated() -> None:
    piece = cut_out(portrait(), Box(-10, 500, 20, 530))
    assert piece.shape == (30, 30, 3)
    np.testing.assert_array_equal(piece[:12, 0], portrait()[500:, 0])
    np.testing.assert_array_equal(piece[-1, 10:], portrait()[-1, :20])


def test_crops_fall_between_pixels() -> None:
    ramp = np.tile(np.arange(0, 250, 2, dtype=np.uint8)[None, :, None], (125, 1, 3))
    whole, half = (CropTransform(Box(20 + x, 20, 84 + x, 84), 64).crop(ramp).astype(int) for x in (0, 0.5))
    assert set(np.unique(half[4:-4, 4:-4] - whole[4:-4, 4:-4])) == {1}


def test_a_square_stays_a_square() -> None:
    assert Box(0.5, 0.5, 10.5, 20.5).squared() == Box(-4.5, 0.5, 15.5, 20.5)
    box = Box.around(3.3, 7.8, 11.4).rounded()
    assert (box.width, box.height) == (11, 11)
    assert box.left == int(box.left)
