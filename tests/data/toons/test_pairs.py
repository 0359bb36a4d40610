from itertools import islice

import torch

from animate_cli.data.toons.pairs import MOTION_SIZE, ToonPairs
from animate_cli.data.toons.values import LANDMARK_NAMES


def test_batches_have_their_shapes_and_pair_up() -> None:
    batch = ToonPairs(48, 6, seed=1, cross_identity=0.5).batch(0)
    assert batch.source.shape == batch.target.shape == batch.driving.shape == (6, 3, 48, 48)
    assert batch.target_landmarks.shape == (6, len(LANDMARK_NAMES), 2)
    assert batch.motion.shape == (6, MOTION_SIZE, MOTION_SIZE, 2)
    assert batch.motion_visible.dtype == torch.bool
    assert batch.detail.shape == (6, 1, 48, 48)
    assert 0 <= batch.detail.min() <= batch.detail.max() <= 1
    same = ~batch.cross
    assert batch.cross.any()
    assert same.any()
    assert torch.equal(batch.driving[same], batch.target[same])
    assert torch.equal(batch.driving_initial[same], batch.source[same])
    differs = (batch.driving != batch.target).flatten(1).any(1)
    assert torch.equal(differs, batch.cross)


def test_batches_are_found_again_by_number() -> None:
    pairs = ToonPairs(32, 3, seed=7)
    streamed = list(islice(pairs, 3))
    resumed = next(iter(ToonPairs(32, 3, seed=7, start=2)))
    for a, b in zip(streamed[2], resumed, strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(streamed[0].source, streamed[1].source)
    assert not torch.equal(ToonPairs(32, 3, seed=8).batch(0).source, streamed[0].source)
