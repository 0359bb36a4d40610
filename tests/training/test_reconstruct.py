import pytest
import torch

from animate_cli.data.pairs import PairBatch
from animate_cli.model.relative_motion import movement_scale
from animate_cli.model.values import Keypoints
from animate_cli.training.reconstruct import movement_scales, reconstruct, split_keypoints
from tests.tiny import pictures, tiny_model


def keypoints(count: int, seed: int = 0) -> Keypoints:
    generator = torch.Generator().manual_seed(seed)
    value = torch.rand(count, 5, 2, generator=generator) * 2 - 1
    return Keypoints(value, torch.eye(2).expand(count, 5, 2, 2))


@torch.no_grad()
def test_a_driver_without_a_first_pose_is_followed_absolutely() -> None:
    model, frames = tiny_model(), pictures(4)
    outcome = reconstruct(model, PairBatch(frames[:2], frames[2:], frames[2:]))
    expected, source, driving = model(frames[:2], frames[2:])
    assert outcome.initial is None
    assert outcome.moved is outcome.driving
    assert torch.equal(outcome.prediction.image, expected.image)
    assert torch.equal(outcome.source.value, source.value)
    assert torch.equal(outcome.moved.value, driving.value)


@torch.no_grad()
def test_a_driver_in_the_sources_pose_leaves_the_source_where_it_is() -> None:
    model, frames = tiny_model(), pictures(4)
    outcome = reconstruct(model, PairBatch(frames[:2], frames[2:], frames[:2], initial=frames[2:]))
    assert torch.allclose(outcome.moved.value, outcome.source.value, atol=1e-6)
    assert torch.allclose(outcome.moved.jacobian, outcome.source.jacobian, atol=1e-4)
    assert outcome.initial is not None
    assert torch.equal(outcome.driving.value, outcome.initial.value)


@torch.no_grad()
def test_relative_motion_is_that_of_animating() -> None:
    model, frames = tiny_model(), pictures(3)
    source, driving, initial = (frames[i : i + 1] for i in range(3))
    outcome = reconstruct(model, PairBatch(source, driving, driving, initial))
    scale = movement_scale(outcome.source, model.detect(initial))
    movement = model.detect(driving).value - model.detect(initial).value
    assert torch.allclose(outcome.moved.value, outcome.source.value + scale * movement, atol=1e-5)


def test_each_pair_has_its_own_scale() -> None:
    source, reference = keypoints(3), keypoints(3, seed=1)
    scales = movement_scales(source, reference)
    assert scales.shape == (3, 1, 1)
    for row in range(3):
        single = [Keypoints(one.value[row : row + 1], one.jacobian[:1]) for one in (source, reference)]
        assert float(scales[row]) == pytest.approx(movement_scale(*single))


def test_keypoints_on_one_spot_have_no_scale() -> None:
    flat = Keypoints(torch.zeros(1, 5, 2), torch.eye(2).expand(1, 5, 2, 2))
    assert float(movement_scales(keypoints(1), flat)) == 1.0


def test_split_keypoints() -> None:
    whole = keypoints(6)
    first, second = split_keypoints(whole, 2)
    assert torch.equal(torch.cat([first.value, second.value]), whole.value)
    assert first.jacobian.shape == (3, 5, 2, 2)
