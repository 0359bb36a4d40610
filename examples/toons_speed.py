"""Measure how fast toons are drawn: ``python examples/toons_speed.py``."""

import time

import torch

from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_pose_pairs
from animate_cli.data.toons.pairs import ToonPairs
from animate_cli.data.toons.render import render


def frames_per_second(size: int = 128, batch: int = 32, rounds: int = 4, device: str = "cpu") -> float:
    """Draw random toons and return how many are drawn in a second, once warm."""
    generator = torch.Generator().manual_seed(0)
    who, (pose, _) = random_identity(generator, batch), random_pose_pairs(generator, batch)
    render(who, pose, size)
    start = time.perf_counter()
    for _ in range(rounds):
        render(who, pose, size)
    return batch * rounds / (time.perf_counter() - start)


def pairs_per_second(size: int = 128, batch: int = 16, rounds: int = 4) -> float:
    """Draw training batches and return how many pairs come in a second."""
    pairs = ToonPairs(size, batch, seed=0)
    pairs.batch(0)
    start = time.perf_counter()
    for number in range(rounds):
        pairs.batch(number)
    return batch * rounds / (time.perf_counter() - start)


def main() -> None:
    """Print both speeds."""
    print(f"threads {torch.get_num_threads()}")
    print(f"{frames_per_second():.0f} frames/s at 128 px")
    print(f"{frames_per_second(256, 16, 2):.0f} frames/s at 256 px")
    print(f"{pairs_per_second():.0f} training pairs/s at 128 px")


if __name__ == "__main__":
    main()
