"""The training loop: numbered batches in, a run folder and weights out."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from animate_cli.acceleration import explained_memory
from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.errors import DataError
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.averaging import AveragedModel
from animate_cli.training.keypoint_health import Health, measure_health, save_keypoint_health
from animate_cli.training.meter import Meter, StepReport
from animate_cli.training.optimization import Losses
from animate_cli.training.run_folder import RunFolder, explained
from animate_cli.training.sample_grid import save_sample_grid
from animate_cli.training.starting_weights import adopt
from animate_cli.training.step import TrainingStep, to_device

__all__ = ["StepReport", "TrainOptions", "Trainer"]

ENDLESS = 10**9
"""Steps of a run that only its time ends."""

SAMPLE_NUMBER = 2**31
"""The batch that sample grids show: one that no step trains on."""


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


class Trainer:
    """Train one model; whatever happens after a checkpoint, `restore` goes on from it exactly."""

    def __init__(self, config: Config, pairs: PairSource, total_steps: int, options: TrainOptions) -> None:
        self.config = config
        self.pairs = pairs
        self.total_steps = total_steps
        self.options = options
        self.folder = RunFolder(options.out)
        with explained_memory(None, last_resort="a smaller model"):
            self.work = TrainingStep(config, total_steps, device=options.device, seed=options.seed)
        self.averaged = AveragedModel(self.work.model, config.optimizer.average_decay)
        self.step = 0

    def adopt(self, start: MotionModel) -> str | None:
        """Begin from weights; return a note on what they lack.

        Raises:
            WeightsError: nothing of them fits.
        """
        new = adopt(self.work.model, start)
        self.averaged.model.load_state_dict(self.work.model.state_dict())
        return f"{len(new)} tensors are new and start at random: {', '.join(new)}" if new else None

    def restore(self) -> None:
        """Go back to the newest checkpoint.

        Raises:
            DataError: there is none, or it is damaged or of another model.
        """
        state = self.folder.load_checkpoint()
        try:
            self.step = int(state["step"])
            self.work.restore(state)
            self.averaged.model.load_state_dict(state["averaged"])
        except (LookupError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            raise DataError(
                f"the checkpoints in {self.folder.path} do not fit the model of its config.yaml"
            ) from error
        self.folder.forget_after(self.step)

    def run(self) -> Iterator[StepReport]:
        """Train to the last step or the end of the time allowed, yielding a report every ``log_every`` steps.

        Raises:
            DataError: a loss is not a number, or nothing can be written; the last good checkpoint stays.
            DeviceError: memory ran out.
        """
        deadline = time.monotonic() + (self.options.max_time or math.inf)
        meter = Meter(self.config.optimizer.batch_size)
        while self.step < self.total_steps and time.monotonic() < deadline:
            meter.add(self._advance())
            if self.step % self.options.log_every == 0 or self.step == self.total_steps:
                yield self._report(meter)
            if self.step % self.options.save_every == 0 and self.step < self.total_steps:
                yield self._warn(self.save())
        yield self._warn(self.save())

    def _advance(self) -> Losses:
        batch = self._next_batch()
        size = self.config.optimizer.batch_size
        try:
            with explained_memory(size, "--set optimizer.batch_size=", "--device cpu, or a smaller model"):
                losses = self.work.run(batch, self.step)
        except FloatingPointError as error:
            raise DataError(self._explain(error)) from None
        self.step += 1
        self.averaged.update(self.work.model, self.step)
        return losses

    def _next_batch(self) -> PairBatch:
        """Return the step's batch; where a video cannot be used, what was trained so far is saved first."""
        try:
            return self.pairs.batch(self.step, self.work.size_at(self.step))
        except DataError as error:
            self.save_checkpoint()
            raise DataError(
                f"{error}; remove it (--check-data looks for more), then --resume {self.folder.path}"
            ) from None

    def _explain(self, error: FloatingPointError) -> str:
        saved = self.folder.saved_checkpoints()
        last = f"{saved[-1].name} stays as the last good checkpoint" if saved else "nothing was saved"
        return (
            f"training stopped at step {self.step}: {error}; {last}: lower optimizer.learning_rate in "
            f"{self.folder.path / 'config.yaml'} and --resume"
        )

    def _report(self, meter: Meter) -> StepReport:
        losses, rate = meter.read()
        self.folder.log({"step": float(self.step), "samples_per_second": rate, **losses})
        return StepReport(self.step, self.total_steps, losses, rate)

    def _warn(self, health: Health) -> StepReport:
        warnings = tuple(f"step {self.step}: {warning}" for warning in health.warnings)
        return StepReport(self.step, self.total_steps, {}, 0.0, warnings=warnings)

    def save(self) -> Health:
        """Write a checkpoint, the weights so far, a sample grid and the keypoints' health, and return the last."""
        self.save_checkpoint()
        self.folder.save_weights(self.averaged.model, self.config, self._facts())
        path = self.folder.samples / f"step-{self.step}.png"
        with explained(path):
            save_sample_grid(path, self.averaged.model, self._sample)
            names = self.config.data.keypoint_landmarks
            mask = self._sample.truth.mask
            health = measure_health(self.averaged.model, self._sample.target, names, mask)
            save_keypoint_health(path.with_suffix(".keypoints.csv"), health)
        self.folder.log_health(self.step, health.summary)
        return health

    def save_checkpoint(self) -> None:
        """Write all that a resumed run needs."""
        state = {"step": self.step, "averaged": self.averaged.model.state_dict(), **self.work.state()}
        self.folder.save_checkpoint(self.step, state)

    @cached_property
    def _sample(self) -> PairBatch:
        batch = self.pairs.batch(SAMPLE_NUMBER, self.config.model.size)
        return to_device(batch, self.work.device)

    def _facts(self) -> dict[str, object]:
        samples = self.step * self.config.optimizer.batch_size
        return {"preset": self.config.name, "steps": self.step, "samples": samples, "seed": self.options.seed}
