"""Several pictures of one figure: each place comes from the source that shows it."""

import pytest
import torch
from torch import Tensor

from animate_cli.config import VARIANTS
from animate_cli.fast.model import FastMotionModel
from animate_cli.model.motion_model import MovingModel
from animate_cli.model.moved_sources import MovedSource, MovedSources, share_out
from animate_cli.model.values import DenseMotion, Prediction, SourceFeatures
from tests.tiny import pictures, tiny_model


def moved(*occlusions: Tensor) -> MovedSources:
    nowhere, nothing = torch.zeros(1, 4, 4, 2), torch.zeros(1, 1, 4, 4)
    return MovedSources(
        [
            MovedSource(nothing, SourceFeatures(()), DenseMotion(nowhere, nothing, (occlusion,), nothing))
            for occlusion in occlusions
        ]
    )


def test_shares_sum_to_one_even_where_nobody_sees() -> None:
    torch.manual_seed(0)
    maps = [torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8), torch.zeros(2, 1, 8, 8)]
    maps[0][0, 0, 0, 0] = maps[1][0, 0, 0, 0] = 0
    shares = share_out(maps)
    assert torch.allclose(sum(shares, torch.zeros(1)), torch.ones(2, 1, 8, 8))
    assert torch.allclose(shares[2][0, 0, 0, 0], torch.tensor(1 / 3))


def test_a_place_comes_from_the_source_that_shows_it() -> None:
    left = torch.zeros(1, 1, 4, 4)
    left[..., :2] = 1
    both = moved(left, 1 - left)
    white, black = torch.ones(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)
    merged = both.merge([white, black])
    assert merged[..., :2].min() > 0.99
    assert merged[..., -2:].max() < 0.01
    assert both.occlusions[0].min() > 0.99, "together they show everything"


def test_an_only_source_is_left_as_it_is() -> None:
    alone = moved(torch.rand(1, 1, 4, 4))
    piece, occlusion = torch.rand(1, 3, 8, 8), torch.rand(1, 1, 8, 8)
    assert alone.merge([piece]) is piece
    assert alone.gates(occlusion) == [occlusion]


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_the_same_picture_twice_is_the_picture_once(variant: str) -> None:
    model = tiny_model(variant)
    encoded, keypoints = model.encode(pictures(1)), model.detect(pictures(1, seed=1))
    once = model.predict(encoded, keypoints).image
    assert torch.allclose(model.predict(encoded, keypoints, [encoded]).image, once, atol=1e-5)


@torch.inference_mode()
def test_the_quick_model_merges_alike() -> None:
    model = tiny_model("paper")
    quick = FastMotionModel(model)
    source, other, driving = pictures(1), pictures(1, seed=2), pictures(3, seed=1)

    def predict(any_model: MovingModel) -> Prediction:
        encoded = [any_model.encode(picture).expand(3) for picture in (source, other)]
        return any_model.predict(encoded[0], any_model.detect(driving), encoded[1:])

    found, wanted = predict(quick), predict(model)
    assert (found.image - wanted.image).abs().max() < 1e-4
    assert (found.deformed - wanted.deformed).abs().max() < 1e-4
    alone = model.predict(model.encode(source).expand(3), model.detect(driving))
    assert (wanted.deformed - alone.deformed).abs().max() > 0.05


def test_what_the_main_source_shows_stays_its_own() -> None:
    sure = torch.full((1, 1, 4, 4), 0.97)
    main, other = share_out([sure, torch.ones_like(sure)])
    assert main.min() > 0.9
    assert other.max() < 0.1
