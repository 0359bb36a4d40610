"""The frozen test splits: they are what they were, and hard enough."""

import numpy as np
import pytest
import torch
from PIL import Image

from animate_cli.data.toon_clips import cast_clip
from animate_cli.data.toon_tests import FINGERPRINTS, NUM_CLIPS, VERSION, find_subsets, plan_test_split
from animate_cli.data.toons.families import FAMILIES
from tests.data.toons.frozen import COLUMNS, FOLDER, THUMB, collect_parameters, draw_thumbnail, fingerprint

EVERY = 10
"""Clips are checked in steps of this; all pictures, which take a minute and a half, only among the slow tests."""
families = pytest.mark.parametrize("family", FAMILIES)


@families
def test_parameters_are_those_of_the_version(family: str) -> None:
    with np.load(FOLDER / f"{family}-{VERSION}.npz") as archive:
        kept = archive["parameters"]
    assert fingerprint(kept) == FINGERPRINTS[family]
    assert len(kept) == NUM_CLIPS
    for number, plan in list(enumerate(plan_test_split(family)))[::EVERY]:
        assert np.allclose(collect_parameters(plan), kept[number], rtol=2e-3, atol=2e-3), plan.name


@families
@pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.slow)])
def test_pictures_are_those_of_the_version(family: str, step: int) -> None:
    with Image.open(FOLDER / f"{family}-{VERSION}.png") as sheet:
        kept = np.asarray(sheet.convert("RGB")).astype(int)
    for number, plan in list(enumerate(plan_test_split(family)))[::step]:
        row, column = divmod(number, COLUMNS)
        thumb = kept[row * THUMB : (row + 1) * THUMB, column * THUMB : (column + 1) * THUMB]
        assert np.abs(draw_thumbnail(plan) - thumb).max() <= 2, plan.name


@families
def test_clips_are_hard_enough(family: str) -> None:
    moved, turned = [], []
    for plan in plan_test_split(family)[:: EVERY // 2]:
        who, poses = cast_clip(plan)
        landmarks = FAMILIES[family].render(who, poses, 16).landmarks
        moved.append((landmarks[1:] - landmarks[:1]).norm(dim=-1).mean() * 255 / 2)
        turned.append(((poses.yaw[1:] - poses.yaw[:1]).abs() > np.radians(40)).float().mean())
    assert torch.stack(moved).mean() >= 18
    if family == "toon-face":
        assert torch.stack(turned).mean() >= 0.3


@families
def test_every_hard_subset_has_clips(family: str) -> None:
    subsets = [find_subsets(plan) for plan in plan_test_split(family)[:: EVERY // 2]]
    assert 0 < sum(subset.turned for subset in subsets) < len(subsets)
    assert 0 < sum(subset.lacking for subset in subsets) < len(subsets)
    assert any(subset.camouflaged for subset in subsets) == (family != "toon-face")
