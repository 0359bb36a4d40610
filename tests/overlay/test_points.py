"""Keypoints as dots, rings, trails, jacobians and links."""

import cv2
import numpy as np
import pytest

from animate_cli.overlay import (
    PALETTE,
    colour_of,
    draw_jacobians,
    draw_links,
    draw_points,
    draw_rings,
    draw_trails,
    to_pixels,
)

DICHROMACIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "full colour vision": np.eye(3).tolist(),
}
"""What is seen of linear RGB, by Machado et al. 2009."""


def black(side: int = 100) -> np.ndarray:
    return np.zeros((side, side, 3), np.uint8)


def centre_of(drawn: np.ndarray) -> tuple[float, float]:
    weights = drawn.astype(float).max(axis=2)
    ys, xs = np.mgrid[: drawn.shape[0], : drawn.shape[1]]
    return (xs * weights).sum() / weights.sum(), (ys * weights).sum() / weights.sum()


def test_corners_of_the_model_are_corners_of_the_picture() -> None:
    points = np.array([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.0]])
    np.testing.assert_allclose(to_pixels(points, (101, 201)), [[0, 0], [200, 100], [100, 50]])


def test_dot_covers_its_place_in_its_colour_and_nothing_else() -> None:
    picture = black()
    drawn = draw_points(picture, np.array([[30.0, 60.0]]))
    assert picture.max() == 0
    ys, xs = np.nonzero(drawn.any(axis=2))
    assert abs(ys.mean() - 60) < 0.6
    assert abs(xs.mean() - 30) < 0.6
    assert np.ptp(ys) <= 12
    assert (drawn == colour_of(0)).all(axis=2).any()


def test_dots_move_by_less_than_a_pixel() -> None:
    still, moved = (draw_rings(black(), np.array([[x, 50.0]]), np.array([True])) for x in (50.0, 50.5))
    assert centre_of(moved)[0] - centre_of(still)[0] == pytest.approx(0.5, abs=0.1)
    still, moved = (draw_points(black(), np.array([[x, 50.0]])) for x in (50.0, 50.5))
    assert centre_of(moved)[0] - centre_of(still)[0] == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_dots_stand_out_from_any_ground_and_their_edges_are_smooth(ground: int) -> None:
    drawn = draw_points(np.full((100, 100, 3), ground, np.uint8), np.array([[50.0, 50.0]]))
    assert len(np.unique(drawn[..., 2])) > 4
    contrast = np.abs(drawn.astype(int) - ground).max()
    assert contrast >= 120


@pytest.mark.parametrize("place", [(-3.0, 50.0), (99.0, 99.0), (500.0, -500.0), (np.nan, 3.0), (1e30, 0.0)])
def test_points_at_and_beyond_the_edge(place: tuple[float, float]) -> None:
    points = np.array([place])
    assert draw_points(black(), points).shape == (100, 100, 3)
    assert draw_rings(black(), points, np.array([True])).shape == (100, 100, 3)
    assert draw_jacobians(black(), points, np.full((1, 2, 2), 1e20)).shape == (100, 100, 3)


def test_numbers_tell_dots_apart() -> None:
    drawn = draw_points(black(400), np.array([[100.0, 200.0]] + [[300.0, 200.0]] * 20))
    dark = drawn.max(axis=2) < 128
    assert (dark[180:220, 80:120] != dark[180:220, 280:320]).any()


@pytest.mark.parametrize("sight", DICHROMACIES)
def test_colours_are_told_apart_by_every_kind_of_colour_vision(sight: str) -> None:
    colours = np.array(PALETTE, dtype=np.float32) / 255
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(DICHROMACIES[sight]).T, 0, 1)
    shown = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    lab = cv2.cvtColor(shown[None].astype(np.float32), cv2.COLOR_RGB2Lab)[0]
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    assert distance[np.triu_indices(len(lab), 1)].min() > 14


def test_rings_are_red_and_only_around_the_bad() -> None:
    drawn = draw_rings(black(200), np.array([[50.0, 50.0], [150.0, 150.0]]), np.array([False, True]))
    assert not drawn[:100, :100].any()
    reds = (drawn[..., 0] > 200) & (drawn[..., 1] < 80)
    ys, xs = np.nonzero(reds)
    assert (abs(ys.mean() - 150), abs(xs.mean() - 150)) < (1, 1)
    assert not drawn[148:153, 148:153].any()


def test_trails_end_in_the_present_and_break_where_nothing_is_known() -> None:
    trail = np.stack([np.linspace(20, 80, 7), np.full(7, 50.0)], axis=1)[:, None]
    drawn = draw_trails(black(), trail)
    assert drawn[50, 20:80].max(axis=1).min() > 60
    assert not drawn[:40].any()
    trail[:3] = np.nan
    assert not draw_trails(black(), trail)[:, :45].any()
    assert not draw_trails(black(), trail[:1]).any()


def test_jacobians_are_ellipses_and_folds_are_red() -> None:
    place = np.array([[100.0, 100.0]])
    wide = draw_jacobians(black(200), place, np.array([[[2.0, 0.0], [0.0, 0.5]]]))
    ys, xs = np.nonzero(wide.any(axis=2))
    assert np.ptp(xs) > 2.5 * np.ptp(ys)
    folded = draw_jacobians(black(200), place, np.array([[[1.0, 0.0], [0.0, -1.0]]]))
    assert (folded[..., 0] > 200).any()
    assert not ((folded[..., 1] > 120) & (folded[..., 0] > 120)).any()


def test_links_join_corresponding_points() -> None:
    drawn = draw_links(black(200), np.array([[20.0, 20.0]]), np.array([[180.0, 180.0]]))
    diagonal = drawn[np.arange(20, 180), np.arange(20, 180)]
    assert (diagonal == colour_of(0)).all(axis=1).mean() > 0.9
    assert not drawn[100:, :80].any()
