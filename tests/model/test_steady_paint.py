"""A memory of one frame: paint is carried on where the source hides a place that the frame before shows."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from animate_cli.fast.model import FastMotionModel
from animate_cli.model.grid import Sampling, coordinate_grid
from animate_cli.model.motion_model import MovingModel
from animate_cli.model.steady_paint import SteadyPaint
from animate_cli.model.values import DenseMotion, Keypoints, Prediction
from tests.tiny import pictures, tiny_config, tiny_model


class Still(nn.Module):
    """A motion that leaves all where it is, by an occlusion map that is everywhere the same."""

    def __init__(self, shown: float) -> None:
        super().__init__()
        self.shown = shown

    def forward(self, small: Tensor, source: Keypoints, driving: Keypoints) -> DenseMotion:
        grid = coordinate_grid(16, 16, like=small)[None]
        return DenseMotion(grid, grid[..., 0], (torch.full((1, 1, 16, 16), self.shown),), small)


class StillModel(MovingModel):
    """A model of pictures that do not move."""

    def __init__(self, shown: float) -> None:
        super().__init__()
        self.config, self.sampling = tiny_config(), Sampling(align_corners=True, aligned_resize=True)
        self.downscale, self.motion = nn.Identity(), Still(shown)


class Frames(NamedTuple):
    """Pictures as a model painted them, and where they are."""

    prediction: Prediction
    keypoints: Keypoints


def painted(images: Tensor, occlusion: float) -> Frames:
    count = len(images)
    keypoints = Keypoints(torch.zeros(count, 4, 2), torch.eye(2).expand(count, 4, 2, 2))
    maps = (torch.full((count, 1, 16, 16), occlusion),)
    nothing = torch.zeros(count, 1, 16, 16)
    return Frames(Prediction(images, images, DenseMotion(nothing, nothing, maps, nothing)), keypoints)


def test_hidden_places_keep_a_share_of_the_mixed_frame_before() -> None:
    images = pictures(3)
    mixed = SteadyPaint(StillModel(shown=1.0), 0.5)(*painted(images, occlusion=0.1)).image
    second = images[:2].mean(0)
    assert torch.equal(mixed[0], images[0]), "the first has none before it"
    assert torch.allclose(mixed[1], second, atol=1e-5)
    assert torch.allclose(mixed[2], (second + images[2]) / 2, atol=1e-5)


@pytest.mark.parametrize(("occlusion", "shown"), [(0.5, 1.0), (1.0, 1.0), (0.0, 0.0)])
def test_what_the_source_shows_or_the_frame_before_does_not_stays(occlusion: float, shown: float) -> None:
    frames = painted(pictures(2), occlusion)
    assert torch.equal(SteadyPaint(StillModel(shown), 1.0)(*frames).image, frames.prediction.image)


def test_a_larger_picture_is_remembered_at_its_own_size() -> None:
    images = pictures(2, 96, 128)
    mixed = SteadyPaint(StillModel(shown=1.0), 1.0)(*painted(images, occlusion=0.0)).image
    assert torch.allclose(mixed[1], images[0], atol=1e-4)


@torch.inference_mode()
def test_the_quick_model_remembers_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("animate_cli.model.steady_paint.HIDDEN", 1.0)  # the small model hides little
    model = tiny_model("paper")
    source, driving = pictures(1), pictures(4, seed=1)
    results = []
    for any_model in (model, FastMotionModel(model)):
        keypoints = any_model.detect(driving)
        prediction = any_model.predict(any_model.encode(source).expand(4), keypoints)
        results.append(SteadyPaint(any_model, 1.0)(prediction, keypoints).image)
        assert (results[-1] - prediction.image).abs().max() > 1e-3
    assert (results[0] - results[1]).abs().max() < 1e-4
