"""How a run is going: mean losses and speed since the last look."""

import time
from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class StepReport:
    """How a run is going; losses are means since the last report, ``notes`` what else there is to say.

    warnings: what has gone wrong without ending the run.
    """

    step: int
    total_steps: int
    losses: dict[str, float]
    samples_per_second: float
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Meter:
    """Mean losses and speed since the last reading."""

    def __init__(self, batch_size: int) -> None:
        self.batch_size = batch_size
        self._start_again()

    def add(self, losses: dict[str, float]) -> None:
        """Take one step's losses."""
        self.count += 1
        for name, value in losses.items():
            self.sums[name] += value

    def read(self) -> tuple[dict[str, float], float]:
        """Return mean losses and samples a second, and start again."""
        means = {name: total / self.count for name, total in self.sums.items()}
        rate = self.count * self.batch_size / max(time.monotonic() - self.start, 1e-9)
        self._start_again()
        return means, rate

    def _start_again(self) -> None:
        self.start = time.monotonic()
        self.count = 0
        self.sums: defaultdict[str, float] = defaultdict(float)
