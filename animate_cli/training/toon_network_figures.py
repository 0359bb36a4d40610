"""How well the toons' own detectors do on true pictures of a frozen test split: the floor of what they measure."""

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.arrays import to_pictures
from animate_cli.data.toon_clips import ClipPlan, cast_clip
from animate_cli.data.toon_tests import VERSION, plan_test_split
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import take, tree_map
from animate_cli.metrics.toon_detectors import ToonIdentity, ToonLandmarks
from animate_cli.metrics.values import Numbers, Picture
from animate_cli.toon_networks import (
    load_identity_network,
    load_landmark_network,
    network_path,
    save_network,
)

FRAMES = 4
"""Frames looked at of each clip, evenly spread."""


class Shown(NamedTuple):
    """Frames of one clip: pictures [N, H, W, 3], landmarks [N, L, 2] in pixels, visible [N, L] bool."""

    pictures: Picture
    landmarks: Numbers
    visible: NDArray[np.bool_]


class LandmarkFigures(NamedTuple):
    """floor: mean error of truly visible landmarks in px at 256. by_name: likewise, of each landmark.

    missing: share of the visible that is not found. invented: share of the hidden that is. frames: looked at.
    """

    floor: float
    by_name: dict[str, float]
    missing: float
    invented: float
    frames: int


class IdentityFigures(NamedTuple):
    """Mean distances of embeddings of two pictures of one toon, and of two toons.

    right: share of pictures whose nearest other picture is of the same toon.
    """

    same: float
    other: float
    right: float


def show_test_frames(family: str, clips: int | None = None) -> Iterator[Shown]:
    """Draw frames of the clips of a family's test split, or of the first of them."""
    for plan in plan_test_split(family)[:clips]:
        yield draw(plan)


def draw(plan: ClipPlan) -> Shown:
    """Draw a few frames of a clip."""
    who, poses = cast_clip(plan)
    chosen = torch.linspace(0, plan.num_frames - 1, FRAMES).round().long()

    def repeat(leaf: Tensor) -> Tensor:
        return leaf[:1].expand(FRAMES, *leaf.shape[1:])

    frame = FAMILIES[plan.family].render(tree_map(repeat, who), take(poses, chosen), plan.size)
    places = (frame.landmarks.double().numpy() + 1) / 2 * (plan.size - 1)
    return Shown(to_pictures(frame.image), places, frame.visible.numpy())


def measure_landmarks(detector: ToonLandmarks, frames: list[Shown]) -> LandmarkFigures:
    """Compare what a detector finds with the truth."""
    found = [detector.find(one.pictures) for one in frames]
    scale = np.array([256 / one.pictures.shape[1] for one in frames])[:, None, None]
    distance = np.concatenate(
        [np.linalg.norm(a.points - b.landmarks, axis=-1) for a, b in zip(found, frames, strict=True)]
    )
    distance *= scale.repeat(FRAMES, 0)[:, 0]
    visible = np.concatenate([one.visible for one in frames])
    present = np.concatenate([one.present for one in found])
    by_name = {
        name: float(distance[:, index][visible[:, index]].mean())
        for index, name in enumerate(detector.facts.names)
        if visible[:, index].any()
    }
    return LandmarkFigures(
        float(distance[visible].mean()),
        by_name,
        float((~present)[visible].mean()),
        float(present[~visible].mean()),
        len(distance),
    )


def measure_identity(detector: ToonIdentity, frames: list[Shown]) -> IdentityFigures:
    """Compare embeddings of the same toon and of different ones."""
    embedded = np.concatenate([detector.embed(one.pictures) for one in frames])
    toon = np.repeat(np.arange(len(frames)), FRAMES)
    distance = np.sqrt((2 - 2 * embedded @ embedded.T).clip(0))
    alike = toon[:, None] == toon[None]
    np.fill_diagonal(distance, np.inf)
    right = float(alike[np.arange(len(toon)), distance.argmin(1)].mean())
    return IdentityFigures(
        float(distance[alike & np.isfinite(distance)].mean()), float(distance[~alike].mean()), right
    )


def describe_landmarks(figures: LandmarkFigures) -> str:
    """Say in a sentence's part what beside the floor should be known."""
    return (
        f"{100 * figures.missing:.1f} % of the visible not found and {100 * figures.invented:.1f} % of the hidden "
        f"found on {figures.frames} true frames of test split {VERSION}"
    )


def describe_identity(figures: IdentityFigures) -> str:
    """Say in a sentence's part how embeddings of one and of two toons differ."""
    return (
        f"two pictures of one toon are {figures.same:.2f} apart, of two toons {figures.other:.2f}; the nearest "
        f"picture is of the same toon in {100 * figures.right:.0f} % (test split {VERSION})"
    )


def state_figures(family: str, folder: Path, clips: int | None = None) -> tuple[str, str]:
    """Measure the networks of a folder, and write the figures into their files, from where `animate` states them.

    Returns:
        What was found, in words: of the landmark network, and of the identity network.
    """
    cpu, frames = torch.device("cpu"), list(show_test_frames(family, clips))
    landmarks, identity = ToonLandmarks(family, cpu, folder), ToonIdentity(family, cpu, folder)
    found = measure_landmarks(landmarks, frames)
    notes = describe_landmarks(found), describe_identity(measure_identity(identity, frames))
    facts = {"names": landmarks.facts.names, "floor": round(found.floor, 3), "note": notes[0]}
    # The plain networks: detectors look through quick twins.
    save_network(network_path(family, "landmarks", folder), load_landmark_network(family, folder), facts)
    save_network(
        network_path(family, "identity", folder), load_identity_network(family, folder), {"note": notes[1]}
    )
    worst = sorted(found.by_name.items(), key=itemgetter(1), reverse=True)
    named = ", ".join(f"{name} {error:.2f}" for name, error in worst)
    return f"floor {found.floor:.2f} px; {notes[0]}\n{named}", notes[1]
