"""Pairs that are drawn once for all trials of a seed: drawing takes longer than training a small model."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.arrays import to_bytes
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.files import atomic_path


class KeptPairs:
    """Pairs without a truth, kept as bytes in a folder: about a gigabyte for 40,000 pairs at 64 px."""

    def __init__(self, pairs: PairSource, folder: Path) -> None:
        self._pairs, self._folder = pairs, folder
        folder.mkdir(parents=True, exist_ok=True)

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """See PairSource; the same to the last bit whether it was kept already or not."""
        path = self._folder / f"{number:06d}-{size[0]}x{size[1]}.npy"
        if not path.exists():
            drawn = self._pairs.batch(number, size)
            pictures = np.stack([to_bytes(drawn.source).numpy(), to_bytes(drawn.driving).numpy()])
            with atomic_path(path) as temporary, temporary.open("wb") as file:
                np.save(file, pictures)
        source, driving = map(to_floats, np.load(path))
        return PairBatch(source, driving, driving)


def to_floats(pictures: NDArray[np.uint8]) -> Tensor:
    """Turn pictures uint8 [B, H, W, 3] into a tensor [B, 3, H, W] in [0, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
