"""The training loop: numbered batches in, a run folder and weights out."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import torch

from animate_cli.acceleration import explained_memory
from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.errors import DataError
from animate_cli.memory import keep_memory
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.averaging import AveragedModel
from animate_cli.training.held_out import HeldOutPairs
from animate_cli.training.keypoint_health import measure_health, save_keypoint_health
from animate_cli.training.meter import Meter, StepReport
from animate_cli.training.optimization import Losses
from animate_cli.training.processes import Alone, Processes
from animate_cli.training.run_folder import RunFolder, explained
from animate_cli.training.sample_grid import save_sample_grid
from animate_cli.training.starting_weights import adopt, describe_new
from animate_cli.training.step import TrainingStep, to_device

__all__ = ["StepReport", "TrainOptions", "Trainer"]

ENDLESS = 10**9
"""Steps of a run that only its time ends."""

SAMPLE_NUMBER = 2**31
"""The batch that sample grids show: one that no step trains on."""


def never() -> bool:
    """Say that nobody stops the run."""
    return False


@dataclass(frozen=True)
class TrainOptions:
    """What a run needs beside its config. Intervals are in steps, ``max_time`` in seconds.

    devices, nodes: how many are used; None leaves it to torchrun, or takes one. is_stopped: asked after every step;
    a run that is stopped ends as if its time were over.
    """

    out: Path
    data: Path | None = None
    resume: bool = False
    init_from: str | None = None
    device: str = "auto"
    devices: int | None = None
    nodes: int | None = None
    max_time: float | None = None
    seed: int = 0
    log_every: int = 50
    save_every: int = 500
    is_stopped: Callable[[], bool] = field(default=never, compare=False)


class Trainer:
    """Train one model; whatever happens after a checkpoint, `restore` goes on from it exactly.

    Of several processes, each does its share of every step, and process 0 writes.
    """

    def __init__(
        self,
        config: Config,
        pairs: PairSource,
        total_steps: int,
        options: TrainOptions,
        *,
        test: HeldOutPairs | None = None,
        processes: Processes | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.config = config
        self.pairs = pairs
        self.test = test
        self.total_steps = total_steps
        self.options = options
        self.processes = processes or Alone()
        self.folder = RunFolder(options.out)
        keep_memory()
        with explained_memory(None, last_resort="a smaller model"):
            self.work = TrainingStep(
                config,
                total_steps,
                device=device or options.device,
                seed=options.seed,
                processes=self.processes,
            )
        self.averaged = AveragedModel(self.work.model, config.optimizer.average_decay)
        self.meter = Meter(config.optimizer.batch_size)
        self.step = 0
        self.lowest = math.inf

    @property
    def writes(self) -> bool:
        """Whether this process is the one that writes."""
        return self.processes.rank == 0

    def adopt(self, start: MotionModel) -> str | None:
        """Begin from weights; return a note on what they lack.

        Raises:
            WeightsError: nothing of them fits.
        """
        new = adopt(self.work.model, start)
        self.averaged.model.load_state_dict(self.work.model.state_dict())
        return describe_new(new) if new else None

    def restore(self) -> None:
        """Go back to the newest checkpoint.

        Raises:
            DataError: there is none, or it is damaged or of another model.
        """
        state = self.folder.load_checkpoint()
        try:
            self.step = int(state["step"])
            self.lowest = float(state.get("lowest", math.inf))
            self.work.restore(state)
            self.averaged.model.load_state_dict(state["averaged"])
        except (LookupError, RuntimeError, ValueError, TypeError, AttributeError) as error:
            raise DataError(
                f"the checkpoints in {self.folder.path} do not fit the model of its config.yaml"
            ) from error
        if self.writes:
            self.folder.forget_after(self.step)

    def run(self) -> Iterator[StepReport]:
        """Train to the last step or the end of the time allowed, yielding a report every ``log_every`` steps.

        Raises:
            DataError: a loss is not a number, or nothing can be written; the last good checkpoint stays.
            DeviceError: memory ran out, or another process has ended.
        """
        deadline = time.monotonic() + (self.options.max_time or math.inf)
        self.meter = Meter(self.config.optimizer.batch_size)
        while self.step < self.total_steps and not self._is_over(deadline):
            self.meter.add(self._advance())
            last = self.step == self.total_steps
            if self.step % self.options.log_every == 0 or last:
                yield self._report()
            if self.step % (self.config.optimizer.test_every or ENDLESS) == 0 or last:
                yield from self._find_best()
            if self.step % self.options.save_every == 0 and not last:
                yield from self.save()
        yield from self.save()

    def _is_over(self, deadline: float) -> bool:
        """Tell whether the time is up for any process, or any is stopped."""
        mine = time.monotonic() >= deadline or self.options.is_stopped()
        if self.processes.count == 1:
            return mine
        return bool(self.processes.mean(torch.tensor(float(mine), device=self.work.device)) > 0)

    def _advance(self) -> Losses:
        with self.meter.wait(), self._kept():
            batch = self.pairs.batch(self.step, self.work.size_at(self.step))
        try:
            with self._explained_memory():
                losses = self.work.run(batch, self.step)
        except FloatingPointError as error:
            raise DataError(self._explain(error)) from None
        self.step += 1
        self.averaged.update(self.work.model, self.step)
        return losses

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Save what was trained so far where a video cannot be used inside the block."""
        try:
            yield
        except DataError as error:
            self.save_checkpoint()
            raise DataError(
                f"{error}; remove it (--check-data looks for more), then --resume {self.folder.path}"
            ) from None

    def _explained_memory(self) -> AbstractContextManager[None]:
        size = self.config.optimizer.batch_size
        return explained_memory(size, "--set optimizer.batch_size=", "--device cpu, or a smaller model")

    def _explain(self, error: FloatingPointError) -> str:
        saved = self.folder.saved_checkpoints()
        last = f"{saved[-1].name} stays as the last good checkpoint" if saved else "nothing was saved"
        return (
            f"training stopped at step {self.step}: {error}; {last}: lower optimizer.learning_rate in "
            f"{self.folder.path / 'config.yaml'} and --resume"
        )

    def _report(self) -> StepReport:
        now = self.meter.read()
        if self.writes:
            speed = {"samples_per_second": now.samples_per_second}
            self.folder.log(
                {"step": float(self.step), **speed, **now.losses}, {"waiting_for_data": now.waiting}
            )
        samples = (self.total_steps - self.step) * self.config.optimizer.batch_size
        left = None if self.total_steps >= ENDLESS else samples / now.samples_per_second
        return StepReport(
            self.step,
            self.total_steps,
            now.losses,
            now.samples_per_second,
            waiting=now.waiting,
            seconds_left=left,
        )

    def _find_best(self) -> Iterator[StepReport]:
        """Measure the L1 of the test pictures, and keep the weights if it is the lowest so far."""
        if self.test is None or not self.writes or not self.config.optimizer.test_every:
            return
        with self._kept(), self._explained_memory():
            error = self.test.measure(self.averaged.model)
        self.folder.log_test(self.step, error)
        note = f"step {self.step}: test L1 {error:.4f}"
        if error < self.lowest:
            self.lowest = error
            facts = {**self._facts(), "test_l1": error}
            self.folder.save_weights(self.averaged.model, self.config, facts, self.folder.best)
            note += ", the lowest so far: checkpoints/best"
        yield StepReport(self.step, self.total_steps, {}, 0.0, (note,))

    def save(self) -> Iterator[StepReport]:
        """Write a checkpoint, the weights so far, a sample grid and the keypoints' health; warn of these."""
        if not self.writes:
            return
        self.save_checkpoint()
        self.folder.save_weights(self.averaged.model, self.config, self._facts())
        path = self.folder.samples / f"step-{self.step}.png"
        with explained(path), self._explained_memory():
            save_sample_grid(path, self.averaged.model, self._sample)
            names = self.config.data.keypoint_landmarks
            mask = self._sample.truth.mask
            health = measure_health(self.averaged.model, self._sample.target, names, mask)
            save_keypoint_health(path.with_suffix(".keypoints.csv"), health)
        self.folder.log_health(self.step, health.summary)
        if health.warnings:
            warnings = tuple(f"step {self.step}: {warning}" for warning in health.warnings)
            yield StepReport(self.step, self.total_steps, {}, 0.0, warnings=warnings)

    def save_checkpoint(self) -> None:
        """Write all that a resumed run needs."""
        if not self.writes:
            return
        averaged = self.averaged.model.state_dict()
        state = {"step": self.step, "lowest": self.lowest, "averaged": averaged, **self.work.state()}
        self.folder.save_checkpoint(self.step, state)

    @cached_property
    def _sample(self) -> PairBatch:
        with self._kept():
            batch = self.pairs.batch(SAMPLE_NUMBER, self.config.model.size)
        return to_device(batch, self.work.device)

    def _facts(self) -> dict[str, object]:
        samples = self.step * self.config.optimizer.batch_size
        return {"preset": self.config.name, "steps": self.step, "samples": samples, "seed": self.options.seed}
