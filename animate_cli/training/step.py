"""One optimisation step: prediction, losses, gradients, for the model and, where used, its discriminator."""

from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from animate_cli.acceleration import PRECISIONS, channels_last, choose_device
from animate_cli.config import Config
from animate_cli.data.pairs import PairBatch
from animate_cli.data.photometric import photometric
from animate_cli.data.seeding import numbered_generator
from animate_cli.model.discriminator import Discriminator, Judgement
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.values import Keypoints
from animate_cli.training.equivariance import RandomWarp
from animate_cli.training.half_size import half_size_twin
from animate_cli.training.losses import LossTerms, Objective, Step
from animate_cli.training.optimization import Losses, Updates
from animate_cli.training.reconstruct import reconstruct

Value = TypeVar("Value")


class TrainingStep:
    """Models, optimizers and their arithmetic; it knows nothing of files or time."""

    def __init__(self, config: Config, total_steps: int, *, device: str = "auto", seed: int = 0) -> None:
        self.config = config
        self.seed = seed
        self.first_judged = config.loss.adversarial_from * total_steps
        self.device = choose_device(device)
        torch.manual_seed(seed)
        self.model = channels_last(MotionModel(config.model).to(self.device))
        self.half_size = half_size_twin(self.model) if config.optimizer.half_size_steps else self.model
        self.objective = Objective(config.loss).to(self.device)
        self.updates = self._model_updates(total_steps)
        self.discriminator: Discriminator | None = None
        if config.loss.generator_gan > 0:
            self.discriminator = Discriminator(config.discriminator, config.model.num_keypoints)
            self.discriminator.to(self.device)
            networks = [(self.discriminator, config.optimizer.learning_rate)]
            self.discriminator_updates = Updates(config.optimizer, total_steps, networks)

    def _model_updates(self, total_steps: int) -> Updates:
        """Give each network its learning rate; a detector whose rate is zero is frozen."""
        optimizer, model = self.config.optimizer, self.model
        networks = [(nn.ModuleList([model.motion, model.generator]), optimizer.learning_rate)]
        model.detector.requires_grad_(not self.detector_is_frozen)
        if not self.detector_is_frozen:
            networks.append((nn.ModuleList([model.detector]), optimizer.detector_learning_rate))
        return Updates(optimizer, total_steps, networks)

    @property
    def detector_is_frozen(self) -> bool:
        """Whether keypoints are found as the starting weights find them."""
        return self.config.optimizer.detector_learning_rate == 0

    def run(self, batch: PairBatch, number: int) -> Losses:
        """Take optimisation step ``number`` on a batch and return its losses.

        Raises:
            FloatingPointError: a loss or gradient is not finite.
        """
        model = self._model_of(number).train()
        model.detector.train(not self.detector_is_frozen)
        step = self._forward(model, to_device(batch, self.device))
        losses = self._generator_losses(model, step, number)
        return self.updates.run(losses, number) | self._train_discriminator(step, number)

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

    def _generator_losses(self, model: MotionModel, step: Step, number: int) -> LossTerms:
        """Compute the model's losses; the discriminator only judges."""

        def detect(image: Tensor) -> Keypoints:
            disguised = self._disguised(image, number)
            with self._autocast():
                return model.detect(disguised)

        judging = self.discriminator is not None and number >= self.first_judged
        if self.discriminator is not None:
            self.discriminator.requires_grad_(False)
        warp = self._random_warp(len(step.driving), number)
        return self.objective.generator_losses(step, warp, detect, self._judge if judging else None)

    def _judge(self, image: Tensor, keypoints: Keypoints) -> Judgement:
        assert self.discriminator is not None, "somebody judges"  # noqa: S101
        with self._autocast():
            judgement: Judgement = self.discriminator(image, keypoints)
        return judgement

    def _train_discriminator(self, step: Step, number: int) -> Losses:
        if self.discriminator is None or number < self.first_judged:
            return {}
        self.discriminator.requires_grad_(True)
        losses = self.objective.discriminator_losses(step, self._judge)
        return self.discriminator_updates.run(losses, number)

    def _random_warp(self, batch: int, number: int) -> RandomWarp:
        generator = numbered_generator("warp", self.seed, number)
        return RandomWarp.sample(batch, self.config.transform, generator, self.device)

    def _disguised(self, warped: Tensor, number: int) -> Tensor:
        """Change the look of the warped frame, so that keypoints do not depend on it."""
        generator = numbered_generator("warped photometric", self.seed, number)
        return photometric(warped, generator, self.config.data.photometric)

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


def to_device(value: Value, device: torch.device) -> Value:
    """Move a tensor, or a named tuple of tensors and None, to a device."""
    if isinstance(value, Tensor):
        return cast(Value, value.to(device, non_blocking=True))
    if isinstance(value, tuple):
        return cast(Value, type(value)(*(to_device(item, device) for item in value)))
    return value
