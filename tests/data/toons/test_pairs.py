from itertools import islice

import pytest
import torch

from animate_cli.data.toons.clips import random_pose_pairs
from animate_cli.data.toons.families import BODY
from animate_cli.data.toons.lively import NEAREST, enliven
from animate_cli.data.toons.pairs import MOTION_SIZE, ToonPairs
from animate_cli.data.toons.values import LANDMARK_NAMES
from animate_cli.errors import ConfigError


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


def test_a_share_of_the_pairs_changes_its_expression() -> None:
    generator = torch.Generator().manual_seed(0)
    first, second = random_pose_pairs(generator, 400)
    calm, lively = enliven(generator, 0.5, first, second)
    changed = (calm.gaze != first.gaze).any(1)
    assert 0.4 < changed.float().mean() < 0.6
    for pose, before in ((calm, first), (lively, second)):
        assert torch.equal(pose.mouth_open[~changed], before.mouth_open[~changed])
        assert (pose.scale[changed] >= NEAREST).all()
    opens = lively.mouth_open - calm.mouth_open
    assert (opens[changed] > 0.2).float().mean() > 0.5  # the lively face comes second in four of five
    assert (opens[changed] < -0.2).float().mean() > 0.1
    assert (opens[~changed] > 0.2).float().mean() < 0.25


def test_expressions_are_of_faces() -> None:
    assert ToonPairs(32, 2, seed=1, expressive=1.0).batch(0).source.shape == (2, 3, 32, 32)
    with pytest.raises(ConfigError, match=r"data\.expressive: toon-body"):
        ToonPairs(32, 2, seed=1, expressive=0.5, family=BODY)
