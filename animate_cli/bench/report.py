"""What a measurement found, and the same as plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from animate_cli.bench.agreement import Agreement
from animate_cli.bench.overlap import Overlap, find_overlap

MEGABYTE, GIGA, MILLI = 1_000_000, 1e9, 1e-3


@dataclass(frozen=True)
class Way:
    """One way to animate: the plain loop or the engine.

    seconds: of each round, file to file. memory: bytes at the peak above what was in use before, None where
    the system cannot tell. operations: a driving frame. rates: operations a second of a large convolution at
    this precision and batch size, one for each round. bytes: that a frame's convolutions must move. memory_rate:
    bytes a second that the device moves.
    """

    precision: str
    batch_size: int
    frames: int
    seconds: tuple[float, ...]
    memory: int | None
    operations: float
    rates: tuple[float, ...]
    bytes: float
    memory_rate: float

    @property
    def floor(self) -> float:
        """Seconds a frame that the networks take at least here: all operations, or all bytes, at full rate."""
        return max(self.operations / self.rate, self.bytes / self.memory_rate)

    @property
    def rounds(self) -> list[float]:
        """Frames a second in each round."""
        return [self.frames / seconds for seconds in self.seconds]

    @property
    def fps(self) -> float:
        """Frames a second: the median of the rounds."""
        return median(self.rounds)

    @property
    def rate(self) -> float:
        """Operations a second that a large convolution reaches: the median of the rounds."""
        return median(self.rates)

    @property
    def share(self) -> float:
        """The part of that rate that the whole job reaches."""
        return self.operations * self.fps / self.rate


@dataclass(frozen=True)
class BenchReport:
    """All that was measured. stages, stages_alone: seconds a frame."""

    machine: Mapping[str, Any]
    model: Mapping[str, Any]
    plain: Way
    engine: Way
    stages: Mapping[str, float]
    stages_alone: Mapping[str, float]
    agreement: Agreement

    @property
    def overlap(self) -> Overlap:
        """How well the stages overlap."""
        return find_overlap(self.stages, self.stages_alone)

    @property
    def ratio(self) -> float:
        """How many times as fast the engine is."""
        return self.engine.fps / self.plain.fps

    def to_mapping(self) -> dict[str, Any]:
        """Return the report as plain values; times of stages in milliseconds a frame."""
        return {
            "schema": 1,
            "machine": dict(self.machine),
            "model": dict(self.model),
            "plain": _way(self.plain),
            "engine": _way(self.engine),
            "ratio": _rounded(self.ratio),
            "stages": _milliseconds(self.stages),
            "stages_alone": _milliseconds(self.stages_alone),
            "stages_unit": "ms a frame",
            "overlap": {
                "slowest": self.overlap.slowest,
                "ms": _rounded(self.overlap.seconds / MILLI),
                "ratio": _rounded(self.overlap.ratio),
            },
            "limit": {
                "conv_gflops": _rounded(self.engine.rate / GIGA),
                "needed_gflop_per_frame": _rounded(self.engine.operations / GIGA),
                "share": _rounded(self.engine.share),
                "memory_gb_per_s": _rounded(self.engine.memory_rate / GIGA),
                "needed_mb_per_frame": _rounded(self.engine.bytes / MEGABYTE),
                "floor_ms": _rounded(self.engine.floor / MILLI),
                "plain_conv_gflops": _rounded(self.plain.rate / GIGA),
                "plain_gflop_per_frame": _rounded(self.plain.operations / GIGA),
                "plain_share": _rounded(self.plain.share),
            },
            "agreement": asdict(self.agreement),
        }


def _way(way: Way) -> dict[str, Any]:
    rounds = [_rounded(fps) for fps in way.rounds]
    return {
        "fps": _rounded(way.fps),
        "slowest": min(rounds),
        "fastest": max(rounds),
        "rounds": rounds,
        "precision": way.precision,
        "batch_size": way.batch_size,
        "peak_memory_mb": None if way.memory is None else _rounded(way.memory / MEGABYTE),
    }


def _milliseconds(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: _rounded(value / MILLI) for stage, value in seconds.items()}


def _rounded(number: float) -> float:
    """Keep five digits."""
    return float(f"{number:.5g}")
