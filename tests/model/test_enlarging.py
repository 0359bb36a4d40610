"""Results larger or smaller than what the networks paint."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.model.enlarging import at_size_of, find_shown
from animate_cli.model.values import DenseMotion, Prediction
from tests.tiny import pictures

SMALL, LARGE = (32, 32), (80, 80)


def scaled(picture: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(picture, size, mode="bicubic", antialias=True).clamp(0, 1)


def predict(image: Tensor, deformed: Tensor, *, kept: Tensor | None = None, shown: float = 1.0) -> Prediction:
    motion = DenseMotion(torch.zeros(1, 8, 8, 2), torch.ones(1, 1, 8, 8), (torch.full((1, 1, 8, 8), shown),),
                         torch.zeros(1, 1, 3, 8, 8))  # fmt: skip
    return Prediction(image, deformed, motion, kept)


def test_where_the_picture_is_the_warped_source_all_detail_is_back() -> None:
    deformed = 0.2 + 0.6 * pictures(1, *LARGE)
    small = scaled(deformed, SMALL)
    result = at_size_of(predict(small, small, kept=torch.ones(1, 1, *SMALL)), deformed)
    assert torch.equal(result.deformed, deformed)
    torch.testing.assert_close(result.image, deformed, atol=1e-4, rtol=0)


def test_what_was_painted_gets_nothing_of_the_source() -> None:
    deformed = pictures(1, *LARGE)
    painted = torch.full((1, 3, *SMALL), 0.9)
    for kept, shown in ((torch.ones(1, 1, *SMALL), 1.0), (None, 1.0)):
        dark = predict(painted, 0.1 * scaled(deformed, SMALL), kept=kept, shown=shown)
        assert (at_size_of(dark, 0.1 * deformed).image - 0.9).abs().max() < 1e-3
    small = scaled(deformed, SMALL)
    hidden = at_size_of(predict(small, small, shown=0.0), deformed)
    torch.testing.assert_close(hidden.image, scaled(small, LARGE), atol=1e-5, rtol=0)


def test_smaller_results_are_reductions() -> None:
    painted = pictures(1, *SMALL)
    result = at_size_of(predict(painted, painted), pictures(1, 16, 16))
    torch.testing.assert_close(result.image, scaled(painted, (16, 16)))


@pytest.mark.parametrize("blends", [True, False])
def test_shown_is_what_was_kept_else_the_finest_occlusion_map(blends: bool) -> None:
    small = pictures(1, *SMALL)
    kept = torch.full((1, 1, *SMALL), 0.7) if blends else None
    shown = find_shown(predict(small, small, kept=kept, shown=0.4))
    torch.testing.assert_close(shown, torch.full_like(shown, 0.7 if blends else 0.4))
