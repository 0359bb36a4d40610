"""Training batches of toons without end: any batch can be drawn by its number."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from animate_cli.data.toons.detail import detail_map
from animate_cli.data.toons.families import FACE, Family, How, Who
from animate_cli.data.toons.trees import join, take, to_device
from animate_cli.data.toons.values import ToonBatch, ToonFrame
from animate_cli.errors import ConfigError

MOTION_SIZE = 64
"""Side of the true motion's maps."""


class ToonPairs:
    """Batches of source, driving frames and target; batch number n of a seed is always the same.

    Args:
        size: side of the pictures.
        batch: pairs in a batch.
        seed: of everything; give training, validation and test seeds of their own.
        cross_identity: share of pairs driven by another identity.
        device: where to draw.
        start: number of the first batch when iterating, to go on with an interrupted run.
        family: what kind of toons.
        expressive: share of pairs whose expression changes much.

    Raises:
        ConfigError: such pairs of a family without expressions.
    """

    def __init__(
        self,
        size: int,
        batch: int,
        seed: int,
        cross_identity: float = 0.5,
        device: torch.device | str = "cpu",
        start: int = 0,
        family: Family[Any, Any] = FACE,
        expressive: float = 0.0,
    ) -> None:
        self.size = size
        self.batch_size = batch
        self.seed = seed
        self.cross_identity = cross_identity
        self.device = torch.device(device)
        self.start = start
        self.family = family
        self.expressive = expressive
        if expressive and family.enliven is None:
            raise ConfigError(f"data.expressive: {family.name} has no such pairs; set it to 0")

    def __iter__(self) -> Iterator[ToonBatch]:
        number = self.start
        while True:
            yield self.batch(number)
            number += 1

    def batch(self, number: int) -> ToonBatch:
        """Draw batch number n of the stream."""
        generator = torch.Generator().manual_seed(batch_seed(self.seed, number))
        size, family = self.batch_size, self.family
        who = to_device(family.random_identity(generator, size), self.device)
        driver = to_device(family.random_identity(generator, size), self.device)
        poses = family.random_pose_pairs(generator, size)
        if family.enliven and self.expressive:
            poses = family.enliven(generator, self.expressive, *poses)
        first, second = (to_device(pose, self.device) for pose in poses)
        cross = (torch.rand(size, generator=generator) < self.cross_identity).to(self.device)
        return _draw(family, who, driver, first, second, cross, self.size)


def batch_seed(seed: int, number: int) -> int:
    """Mix a seed and a batch number into one seed, so that streams do not meet."""
    mixed = (seed * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) % 2**64
    mixed = (mixed ^ (mixed >> 31)) * 0x94D049BB133111EB % 2**64
    return (mixed ^ (mixed >> 29)) % 2**63


def _draw(
    family: Family[Who, How], who: Who, driver: Who, first: How, second: How, cross: Tensor, size: int
) -> ToonBatch:
    render = family.render
    source, target = render(who, first, size), render(who, second, size)
    drives = cross.nonzero()[:, 0]
    initial, driving = source, target
    if drives.numel():
        other = take(driver, drives)
        frames = render(join(other, other), join(take(first, drives), take(second, drives)), size)
        initial = _replace_rows(source, drives, take(frames, slice(0, drives.numel())))
        driving = _replace_rows(target, drives, take(frames, slice(drives.numel(), None)))
    motion, motion_visible = family.true_motion(who, second, first, MOTION_SIZE)
    return ToonBatch(
        source=source.image,
        driving_initial=initial.image,
        driving=driving.image,
        target=target.image,
        cross=cross,
        source_landmarks=source.landmarks,
        source_visible=source.visible,
        driving_initial_landmarks=initial.landmarks,
        driving_initial_visible=initial.visible,
        driving_landmarks=driving.landmarks,
        driving_visible=driving.visible,
        target_landmarks=target.landmarks,
        target_visible=target.visible,
        target_mask=target.mask,
        motion=motion,
        motion_visible=motion_visible,
        detail=detail_map(target.landmarks, target.visible, second.scale, size, family.landmarks),
    )


def _replace_rows(frame: ToonFrame, rows: Tensor, other: ToonFrame) -> ToonFrame:
    """Copy a frame with some rows taken from another."""
    return ToonFrame(*(mine.index_copy(0, rows, theirs) for mine, theirs in zip(frame, other, strict=True)))
