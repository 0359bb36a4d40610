"""Pairs of frames from a folder of videos: source and driving are two random frames of one video."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from animate_cli.config import DataConfig
from animate_cli.data.augmentation import augment
from animate_cli.data.pairs import PairBatch, Truth
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.videos import FrameStore, Video
from animate_cli.errors import DataError


class VideoPairs:
    """Numbered batches of frame pairs; the same seed and number always give the same batch."""

    def __init__(
        self, config: DataConfig, videos: Sequence[Video], cache: Path, batch_size: int, seed: int = 0
    ) -> None:
        self.config = config
        self.groups = group_videos(videos, by_identity=config.id_sampling)
        self.cache = cache
        self.masked = all(video.mask for video in videos)
        self.batch_size = batch_size
        self.seed = seed
        self.stores: dict[tuple[int, int], FrameStore] = {}

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """Make batch ``number`` with pictures of ``size`` (height, width)."""
        generator = numbered_generator("pairs", self.seed, number)
        pairs = torch.stack([self._pair(generator, size) for _ in range(self.batch_size)])
        source, driving = pairs[:, 0, :3], pairs[:, 1, :3]
        mask = pairs[:, 1, 3] if self.masked else None
        return PairBatch(source, driving, driving, truth=Truth(mask=mask))

    def _pair(self, generator: torch.Generator, size: tuple[int, int]) -> Tensor:
        """Return source and driving [2, 3, H, W], or with a mask as fourth channel where all videos have one."""
        group = self.groups[draw(len(self.groups), generator)]
        video = group[draw(len(group), generator)]
        frames = self._store(size).frames(video)
        first = draw(len(frames), generator)
        second = (first + 1 + draw(len(frames) - 1, generator)) % len(frames)
        shown = np.stack([frames[first], frames[second]])
        if self.masked and video.mask is not None:
            masks = self._store(size).frames(video.mask)
            if len(masks) != len(frames):
                raise DataError(f"{video.mask.path}: has {len(masks)} frames, its video {len(frames)}")
            shown = np.concatenate([shown, np.stack([masks[first], masks[second]])[..., :1]], -1)
        pair = torch.from_numpy(shown).permute(0, 3, 1, 2).float() / 255
        return augment(pair, self.config.augmentation, generator)

    def _store(self, size: tuple[int, int]) -> FrameStore:
        return self.stores.setdefault(size, FrameStore(self.cache, size))


def group_videos(videos: Sequence[Video], *, by_identity: bool) -> list[list[Video]]:
    """Group videos of which one is drawn: by exact identity, or each on its own."""
    if not by_identity:
        return [[video] for video in videos]
    groups: defaultdict[str, list[Video]] = defaultdict(list)
    for video in videos:
        groups[video.identity].append(video)
    return list(groups.values())


def draw(count: int, generator: torch.Generator) -> int:
    """Draw a whole number below ``count``."""
    return int(torch.randint(count, (), generator=generator))
