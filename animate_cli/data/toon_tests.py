"""The frozen test splits of the toons: what figures are measured on, the same for everybody and for good.

A split is decided by a family and a version, and drawn again wherever it is needed. The tests keep parameters and
thumbnails of it; a change of drawing that alters a clip has to make a new version.
"""

from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

import torch

from animate_cli.data.toon_clips import ClipPlan, cast_clip, plan_clips
from animate_cli.data.toons import hard
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import take

VERSION = 1
NUM_CLIPS = 200
NUM_FRAMES = 24
FPS = Fraction(10)
SIZE = 256
SEED = 1
SMALL = 32

TURNED = MappingProxyType({"toon-face": 60.0, "toon-body": 90.0, "toon-animal": 60.0})
"""Degrees beyond which a frame counts as turned from the first."""

FINGERPRINTS = MappingProxyType(
    {
        "toon-face": "3e2c15f1ed51e855bd4bec0b98dba0ff3d896f357df82e2b9323ad7718d6d7f8",
        "toon-body": "d1e9ce113de4c231869c526496a2f97683967efa7e2243052bed2680e5eac6ff",
        "toon-animal": "4e8cb5e3a0122680aeae80afd25a57f6b6dace0e590ec19ac16f7323a0596589",
    }
)
"""SHA-256 of the parameters that the tests keep, by family."""


class Subsets(NamedTuple):
    """The hard subsets of the paper that a clip belongs to.

    turned: some frame is turned far from the first (large changes of pose). camouflaged: clothes or coat have the
    background's colours (figure 14a). lacking: in some frame, much is seen that the first does not show (14b).
    """

    turned: bool
    camouflaged: bool
    lacking: bool


def plan_test_split(family: str) -> list[ClipPlan]:
    """List the 200 clips of a family's test split: 24 frames of 256 px, ten a second, one clip an identity."""
    return plan_clips(
        family,
        identities=NUM_CLIPS,
        clips=1,
        num_frames=NUM_FRAMES,
        fps=FPS,
        size=SIZE,
        seed=SEED,
        split=f"test-{VERSION}",
    )


def find_subsets(plan: ClipPlan) -> Subsets:
    """Tell which hard subsets a clip belongs to."""
    who, poses = cast_clip(plan)
    first = take(poses, torch.zeros(plan.num_frames, dtype=torch.long))
    render = FAMILIES[plan.family].render
    driving = render(who, poses, SMALL)
    source = driving._replace(visible=driving.visible[:1].expand_as(driving.visible))
    return Subsets(
        turned=bool(hard.turned(first, poses, TURNED[plan.family]).any()),
        camouflaged=hasattr(who, "camouflaged") and bool(hard.camouflaged(who).any()),
        lacking=bool(hard.lacking(source, driving).any()),
    )
