"""Measure how fast toons are drawn: ``python examples/toons_speed.py``."""

import time

import torch

from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.pairs import ToonPairs

FRAMES = {64: 32, 128: 32, 256: 16}
"""How many toons are drawn in a batch, by size."""


def frame_cost(name: str = "toon-face", size: int = 128, rounds: int = 4) -> float:
    """Draw random toons and return the processor time of one in milliseconds, all cores together."""
    family, batch = FAMILIES[name], FRAMES[size]
    generator = torch.Generator().manual_seed(0)
    who, (pose, _) = family.random_identity(generator, batch), family.random_pose_pairs(generator, batch)
    family.render(who, pose, size)
    start = time.process_time()
    for _ in range(rounds):
        family.render(who, pose, size)
    return 1000 * (time.process_time() - start) / (batch * rounds)


def pair_cost(name: str = "toon-face", size: int = 128, batch: int = 16, rounds: int = 4) -> float:
    """Draw training batches and return the processor time of one pair in milliseconds."""
    pairs = ToonPairs(size, batch, seed=0, family=FAMILIES[name])
    pairs.batch(0)
    start = time.process_time()
    for number in range(rounds):
        pairs.batch(number)
    return 1000 * (time.process_time() - start) / (batch * rounds)


def main() -> None:
    """Print the cost of frames and pairs on one core, so that other work on the machine matters little."""
    torch.set_num_threads(1)
    for name in FAMILIES:
        for size in FRAMES:
            print(f"{name} at {size} px: {frame_cost(name, size):.1f} ms of one core")
        print(f"{name}, training pair at 128 px: {pair_cost(name):.1f} ms of one core")


if __name__ == "__main__":
    main()
