"""Drawing on pictures."""

import numpy as np
import pytest

from animate_cli.overlay import colour_of, draw_map, draw_points, tile, to_pixels


def test_corners_of_the_model_are_corners_of_the_picture() -> None:
    points = np.array([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(to_pixels(points, (101, 201)), [[0, 0], [200, 100], [100, 50]])


def test_dot_covers_its_place_in_its_colour_and_nothing_else() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    drawn = draw_points(picture, np.array([[30.0, 60.0]]))
    assert picture.max() == 0
    ys, xs = np.nonzero(drawn.any(axis=2))
    assert abs(ys.mean() - 60) < 0.6
    assert abs(xs.mean() - 30) < 0.6
    assert np.ptp(ys) <= 12
    assert (drawn == colour_of(0, 1)).all(axis=2).any()


def test_edges_are_smooth() -> None:
    drawn = draw_points(np.full((100, 100, 3), 255, np.uint8), np.array([[50.0, 50.0]]))
    assert len(np.unique(drawn[..., 2])) > 4


@pytest.mark.parametrize("place", [(-3.0, 50.0), (99.0, 99.0), (500.0, -500.0)])
def test_points_at_and_beyond_the_edge(place: tuple[float, float]) -> None:
    assert draw_points(np.zeros((100, 100, 3), np.uint8), np.array([place])).shape == (100, 100, 3)


def test_numbers_tell_dots_apart() -> None:
    drawn = draw_points(np.zeros((400, 400, 3), np.uint8), np.array([[100.0, 200.0], [300.0, 200.0]]))
    dark = drawn.max(axis=2) < 128
    assert (dark[180:220, 80:120] != dark[180:220, 280:320]).any()


def test_map_is_grey() -> None:
    np.testing.assert_array_equal(draw_map(np.array([[0.0, 0.5, 1.0]]))[0, :, 0], [0, 128, 255])


def test_tile_fills_shorter_rows() -> None:
    square = np.zeros((10, 10, 3), np.uint8)
    sheet = tile([[square, square, square], [square]], gap=2)
    assert sheet.shape == (22, 34, 3)
    assert sheet[15, 30].tolist() == [255, 255, 255]
