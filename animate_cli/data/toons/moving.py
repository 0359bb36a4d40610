"""Reading motions: whole clips of them, and pairs of poses to train on."""

from typing import Protocol, TypeVar

import torch
from torch import Tensor

from animate_cli.data.toons.draws import Draws
from animate_cli.data.toons.trees import tree_map

PAIR_SECONDS = 6.0
"""Length of the clips that pairs are taken from."""

Pose = TypeVar("Pose")
PoseOut = TypeVar("PoseOut", covariant=True)


class Motion(Protocol[PoseOut]):
    """A batch of smooth motions [B]."""

    def pose(self, time: Tensor) -> PoseOut:
        """Return the poses at times [B] in seconds."""


class FigureMotion(Motion[PoseOut], Protocol[PoseOut]):
    """A motion of whole figures, with the scale [B] and place [B, 2] that they keep to."""

    scale: Tensor
    place: Tensor


def film(motion: Motion[Pose], batch: int, num_frames: int, fps: float) -> Pose:
    """Read a motion as clips: poses of tensors [B, T, ...]."""
    poses = [motion.pose(torch.full((batch,), frame / fps)) for frame in range(num_frames)]
    return tree_map(lambda *frames: torch.stack(frames, 1), *poses)


def choose(wanted: Tensor, one: Pose, other: Pose) -> Pose:
    """Take the rows of one pose where wanted [B] holds, else those of the other."""

    def pick(mine: Tensor, theirs: Tensor) -> Tensor:
        return torch.where(wanted.view(-1, *[1] * (mine.ndim - 1)), mine, theirs)

    return tree_map(pick, one, other)


def pair_figures(draws: Draws, motion: FigureMotion[Pose], other: FigureMotion[Pose]) -> tuple[Pose, Pose]:
    """Draw pairs of poses [B]: half are two times of one motion, half of two, mostly at a like distance."""
    time = draws.uniform(0, PAIR_SECONDS)
    later = time + draws.uniform(0.3, PAIR_SECONDS)
    near = draws.chance(0.85)[:, None] > 0.5
    other.scale = torch.where(near[:, 0], motion.scale * torch.exp(draws.normal(0, 0.06)), other.scale)
    other.place = torch.where(near, motion.place + draws.normal(0, 0.06, 2), other.place)
    apart = draws.chance(0.5) > 0.5
    return motion.pose(time), choose(apart, other.pose(later), motion.pose(later))
