"""Compare a training step with a plain one: float32, channels first, default Adam, batches made in between.

``python examples/train_speed.py vox-256 --batch 2`` prints seconds a sample of both, measured in turns so that a
busy machine slows both alike. Both train the same model with the same losses on made pictures (toons for a preset
of toons). The measures are bfloat16, channels last, kernels merged with nearest upsampling, a quick gradient of
pooling, fused Adam, batches made ahead and memory that is kept.
"""

import argparse
import math
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from multiprocessing.connection import Connection

import torch
import torch.nn.functional as F
from torch import nn

from animate_cli.config import Config
from animate_cli.data.ahead import Ahead
from animate_cli.data.augmentation import augment
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.toon_stream import ToonStream
from animate_cli.memory import keep_memory
from animate_cli.model import blocks
from animate_cli.presets import load_config
from animate_cli.training.step import TrainingStep

TOTAL_STEPS = 1000
SIZE = ["optimizer.half_size_steps=0", "loss.perceptual_network=random"]


class MadePictures:
    """Numbered batches of augmented noise in the shape of videos' frames."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        """Make batch ``number``."""
        generator = numbered_generator("made", 0, number)
        pairs = [
            augment(torch.rand(2, 3, *size, generator=generator), self.config.data.augmentation, generator)
            for _ in range(self.config.optimizer.batch_size)
        ]
        source, driving = (torch.stack(frames) for frames in zip(*pairs, strict=True))
        return PairBatch(source, driving, driving)


def main() -> None:
    """Measure both in turns, each in a process of its own, and print seconds a sample."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("preset")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2, help="a turn")
    options = parser.parse_args()
    context, best, pipes = multiprocessing.get_context("spawn"), {}, {}
    for name in WAYS:
        pipes[name], there = context.Pipe()
        words = (there, name, options.preset, options.batch, options.steps)
        context.Process(target=answer, args=words, daemon=True).start()
    for turn in range(options.turns + 1):
        for name, pipe in pipes.items():
            pipe.send("go")
            times = pipe.recv()
            if turn:  # the first one warms up
                best[name] = [min(pair) for pair in zip(times, best.get(name, times), strict=True)]
    for pipe in pipes.values():
        pipe.send("")
    for name, (wall, processor) in best.items():
        print(f"{name}: {wall:.3f} s a sample, {processor:.3f} s of processor time")
    plain, ours = best["plain"], best["ours"]
    print(f"{plain[0] / ours[0]:.2f} times faster, {plain[1] / ours[1]:.2f} times less processor time")


def answer(pipe: Connection, name: str, preset: str, batch: int, steps: int) -> None:
    """Take ``steps`` steps whenever asked, and answer with wall and processor seconds a sample."""
    precision = "fp32" if name == "plain" else "bf16"
    overrides = [*SIZE, f"optimizer.batch_size={batch}", f"optimizer.precision={precision}"]
    way = WAYS[name](load_config(preset, overrides=overrides))
    while pipe.recv():
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(steps):
            next(way)
        samples = steps * batch
        pipe.send([(time.perf_counter() - wall) / samples, (time.process_time() - processor) / samples])


def open_pairs(config: Config) -> PairSource:
    """Open toons, or pictures in the shape of videos' frames."""
    if config.data.toons == "none":
        return MadePictures(config)
    return ToonStream(config.data, config.optimizer.batch_size)


def run_fast(config: Config) -> Iterator[None]:
    """Take the trainer's steps."""
    keep_memory()
    step = TrainingStep(config, TOTAL_STEPS, device="cpu")
    with closing(Ahead(open_pairs(config))) as ahead:
        for number in range(TOTAL_STEPS):
            step.run(ahead.batch(number, config.model.size), number)
            yield


def run_plainly(config: Config) -> Iterator[None]:
    """Take steps with none of the measures."""
    blocks.MERGED_FROM = math.inf
    blocks.average_pool = partial(F.avg_pool2d, kernel_size=2)
    step, pairs = TrainingStep(config, TOTAL_STEPS, device="cpu"), open_pairs(config)
    step.model.to(memory_format=torch.contiguous_format)
    for module in step.model.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(),))
    for updates in [step.updates] + ([step.discriminator_updates] if step.discriminator else []):
        adam = torch.optim.Adam(updates.adam.param_groups, betas=config.optimizer.betas)
        for group in adam.param_groups:
            group["fused"] = None
        updates.adam = adam
    for number in range(TOTAL_STEPS):
        step.run(pairs.batch(number, config.model.size), number)
        yield


WAYS = {"plain": run_plainly, "ours": run_fast}

if __name__ == "__main__":
    main()
