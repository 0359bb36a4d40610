from dataclasses import replace

import pytest
import torch

from animate_cli.config import DataConfig
from animate_cli.data.pairs import PairBatch
from animate_cli.data.toon_stream import HIDDEN_WEIGHT, OUTSIDE_WEIGHT, ToonStream
from animate_cli.data.toons.pairs import ToonPairs
from animate_cli.data.toons.values import LANDMARK_NAMES
from animate_cli.errors import ConfigError

NAMES = ("left_pupil", "chin", "shoulder_left")
CONFIG = DataConfig(toons="toon-face", cross_identity=0.5, keypoint_landmarks=NAMES)
SIZE = (32, 32)


def batch(number: int = 0, seed: int = 0, count: int = 2, **changes: float) -> PairBatch:
    config = replace(CONFIG, **changes)  # type: ignore[arg-type]
    return ToonStream(config, count, seed).batch(number, SIZE)


def test_a_number_decides_its_batch() -> None:
    first, again, other = batch(3, photometric=1.0), batch(3, photometric=1.0), batch(4, photometric=1.0)
    for a, b in zip(first[:4], again[:4], strict=True):
        assert isinstance(a, torch.Tensor)
        assert isinstance(b, torch.Tensor)
        assert torch.equal(a, b)
    assert not torch.equal(first.source, other.source)
    assert not torch.equal(first.source, batch(3, seed=1).source)


def test_without_disguise_the_driver_of_oneself_is_the_target() -> None:
    pairs = batch(cross_identity=0.0, photometric=0.0)
    assert torch.equal(pairs.driving, pairs.target)
    assert pairs.initial is None


def test_disguise_changes_only_the_driving_side() -> None:
    plain, disguised = (batch(count=6, photometric=strength) for strength in (0.0, 1.0))
    assert torch.equal(plain.source, disguised.source)
    assert torch.equal(plain.target, disguised.target)
    assert not torch.allclose(plain.driving, disguised.driving, atol=0.05)


def test_both_driving_frames_are_disguised_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    toons = ToonPairs.batch

    def still(self: ToonPairs, number: int) -> object:
        found = toons(self, number)
        return found._replace(driving=found.driving_initial)

    monkeypatch.setattr(ToonPairs, "batch", still)
    pairs = batch(count=6, photometric=1.0)
    assert pairs.initial is not None
    assert torch.equal(pairs.driving, pairs.initial)
    assert not torch.allclose(pairs.driving, pairs.target, atol=0.05)


def test_truth_is_that_of_the_chosen_landmarks() -> None:
    pairs = batch(count=4)
    toons = ToonPairs(32, 4, 0, 0.5).batch(0)
    chosen = [LANDMARK_NAMES.index(name) for name in NAMES]
    for found, places in (
        (pairs.truth.source, toons.source_landmarks),
        (pairs.truth.driving, toons.driving_landmarks),
    ):
        assert found is not None
        assert torch.equal(found.value, places[:, chosen].clamp(-1, 1))
    assert pairs.truth.motion is not None
    assert torch.equal(pairs.truth.motion.deformation, toons.motion)
    assert pairs.truth.detail is not None
    assert pairs.truth.detail.shape == (4, 1, 32, 32)


def test_landmarks_weigh_by_how_well_they_are_seen() -> None:
    stream = ToonStream(replace(CONFIG, keypoint_landmarks=LANDMARK_NAMES[:3]), 1)
    places = torch.tensor([[[0.2, 0.1], [0.5, -0.5], [1.5, 0.0]]])
    found = stream._landmarks(places, torch.tensor([[True, False, False]]))
    assert found.visibility.tolist() == [pytest.approx([1.0, HIDDEN_WEIGHT, OUTSIDE_WEIGHT])]
    assert found.value[0, 2].tolist() == [1.0, 0.0]


def test_unknown_landmarks_are_refused() -> None:
    with pytest.raises(ConfigError, match="no landmark 'tail'"):
        ToonStream(replace(CONFIG, keypoint_landmarks=("tail",)), 2)
