"""A small source and driving made on the spot, for measurements and self-tests."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import torch

from animate_cli.arrays import Picture, to_pictures
from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_motion
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.pose import Pose
from animate_cli.data.toons.render import render
from animate_cli.data.toons.trees import take, tree_map
from animate_cli.media import open_writer, write_image

SEED = 5
FRAME_RATE = Fraction(25)
MOST_DRAWN = 25
"""Frames that are drawn at most; a longer clip plays them forwards and backwards."""


@dataclass(frozen=True)
class SampleClip:
    """The files of a source picture and of a driving video."""

    source: Path
    driving: Path


def write_sample_clip(folder: Path, size: int, num_frames: int) -> SampleClip:
    """Draw two toons at size x size: one as source.png, the other moving in driving.mp4.

    Raises:
        MediaError: the files cannot be written.
    """
    generator = torch.Generator().manual_seed(SEED)
    people = random_identity(generator, 2)
    poses = tree_map(lambda frames: frames[0], random_motion(generator, 1, min(num_frames, MOST_DRAWN)))
    clip = SampleClip(folder / "source.png", folder / "driving.mp4")
    write_image(clip.source, _draw(take(people, slice(0, 1)), take(poses, slice(0, 1)), size)[0])
    drawn = _draw(take(people, slice(1, 2)), poses, size)
    with open_writer(clip.driving, width=size, height=size, fps=FRAME_RATE) as writer:
        for number in range(num_frames):
            writer.write(drawn[_there_and_back(number, len(drawn))])
    return clip


def _draw(who: Identity, poses: Pose, size: int) -> Picture:
    """Draw one identity in every pose: uint8 [T, size, size, 3]."""
    count = len(poses.scale)
    everywhere = tree_map(lambda leaf: leaf.expand(count, *leaf.shape[1:]), who)
    return to_pictures(render(everywhere, poses, size).image)


def _there_and_back(number: int, count: int) -> int:
    """Return the frame to show: 0, 1, …, count - 1, count - 2, …, 1, 0, 1, …."""
    period = max(1, 2 * count - 2)
    return min(number % period, period - number % period)
