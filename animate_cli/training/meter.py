"""How a run is going: mean losses, speed and waiting since the last look, and the time left."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class StepReport:
    """How a run is going; losses are means since the last report, ``notes`` what else there is to say.

    warnings: what has gone wrong without ending the run. waiting: the share of time that went by waiting for data.
    seconds_left: None where nobody can tell.
    """

    step: int
    total_steps: int
    losses: dict[str, float]
    samples_per_second: float
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    waiting: float = 0.0
    seconds_left: float | None = None


@dataclass(frozen=True)
class Reading:
    """What a meter shows: mean losses, samples a second, and the share of time spent waiting for data."""

    losses: dict[str, float]
    samples_per_second: float
    waiting: float


class Meter:
    """Mean losses, speed and waiting since the last reading."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self._start_again()

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Count the time inside the block as waiting."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.waited += time.monotonic() - start

    def add(self, losses: dict[str, float]) -> None:
        """Take one step's losses; not every step has every loss."""
        self.count += 1
        self.counts.update(losses.keys())
        for name, value in losses.items():
            self.sums[name] += value

    def read(self) -> Reading:
        """Return what was measured since the last reading, and start again."""
        seconds = max(time.monotonic() - self.start, 1e-9)
        means = {name: total / self.counts[name] for name, total in self.sums.items()}
        reading = Reading(means, self.count * self.batch_size / seconds, min(1.0, self.waited / seconds))
        self._start_again()
        return reading

    def _start_again(self) -> None:
        self.start = time.monotonic()
        self.count = 0
        self.counts: Counter[str] = Counter()
        self.waited = 0.0
        self.sums: defaultdict[str, float] = defaultdict(float)
