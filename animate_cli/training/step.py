"""One optimisation step: prediction, losses, gradients, for the model and, where used, its discriminator."""

import math
from dataclasses import replace
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from animate_cli.acceleration import PRECISIONS, channels_last, choose_device, choose_precision
from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch
from animate_cli.data.photometric import photometric
from animate_cli.data.seeding import numbered_generator
from animate_cli.errors import ConfigError
from animate_cli.model.discriminator import Discriminator, Judgement, check_judged_size
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.values import Keypoints
from animate_cli.training.equivariance import RandomWarp
from animate_cli.training.half_size import half_size_twin
from animate_cli.training.losses import LossTerms, Objective, Step
from animate_cli.training.optimization import Losses, Updates
from animate_cli.training.processes import Alone, Processes, take_share
from animate_cli.training.reconstruct import reconstruct, split_keypoints
from animate_cli.training.shared_norm import share_statistics

Value = TypeVar("Value")


class TrainingStep:
    """Models, optimizers and their arithmetic; it knows nothing of files or time."""

    def __init__(
        self,
        config: Config,
        total_steps: int,
        *,
        device: str | torch.device = "auto",
        seed: int = 0,
        processes: Processes | None = None,
    ) -> None:
        """Make everything anew.

        Raises:
            ConfigError: the batch cannot be shared out.
            DeviceError: the device or precision is not to be had.
            WeightsError: the perceptual loss's weights are missing or damaged.
        """
        self.device = choose_device(device) if isinstance(device, str) else device
        self.config = config = with_precision(config, self.device)
        self.seed = seed
        self.processes = processes or Alone()
        first_judged = math.ceil(config.loss.adversarial_from * total_steps)
        self.first_judged = max(first_judged, config.optimizer.keypoint_steps)
        self._check()
        torch.manual_seed(seed)
        model = channels_last(MotionModel(config.model).to(self.device))
        self.model = share_statistics(model, self.processes)
        self.half_size = self._make_twin() if config.optimizer.half_size_steps else self.model
        self._compile()
        self.objective = Objective(config.loss, self.processes.mean, self._autocast).to(self.device)
        self.updates = self._model_updates(total_steps)
        self.discriminator: Discriminator | None = None
        if config.loss.generator_gan > 0:
            check_judged_size(config.discriminator, *self.size_at(self.first_judged))
            self.discriminator = Discriminator(config.discriminator, config.model.num_keypoints)
            self.discriminator.to(self.device)
            networks = [(self.discriminator, config.optimizer.learning_rate)]
            self.discriminator_updates = Updates(config.optimizer, total_steps, networks, self.processes)

    def _check(self) -> None:
        optimizer, shares = self.config.optimizer, self.shares
        if optimizer.batch_size % shares:
            raise ConfigError(
                f"optimizer.batch_size {optimizer.batch_size} cannot be shared by "
                f"{self.processes.count} processes in {optimizer.accumulation} parts each; make "
                f"it a multiple of {shares}"
            )
        taught = self.config.loss.keypoint_supervision > 0 and not self.detector_is_frozen
        if optimizer.keypoint_steps and not taught:
            raise ConfigError(
                "optimizer.keypoint_steps trains the detector alone: it needs loss.keypoint_supervision and "
                "optimizer.detector_learning_rate above 0"
            )

    def _compile(self) -> None:
        """Have each network compiled when it first runs, in place, so that its tensors keep their names."""
        if self.config.optimizer.compile:
            for model in dict.fromkeys([self.model, self.half_size]):
                for network in (model.detector, model.motion, model.generator):
                    network.compile()

    def _make_twin(self) -> MotionModel:
        return share_statistics(half_size_twin(self.model), self.processes)

    def _model_updates(self, total_steps: int) -> Updates:
        """Give each network its learning rate; a detector whose rate is zero is frozen."""
        optimizer, model = self.config.optimizer, self.model
        networks = [(nn.ModuleList([model.motion, model.generator]), optimizer.learning_rate)]
        model.detector.requires_grad_(not self.detector_is_frozen)
        if not self.detector_is_frozen:
            networks.append((nn.ModuleList([model.detector]), optimizer.detector_learning_rate))
        return Updates(optimizer, total_steps, networks, self.processes)

    @property
    def detector_is_frozen(self) -> bool:
        """Whether keypoints are found as the starting weights find them."""
        return self.config.optimizer.detector_learning_rate == 0

    @property
    def shares(self) -> int:
        """In how many equal parts a batch is worked off, over all processes."""
        return self.processes.count * self.config.optimizer.accumulation

    def run(self, batch: PairBatch, number: int) -> Losses:
        """Take optimisation step ``number`` on a batch, of which this process does its share; return its losses.

        Raises:
            FloatingPointError: a loss or gradient is not finite.
        """
        model = self._model_of(number).train()
        model.detector.train(not self.detector_is_frozen)
        judged = self.discriminator is not None and number >= self.first_judged
        updates = [self.updates, *([self.discriminator_updates] if judged else [])]
        for one in updates:
            one.begin(number)
        for part in range(self.config.optimizer.accumulation):
            share = self.processes.rank * self.config.optimizer.accumulation + part
            mine = to_device(take_share(batch, share, self.shares), self.device)
            if number < self.config.optimizer.keypoint_steps:
                self.updates.add(self._detector_losses(model, mine))
                continue
            step = self._forward(model, mine)
            self.updates.add(self._generator_losses(model, step, number, share, judged=judged))
            if judged:
                self.discriminator_updates.add(self._discriminator_losses(step))
        losses: Losses = {}
        for one in updates:
            losses |= one.finish()
        return losses

    def _forward(self, model: MotionModel, batch: PairBatch) -> Step:
        with self._autocast():
            outcome = reconstruct(model, batch)
        return Step(
            batch.driving,
            batch.target,
            outcome.prediction,
            outcome.source,
            outcome.driving,
            batch.truth,
            outcome.moved,
        )

    def _detector_losses(self, model: MotionModel, batch: PairBatch) -> LossTerms:
        """Compute what the detector alone can learn from a batch."""
        with self._autocast():
            keypoints = model.detect(torch.cat([batch.source, batch.driving]))
        source, driving = split_keypoints(keypoints, 2)
        return LossTerms(self.objective.keypoint_terms(source, driving, batch.truth))

    def _generator_losses(
        self, model: MotionModel, step: Step, number: int, share: int, *, judged: bool
    ) -> LossTerms:
        """Compute the model's losses; the discriminator only judges."""

        def detect(image: Tensor) -> Keypoints:
            disguised = self._disguised(image, number, share)
            with self._autocast():
                return model.detect(disguised)

        if self.discriminator is not None:
            self.discriminator.requires_grad_(False)
        warp = self._random_warp(number, share)
        return self.objective.generator_losses(step, warp, detect, self._judge if judged else None)

    def _discriminator_losses(self, step: Step) -> LossTerms:
        assert self.discriminator is not None, "somebody judges"  # noqa: S101
        self.discriminator.requires_grad_(True)
        return self.objective.discriminator_losses(step, self._judge)

    def _judge(self, image: Tensor, keypoints: Keypoints) -> Judgement:
        assert self.discriminator is not None, "somebody judges"  # noqa: S101
        with self._autocast():
            judgement: Judgement = self.discriminator(image, keypoints)
        return judgement

    def _random_warp(self, number: int, share: int) -> RandomWarp:
        """Draw the warps of the whole batch and take a share of them."""
        generator = numbered_generator("warp", self.seed, number)
        batch = self.config.optimizer.batch_size
        warp = RandomWarp.sample(batch, self.config.transform, generator, self.device)
        return take_share(warp, share, self.shares)

    def _disguised(self, warped: Tensor, number: int, share: int) -> Tensor:
        """Change the look of the warped frames, so that keypoints do not depend on it.

        What happens to a frame is decided by its place in the whole batch, whose other frames are left blank.
        """
        generator = numbered_generator("warped photometric", self.seed, number)
        others = [torch.zeros_like(warped)] * self.shares
        batch = torch.cat([*others[:share], warped, *others[share + 1 :]])
        return photometric(batch, generator, self.config.data.photometric).chunk(self.shares)[share]

    def _autocast(self) -> torch.autocast:
        precision = self.config.optimizer.precision
        return torch.autocast(self.device.type, PRECISIONS[precision], enabled=precision != "fp32")

    def _model_of(self, number: int) -> MotionModel:
        return self.half_size if number < self.config.optimizer.half_size_steps else self.model

    def size_at(self, number: int) -> tuple[int, int]:
        """Return the (height, width) that step ``number`` trains at."""
        return self._model_of(number).config.size

    def state(self) -> dict[str, Any]:
        """Return all that a resumed run needs, tensors and plain values only."""
        state = {"model": self.model.state_dict(), "optimizer": self.updates.state()}
        if self.discriminator is not None:
            state["discriminator"] = self.discriminator.state_dict()
            state["discriminator_optimizer"] = self.discriminator_updates.state()
        return state

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state that `state` gave."""
        self.model.load_state_dict(state["model"])
        self.updates.restore(state["optimizer"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["discriminator"])
            self.discriminator_updates.restore(state["discriminator_optimizer"])


def with_precision(config: Config, device: torch.device) -> Config:
    """Return the config with the precision that the device computes in.

    Raises:
        DeviceError: the one asked for is not to be had there.
    """
    chosen = choose_precision(config.optimizer.precision, device)
    return replace(config, optimizer=replace(config.optimizer, precision=cast(Any, chosen)))


def to_device(value: Value, device: torch.device) -> Value:
    """Move a tensor, or a named tuple of tensors and None, to a device."""
    if isinstance(value, Tensor):
        if value.dim() == 4 and value.shape[-1] > 2:
            return cast(Value, value.to(device, non_blocking=True, memory_format=torch.channels_last))
        return cast(Value, value.to(device, non_blocking=True))
    if isinstance(value, tuple):
        return cast(Value, type(value)(*(to_device(item, device) for item in value)))
    return value
