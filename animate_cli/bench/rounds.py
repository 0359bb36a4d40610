"""Run both ways in turns, so that whatever else the machine does meets both."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import torch

from animate_cli.animator import Animator
from animate_cli.arrays import Picture
from animate_cli.bench.clip import BenchClip
from animate_cli.bench.limit import convolution_rate, memory_rate
from animate_cli.bench.listener import RunListener
from animate_cli.bench.memory import PeakMemory
from animate_cli.bench.operations import count_bytes, count_operations
from animate_cli.bench.plain_loop import PlainLoop
from animate_cli.bench.report import Way
from animate_cli.pipeline.job import Listener
from animate_cli.pipeline.run import run_job


@dataclass
class _Record:
    """What was measured of one way so far, round by round."""

    seconds: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], None], device: torch.device) -> None:
        """Time some work and the peak of its memory."""
        with PeakMemory(device) as memory:
            start = time.perf_counter()
            work()
            self.seconds.append(time.perf_counter() - start)
        if memory.bytes is not None:
            self.memory.append(memory.bytes)

    def way(
        self, precision: str, batch_size: int, frames: int, needs: tuple[float, float], memory_rate: float
    ) -> Way:
        """Return the record with what else belongs to the way."""
        return Way(
            precision,
            batch_size,
            frames,
            tuple(self.seconds),
            max(self.memory, default=None),
            needs[0],
            tuple(self.rates),
            needs[1],
            memory_rate,
        )


def run_rounds(
    plain: PlainLoop, engine: Animator, clip: BenchClip, rounds: int, folder: Path, listener: Listener
) -> tuple[Way, Way]:
    """Animate the clip in both ways, again and again, and see after each what a convolution reaches."""
    records = _Record(), _Record()
    for number in range(1, rounds + 1):
        told = RunListener(listener, f"Round {number} of {rounds}")
        _run_plain(records[0], plain, clip, folder / "plain.mp4", told)
        _run_engine(records[1], engine, clip, folder / "engine.mp4", told)
    moved = memory_rate(engine.acceleration.device)
    picture, precision = plain.read_source(clip.source), engine.acceleration.precision
    return (
        records[0].way("fp32", 1, clip.num_frames, plain_needs(plain, picture), moved),
        records[1].way(precision, engine.batch_size, clip.num_frames, engine_needs(engine, picture), moved),
    )


def _run_plain(record: _Record, plain: PlainLoop, clip: BenchClip, out: Path, listener: Listener) -> None:
    listener.begin("Plain loop", clip.num_frames)
    record.run(lambda: plain.run(clip, out, listener.advance), plain.device)
    record.rates.append(convolution_rate(plain.device, torch.float32, 1))


def _run_engine(record: _Record, engine: Animator, clip: BenchClip, out: Path, listener: Listener) -> None:
    chosen = engine.acceleration

    def run() -> None:
        run_job(clip.job(out), engine, listener, lambda: "")

    record.run(run, chosen.device)
    record.rates.append(convolution_rate(chosen.device, chosen.dtype, engine.batch_size))


def plain_needs(plain: PlainLoop, picture: Picture) -> tuple[float, float]:
    """Count operations and bytes of one frame of the plain loop, the source's encoding among them."""
    inputs = plain.begin(picture, picture)
    return _needs(lambda: plain.step(inputs, picture), frames=1)


def engine_needs(engine: Animator, picture: Picture) -> tuple[float, float]:
    """Count operations and bytes of the engine for one driving frame, without what the source alone needs."""
    return _needs(_one_batch(engine, picture), frames=engine.batch_size)


def _needs(work: Callable[[], object], *, frames: int) -> tuple[float, float]:
    return count_operations(work) / frames, count_bytes(work) / frames


def _one_batch(engine: Animator, picture: Picture) -> Callable[[], None]:
    """Return what animates a batch of the same picture, the source encoded before."""
    engine = copy.copy(engine)
    engine.captures = False  # what is replayed from a recording cannot be counted
    source, count = engine.set_source(picture), engine.batch_size

    def animate() -> None:
        motions = list(engine.detect([picture] * count))
        timed = [(motion, Fraction(index)) for index, motion in enumerate(motions)]
        list(engine.animate(source, timed, motions[0]))

    return animate
