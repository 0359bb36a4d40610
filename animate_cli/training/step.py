"""One optimisation step: prediction, losses, gradients, for the model and, where used, its discriminator."""

from dataclasses import replace
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from animate_cli.acceleration import PRECISIONS, channels_last, choose_device
from animate_cli.config import Config, ModelConfig
from animate_cli.data.pairs import PairBatch
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.values import Keypoints
from animate_cli.training.equivariance import RandomWarp
from animate_cli.training.losses import LossTerms, Objective, Step
from animate_cli.training.reconstruct import reconstruct

Losses = dict[str, float]
Value = TypeVar("Value")


class TrainingStep:
    """Models, optimizers and their arithmetic; it knows nothing of files or time."""

    def __init__(self, config: Config, total_steps: int, *, device: str = "auto", seed: int = 0) -> None:
        self.config = config
        self.total_steps = total_steps
        self.seed = seed
        self.device = choose_device(device)
        torch.manual_seed(seed)
        self.model = channels_last(MotionModel(config.model).to(self.device))
        self.half_size = half_size_twin(self.model) if config.optimizer.half_size_steps else self.model
        self.objective = Objective(config.loss).to(self.device)
        self.optimizer = adam(config, *self._model_groups())
        self.discriminator: Discriminator | None = None
        if config.loss.generator_gan > 0:
            self.discriminator = Discriminator(config.discriminator, config.model.num_keypoints).to(
                self.device
            )
            rate = config.optimizer.learning_rate
            self.discriminator_optimizer = adam(config, group(self.discriminator, rate))

    def _model_groups(self) -> list[dict[str, Any]]:
        """Group parameters by learning rate; a detector whose rate is zero is frozen."""
        optimizer = self.config.optimizer
        self.model.detector.requires_grad_(optimizer.detector_learning_rate > 0)
        networks = nn.ModuleList([self.model.motion, self.model.generator])
        groups = [group(networks, optimizer.learning_rate)]
        if optimizer.detector_learning_rate > 0:
            groups.append(group(self.model.detector, optimizer.detector_learning_rate))
        return groups

    def run(self, batch: PairBatch, number: int) -> Losses:
        """Take optimisation step ``number`` on a batch and return its losses."""
        model = self.half_size if self._at_half_size(number) else self.model
        model.train()
        batch = to_device(batch, self.device)
        step = self._forward(model, batch)
        warp = self._random_warp(len(batch.source), number)

        def detect(image: Tensor) -> Keypoints:
            with self._autocast():
                return model.detect(image)

        losses = self.objective.generator_losses(step, warp, detect, self.discriminator)
        self._update(self.optimizer, losses, number)
        return named(losses) | self._train_discriminator(step, number)

    def _forward(self, model: MotionModel, batch: PairBatch) -> Step:
        with self._autocast():
            outcome = reconstruct(model, batch)
        return Step(
            batch.driving, batch.target, outcome.prediction, outcome.source, outcome.driving, batch.truth
        )

    def _train_discriminator(self, step: Step, number: int) -> Losses:
        if self.discriminator is None:
            return {}
        losses = self.objective.discriminator_losses(step, self.discriminator)
        self._update(self.discriminator_optimizer, losses, number)
        return named(losses)

    def _update(self, optimizer: torch.optim.Adam, losses: LossTerms, number: int) -> None:
        decay = self._learning_rate_decay(number)
        for settings in optimizer.param_groups:
            settings["lr"] = settings["initial_lr"] * decay
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(losses.total)
        if self.config.optimizer.clip_norm > 0:
            parameters = [weight for one in optimizer.param_groups for weight in one["params"]]
            nn.utils.clip_grad_norm_(parameters, self.config.optimizer.clip_norm)
        optimizer.step()

    def _learning_rate_decay(self, number: int) -> float:
        optimizer = self.config.optimizer
        epoch = number / self.total_steps * optimizer.epochs
        decay: float = 0.1 ** sum(epoch >= milestone for milestone in optimizer.milestones)
        return decay

    def _random_warp(self, batch: int, number: int) -> RandomWarp:
        generator = torch.Generator().manual_seed((self.seed << 32) + number)
        return RandomWarp.sample(batch, self.config.transform, generator, self.device)

    def _autocast(self) -> torch.autocast:
        precision = self.config.optimizer.precision
        return torch.autocast(self.device.type, PRECISIONS[precision], enabled=precision != "fp32")

    def _at_half_size(self, number: int) -> bool:
        return number < self.config.optimizer.half_size_steps

    def size_at(self, number: int) -> tuple[int, int]:
        """Return the (height, width) that step ``number`` trains at."""
        return (self.half_size if self._at_half_size(number) else self.model).config.size

    def state(self) -> dict[str, Any]:
        """Return all that a resumed run needs, tensors and plain values only."""
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        if self.discriminator is not None:
            state["discriminator"] = self.discriminator.state_dict()
            state["discriminator_optimizer"] = self.discriminator_optimizer.state_dict()
        return state

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state that `state` gave."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["discriminator"])
            self.discriminator_optimizer.load_state_dict(state["discriminator_optimizer"])


def half_size_twin(model: MotionModel) -> MotionModel:
    """Make a model for pictures half as large that shares every weight; the motion's resolution is kept."""
    twin = MotionModel(half_size_config(model.config))
    twin.load_state_dict(model.state_dict(keep_vars=True), assign=True)
    return twin.to(next(model.parameters()).device)


def half_size_config(config: ModelConfig) -> ModelConfig:
    """Halve the pictures and their downscaling."""
    height, width = config.size
    return replace(
        config,
        size=(height // 2, width // 2),
        detector=replace(config.detector, scale=min(1.0, 2 * config.detector.scale)),
        motion=replace(config.motion, scale=min(1.0, 2 * config.motion.scale)),
    )


def adam(config: Config, *groups: dict[str, Any]) -> torch.optim.Adam:
    """Make the optimizer of parameter groups."""
    return torch.optim.Adam(groups, betas=config.optimizer.betas)


def group(module: nn.Module, learning_rate: float) -> dict[str, Any]:
    """Make a parameter group that remembers its rate before decay."""
    return {"params": list(module.parameters()), "lr": learning_rate, "initial_lr": learning_rate}


def named(losses: LossTerms) -> Losses:
    """Read the terms as numbers."""
    return {name: float(term.detach()) for name, term in losses.terms.items()}


def to_device(value: Value, device: torch.device) -> Value:
    """Move a tensor, or a named tuple of tensors and None, to a device."""
    if isinstance(value, Tensor):
        return cast(Value, value.to(device, non_blocking=True))
    if isinstance(value, tuple):
        return cast(Value, type(value)(*(to_device(item, device) for item in value)))
    return value
