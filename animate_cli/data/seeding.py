"""Chance by number: what is drawn depends on a seed and a number alone, so that any batch can be made again."""

import hashlib

import torch


def numbered_generator(purpose: str, seed: int, number: int) -> torch.Generator:
    """Make a CPU generator that these three alone decide; streams of other purposes or seeds do not meet."""
    digest = hashlib.blake2b(f"{purpose} {seed} {number}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest) >> 1)
