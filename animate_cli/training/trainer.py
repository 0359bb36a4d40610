"""The training loop: numbered batches in, a run folder and weights out."""

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.errors import DataError
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.averaging import AveragedModel
from animate_cli.training.run_folder import RunFolder
from animate_cli.training.sample_grid import save_sample_grid
from animate_cli.training.step import TrainingStep
from animate_cli.weights import load_model


@dataclass(frozen=True)
class TrainOptions:
    """What a run needs beside its config. Intervals are in steps, ``max_time`` in seconds."""

    out: Path
    data: Path | None = None
    resume: bool = False
    init_from: str | None = None
    device: str = "auto"
    max_time: float | None = None
    seed: int = 0
    log_every: int = 50
    save_every: int = 500


@dataclass(frozen=True)
class StepReport:
    """How a run is going; losses are means since the last report."""

    step: int
    total_steps: int
    losses: dict[str, float]
    samples_per_second: float


class Trainer:
    """Train one model; whatever happens after a checkpoint, `TrainOptions.resume` goes on from it exactly."""

    def __init__(self, config: Config, pairs: PairSource, total_steps: int, options: TrainOptions) -> None:
        self.config = config
        self.pairs = pairs
        self.total_steps = total_steps
        self.options = options
        self.folder = RunFolder(options.out)
        self.work = TrainingStep(config, total_steps, device=options.device, seed=options.seed)
        self.averaged = AveragedModel(self.work.model, config.optimizer.average_decay)
        self.step = 0
        self.new_tensors: list[str] = []
        """Names of tensors that the starting weights did not have, once the run has begun."""

    def run(self) -> Iterator[StepReport]:
        """Train to the last step or the end of the time allowed, yielding a report every ``log_every`` steps.

        Raises:
            DataError: a loss is not a number; the last good checkpoint stays.
        """
        self._begin()
        deadline = time.monotonic() + (self.options.max_time or math.inf)
        meter = Meter(self.config.optimizer.batch_size)
        while self.step < self.total_steps and time.monotonic() < deadline:
            meter.add(self._advance())
            if self.step % self.options.log_every == 0 or self.step == self.total_steps:
                yield self._report(meter)
            if self.step % self.options.save_every == 0:
                self.save()
        self.save()

    def _begin(self) -> None:
        """Restore the run, or take over the weights that it is to start from."""
        start = self.options.init_from or self.config.init_from
        if self.options.resume:
            self._restore()
        elif start is not None:
            self.new_tensors = adopt(self.work.model, load_model(start).model)
            self.averaged.model.load_state_dict(self.work.model.state_dict())

    def _advance(self) -> dict[str, float]:
        losses = self.work.run(self.batch(self.step), self.step)
        self._require_finite(losses)
        self.step += 1
        self.averaged.update(self.work.model, self.step)
        return losses

    def batch(self, number: int) -> PairBatch:
        """Make the batch of a step, at the size that the step trains at."""
        return self.pairs.batch(number, self.work.size_at(number))

    def _require_finite(self, losses: dict[str, float]) -> None:
        broken = [name for name, value in losses.items() if not math.isfinite(value)]
        if broken:
            raise DataError(
                f"the loss {broken[0]} is not a number at step {self.step}; the last good checkpoint in "
                f"{self.folder.checkpoints} stays: resume with a lower optimizer.learning_rate"
            )

    def _report(self, meter: "Meter") -> StepReport:
        losses, rate = meter.read()
        self.folder.log({"step": float(self.step), "samples_per_second": rate, **losses})
        return StepReport(self.step, self.total_steps, losses, rate)

    def save(self) -> None:
        """Write a checkpoint, the weights so far and a sample grid."""
        state = {"step": self.step, "averaged": self.averaged.model.state_dict(), **self.work.state()}
        self.folder.save_checkpoint(self.step, state)
        self.folder.save_weights(self.averaged.model, self.config, self._facts())
        sample = self.batch(self.step)
        save_sample_grid(self.folder.samples / f"step-{self.step}.png", self.averaged.model, sample)

    def _facts(self) -> dict[str, object]:
        samples = self.step * self.config.optimizer.batch_size
        return {"preset": self.config.name, "steps": self.step, "samples": samples, "seed": self.options.seed}

    def _restore(self) -> None:
        state = self.folder.load_checkpoint()
        self.step = state["step"]
        self.work.restore(state)
        self.averaged.model.load_state_dict(state["averaged"])


def adopt(model: MotionModel, start: MotionModel) -> list[str]:
    """Copy every tensor of ``start`` that has a place of its name and shape; return the names of the others."""
    given, own = start.state_dict(), model.state_dict()
    fitting = {name: given[name] for name in own if name in given and given[name].shape == own[name].shape}
    model.load_state_dict(fitting, strict=False)
    return [name for name in own if name not in fitting]


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
