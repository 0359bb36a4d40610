"""Where the object is without a mask: planted scenes, and toons against their truth."""

from fractions import Fraction

import numpy as np
import pytest

from animate_cli.diagnosis.camera import STILL, track_camera
from animate_cli.diagnosis.object_mask import WINDOW, look, shrink, watch
from animate_cli.diagnosis.off_object import ObjectMask, given_mask, measure_distance

SIDE, FRAMES = 128, 24
RATE = Fraction(9)


def texture(side: int, seed: int) -> np.ndarray:
    """Smooth colour noise, [side, side, 3] in [0, 255]."""
    generator = np.random.default_rng(seed)
    coarse = generator.uniform(0, 255, (side // 8 + 2, side // 8 + 2, 3))
    places = np.arange(side) / 8
    low = places.astype(int)
    part = places - low
    rows = coarse[low] * (1 - part)[:, None, None] + coarse[low + 1] * part[:, None, None]
    blended = rows[:, low] * (1 - part)[None, :, None] + rows[:, low + 1] * part[None, :, None]
    return np.asarray(blended)


def planted(*, camera: float, moves: bool = True) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A textured disc that sways before a textured wall, while the camera pans by ``camera`` pixels a frame."""
    wall, skin = texture(SIDE + 160, 1), texture(SIDE, 2)
    ys, xs = np.mgrid[:SIDE, :SIDE]
    pictures, masks = [], []
    for index in range(FRAMES):
        pan = round(camera * index)
        middle = SIDE / 2 + (18 * np.sin(index / 3) if moves else 0)
        mask = np.hypot(ys - 70, xs - middle) < 30
        picture = wall[:SIDE, pan : pan + SIDE].copy()
        picture[mask] = np.roll(skin, round(middle), axis=1)[mask]
        pictures.append(picture.astype(np.uint8))
        masks.append(mask)
    return pictures, masks


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    return float((first & second).sum() / max((first | second).sum(), 1))


@pytest.mark.parametrize("camera", [0.0, 3.0])
def test_a_moving_object_is_found_whether_or_not_the_camera_moves(camera: float) -> None:
    pictures, masks = planted(camera=camera)
    scenes = list(watch(pictures, RATE))
    assert len(scenes) == FRAMES
    assert all(scene.camera_still == (camera == 0) for scene in scenes)
    small = [shrink(np.repeat(mask[..., None] * np.uint8(255), 3, 2))[..., 0] > 127 for mask in masks]
    found = [overlap(scene.found.mask, mask) for scene, mask in zip(scenes, small, strict=True)]
    assert np.mean(found) > 0.75


def test_camera_is_followed_to_a_fraction_of_a_pixel() -> None:
    pictures, _ = planted(camera=3.0)
    small = [shrink(picture) for picture in pictures]
    path = track_camera(small)
    scale = small[0].shape[0] / SIDE
    for index, motion in enumerate(path):
        np.testing.assert_allclose(motion[:, 2] + motion[:, :2] @ [20, 10] - [20, 10],
                                   [-3 * index * scale, 0], atol=0.6)  # fmt: skip


def test_a_still_camera_is_exactly_still() -> None:
    pictures, _ = planted(camera=0.0)
    assert all(motion is STILL for motion in track_camera([shrink(picture) for picture in pictures]))


def test_where_nothing_moves_nothing_is_claimed() -> None:
    pictures, _ = planted(camera=0.0, moves=False)
    assert all(scene.found.certainty.max() == 0 for scene in watch(pictures, RATE))
    amount, certainty = measure_distance(np.zeros((3, 2)), look([shrink(pictures[0])])[0].found)
    assert np.isnan(amount).all()
    assert (certainty == 0).all()


def test_every_frame_has_its_scene_over_many_windows() -> None:
    pictures, _ = planted(camera=0.0)
    count = WINDOW * 4 + 3
    scenes = watch((pictures[index % FRAMES] for index in range(count)), Fraction(25))
    assert sum(1 for _ in scenes) == count


@pytest.mark.parametrize(
    ("x", "off"), [(0.0, False), (0.19, False), (0.23, False), (0.35, True), (-0.9, True)]
)
def test_off_the_object_is_farther_than_the_bound_from_its_outline(x: float, off: bool) -> None:
    ys, xs = np.mgrid[-1:1:201j, -1:1:201j]
    found = ObjectMask(np.hypot(ys, xs) < 0.2, np.ones((201, 201)))
    amount, _ = measure_distance(np.array([[x, 0.0]]), found)
    assert (amount[0] >= 1) == off


def test_certainty_decides_what_is_judged() -> None:
    mask = np.zeros((50, 50), bool)
    mask[:, :10] = True
    certainty = np.ones((50, 50))
    certainty[:, 30:] = 1 / 3
    amount, _ = measure_distance(np.array([[0.0, 0.0], [0.9, 0.0]]), ObjectMask(mask, certainty))
    assert amount[0] > 1
    assert np.isnan(amount[1])


def test_given_mask_is_taken_at_its_word() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:2] = 255
    found = given_mask(picture)
    assert found.mask[:2].all()
    assert not found.mask[2:].any()
    assert (found.certainty == 1).all()
