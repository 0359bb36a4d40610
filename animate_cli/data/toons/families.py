"""The families of toons, by name: whoever draws or follows toons takes a family and asks no further."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor

from animate_cli.data.toons.animals import casting as animal_casting
from animate_cli.data.toons.animals import clips as animal_clips
from animate_cli.data.toons.animals import render as animal_render
from animate_cli.data.toons.animals.identity import AnimalIdentity
from animate_cli.data.toons.animals.parts import ANIMAL_LANDMARKS
from animate_cli.data.toons.animals.pose import AnimalPose
from animate_cli.data.toons.bodies import casting as body_casting
from animate_cli.data.toons.bodies import clips as body_clips
from animate_cli.data.toons.bodies import render as body_render
from animate_cli.data.toons.bodies.identity import BodyIdentity
from animate_cli.data.toons.bodies.parts import BODY_LANDMARKS
from animate_cli.data.toons.bodies.pose import BodyPose
from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_motion, random_pose_pairs
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.lively import enliven
from animate_cli.data.toons.motion import true_motion
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.render import render
from animate_cli.data.toons.values import LANDMARK_NAMES, ToonFrame


class Scaled(Protocol):
    """A pose of toons that have a scale: their size over the picture's."""

    @property
    def scale(self) -> Tensor:
        """[B]."""


Who = TypeVar("Who")
How = TypeVar("How", bound=Scaled)


@dataclass(frozen=True)
class Family(Generic[Who, How]):
    """How toons of one kind are invented, moved, drawn and followed.

    Identities and poses are nested NamedTuples of tensors that begin with the batch (see ``trees``).

    landmarks: names in order. random_identity: draws a batch of identities from a generator.
    random_pose_pairs: draws pairs of poses. random_motion: draws clips, poses [B, T, ...], from a generator,
    a batch, a number of frames and frames a second. render: draws identities in poses at a size.
    true_motion: finds where every place of the picture in the first pose is in that in the second.
    enliven: makes a share of pairs of poses change their expression much; None for toons without a face to see.
    """

    name: str
    landmarks: tuple[str, ...]
    random_identity: Callable[[torch.Generator, int], Who]
    random_pose_pairs: Callable[[torch.Generator, int], tuple[How, How]]
    random_motion: Callable[[torch.Generator, int, int, float], How]
    render: Callable[[Who, How, int], ToonFrame]
    true_motion: Callable[[Who, How, How, int], tuple[Tensor, Tensor]]
    enliven: Callable[[torch.Generator, float, How, How], tuple[How, How]] | None = None


FACE: Family[Identity, Pose] = Family(
    "toon-face",
    LANDMARK_NAMES,
    random_identity,
    random_pose_pairs,
    random_motion,
    render,
    true_motion,
    enliven,
)

BODY: Family[BodyIdentity, BodyPose] = Family(
    "toon-body",
    BODY_LANDMARKS,
    body_casting.random_identity,
    body_clips.random_pose_pairs,
    body_clips.random_motion,
    body_render.render,
    body_render.true_motion,
)

ANIMAL: Family[AnimalIdentity, AnimalPose] = Family(
    "toon-animal",
    ANIMAL_LANDMARKS,
    animal_casting.random_identity,
    animal_clips.random_pose_pairs,
    animal_clips.random_motion,
    animal_render.render,
    animal_render.true_motion,
)

FAMILIES: dict[str, Family[Any, Any]] = {family.name: family for family in (FACE, BODY, ANIMAL)}
"""Every family by its name."""
