"""Keypoints on pictures of any shape: the model's place, the canvas's, and the picture's own."""

import numpy as np
import pytest

from animate_cli.pipeline.job import Fit
from animate_cli.pipeline.visualize.view import View


@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("size", [(256, 256), (360, 640), (711, 300)])
def test_a_mark_is_found_where_it_was_put(fit: Fit, size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    y, x = size[0] // 2 + 20, size[1] // 2 - 30
    picture[y - 6 : y + 7, x - 6 : x + 7] = 255
    view = View.of(size, (256, 256), fit, None, 512)
    seen = view.for_model(picture)[..., 0].astype(float)
    rows, columns = np.mgrid[:256, :256]
    place = np.array([(seen * columns).sum(), (seen * rows).sum()]) / seen.sum() / 255 * 2 - 1
    own = (view.on_picture(place) + 1) / 2 * (np.array(size[::-1]) - 1)
    np.testing.assert_allclose(own, [x, y], atol=0.5)
    canvas = view.for_eye(picture)[..., 0].astype(float)
    rows, columns = np.mgrid[: canvas.shape[0], : canvas.shape[1]]
    shown = np.array([(canvas * columns).sum(), (canvas * rows).sum()]) / canvas.sum()
    np.testing.assert_allclose(view.on_canvas(place), shown, atol=1.0)


def test_shown_with_a_height_or_a_shorter_side() -> None:
    assert View.of((360, 640), (256, 256), "pad", None, 512).shown.inner[0] == 512
    for size in ((360, 640), (711, 300), (99, 100)):
        view = View.of(size, (256, 256), "pad", 333, 512)
        assert view.take_out(view.for_eye(np.zeros((*size, 3), np.uint8))).shape[0] == 333
