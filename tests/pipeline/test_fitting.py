"""Pictures of any shape reach the model's, and results come back to the source's."""

import numpy as np
import pytest

from animate_cli.pipeline.fitting import fit_picture, place_canvas, place_picture, result_size, take_out

SIZES = [(256, 256), (1280, 720), (720, 1280), (4, 4), (1, 1), (3, 400), (333, 517), (1080, 1081)]


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("model", [(256, 256), (128, 192)])
def test_every_shape_fits(size: tuple[int, int], fit: str, model: tuple[int, int]) -> None:
    placement = place_picture(size, model, fit)  # type: ignore[arg-type]
    assert fit_picture(picture(*size), placement).shape == (*model, 3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fit", ["pad", "crop", "stretch"])
@pytest.mark.parametrize("model", [(256, 256), (128, 192)])
@pytest.mark.parametrize("shorter", [None, 64, 250, 512])
def test_canvas_has_the_models_aspect(
    size: tuple[int, int], fit: str, model: tuple[int, int], shorter: int | None
) -> None:
    placement = place_canvas(size, model, fit, shorter)  # type: ignore[arg-type]
    height, width = placement.outer
    assert height * model[1] == width * model[0]
    canvas = fit_picture(picture(*size), placement)
    assert canvas.shape == (height, width, 3)
    assert take_out(canvas, placement).shape == (*placement.inner, 3)


@pytest.mark.parametrize(
    ("aspect", "shorter", "expected"),
    [
        ((256, 256), 256, (256, 256)),
        ((1280, 720), 256, (456, 256)),
        ((720, 1280), 256, (256, 456)),
        ((720, 1280), 255, (255, 454)),
        ((4, 4), 512, (512, 512)),
        ((10, 4000), 256, (2, 1024)),
    ],
)
def test_result_size_keeps_aspect(aspect: tuple[int, int], shorter: int, expected: tuple[int, int]) -> None:
    assert result_size(aspect, shorter) == expected


def test_padding_repeats_the_edge_and_is_cut_off_again() -> None:
    wide = np.zeros((100, 200, 3), np.uint8)
    wide[:50] = 200
    placement = place_canvas((100, 200), (256, 256), "pad", 100)
    canvas = fit_picture(wide, placement)
    assert placement.inner == (100, 200)
    assert canvas[0, 0, 0] == 200
    assert canvas[-1, 0, 0] == 0
    np.testing.assert_array_equal(take_out(canvas, placement), wide)


def test_crop_takes_the_centre() -> None:
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, 100:200] = 255
    assert fit_picture(wide, place_picture((100, 300), (256, 256), "crop")).min() == 255


def test_same_layout_at_another_size() -> None:
    placement = place_canvas((720, 1280), (256, 256), "pad", 256)
    small = placement.at((256, 256))
    assert small.outer == (256, 256)
    assert abs(small.inner[0] / 256 - placement.inner[0] / placement.outer[0]) < 1 / 256
    assert abs(small.offset[0] / 256 - placement.offset[0] / placement.outer[0]) < 1 / 256


def test_alpha_is_fitted_too() -> None:
    alpha = np.full((10, 20), 255, np.uint8)
    assert fit_picture(alpha, place_picture((10, 20), (64, 64), "pad")).shape == (64, 64)
