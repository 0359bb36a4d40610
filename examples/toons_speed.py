"""Measure how fast toons are drawn: ``python examples/toons_speed.py``."""

import time

import torch

from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_pose_pairs
from animate_cli.data.toons.pairs import ToonPairs
from animate_cli.data.toons.render import render


def frame_cost(size: int = 128, batch: int = 32, rounds: int = 4) -> float:
    """Draw random toons and return the processor time of one in milliseconds, all cores together."""
    generator = torch.Generator().manual_seed(0)
    who, (pose, _) = random_identity(generator, batch), random_pose_pairs(generator, batch)
    render(who, pose, size)
    start = time.process_time()
    for _ in range(rounds):
        render(who, pose, size)
    return 1000 * (time.process_time() - start) / (batch * rounds)


def pair_cost(size: int = 128, batch: int = 16, rounds: int = 4) -> float:
    """Draw training batches and return the processor time of one pair in milliseconds."""
    pairs = ToonPairs(size, batch, seed=0)
    pairs.batch(0)
    start = time.process_time()
    for number in range(rounds):
        pairs.batch(number)
    return 1000 * (time.process_time() - start) / (batch * rounds)


def main() -> None:
    """Print the cost of frames and pairs on one core, so that other work on the machine matters little."""
    torch.set_num_threads(1)
    print(f"frame at 128 px: {frame_cost():.1f} ms of one core")
    print(f"frame at 256 px: {frame_cost(256, 16, 2):.1f} ms of one core")
    print(f"training pair at 128 px: {pair_cost():.1f} ms of one core")


if __name__ == "__main__":
    main()
