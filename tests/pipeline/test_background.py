"""Sources with alpha."""

import numpy as np
import pytest

from animate_cli.pipeline.background import lift, parse_background, split_alpha
from animate_cli.pipeline.job import JobError


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("white", (255, 255, 255)),
        ("#ff8800", (255, 136, 0)),
        ("#f80", (255, 136, 0)),
        ("transparent", (255,) * 3),
    ],
)
def test_colours(text: str, colour: tuple[int, int, int]) -> None:
    assert parse_background(text) == colour


def test_unknown_colour_is_wrong_usage() -> None:
    with pytest.raises(JobError, match="is not a colour"):
        parse_background("whiteish")


def test_split_alpha_splits_colour_and_alpha() -> None:
    picture = np.full((2, 2, 4), 0, np.uint8)
    picture[0, 0, 3] = 255
    opaque, alpha = split_alpha(picture, (255, 0, 0))
    assert opaque[0, 0].tolist() == [0, 0, 0]
    assert opaque[1, 1].tolist() == [255, 0, 0]
    assert alpha is not None
    assert alpha.tolist() == [[255, 0], [0, 0]]


def test_opaque_pictures_have_no_alpha() -> None:
    assert split_alpha(np.full((2, 2, 4), 255, np.uint8), (0, 0, 0))[1] is None
    assert split_alpha(np.full((2, 2, 3), 7, np.uint8), (0, 0, 0))[1] is None


def test_lift_undoes_the_mixing_with_the_background() -> None:
    picture = np.zeros((1, 4, 4), np.uint8)
    picture[..., :3] = (10, 120, 200)
    picture[0, :, 3] = [255, 128, 64, 0]
    mixed, alpha = split_alpha(picture, (255, 255, 255))
    assert alpha is not None
    lifted = lift(np.dstack([mixed, alpha]), (255, 255, 255))
    np.testing.assert_allclose(lifted[0, :3, :3], picture[0, :3, :3], atol=4)
    np.testing.assert_array_equal(lifted[..., 3], alpha)
