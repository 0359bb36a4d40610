"""Update networks from their losses: Adam with a step schedule, and a halt before a bad update."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from animate_cli.config import OptimizerConfig
from animate_cli.training.losses import LossTerms
from animate_cli.training.processes import Alone, Processes

Losses = dict[str, float]

SMALLEST_SCALE = 1.0
"""Of float16's losses; where even this overflows, it is not the precision that is at fault."""


class Updates:
    """The updates of one or more networks, each with its learning rate.

    A step is `begin`, `add` for each part of the batch, `finish`.
    """

    def __init__(
        self,
        config: OptimizerConfig,
        total_steps: int,
        networks: Iterable[tuple[nn.Module, float]],
        processes: Processes | None = None,
    ) -> None:
        self.config = config
        self.total_steps = total_steps
        self.networks = list(networks)
        self.processes = processes or Alone()
        groups = [{"params": list(network.parameters()), "lr": rate} for network, rate in self.networks]
        self.adam = torch.optim.Adam(groups, betas=config.betas, fused=True)
        device = next(self.networks[0][0].parameters()).device
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "fp16")
        self.terms: list[dict[str, Tensor]] = []

    def begin(self, number: int) -> None:
        """Get ready for step ``number``."""
        self._set_learning_rates(number)
        self.adam.zero_grad(set_to_none=True)
        self.terms = []

    def add(self, losses: LossTerms) -> None:
        """Add the gradients of one part of the batch."""
        self.terms.append({name: term.detach() for name, term in losses.terms.items()})
        total = losses.total / self.config.accumulation
        torch.autograd.backward(self.scaler.scale(total))

    def finish(self) -> Losses:
        """Take the step and return the losses, means over parts and processes.

        Raises:
            FloatingPointError: a loss or gradient is not finite; the weights are then left as they are.
        """
        values = self._mean_losses()
        require_finite(values)
        for gradient in self._gradients():
            self.processes.mean(gradient)
        self.scaler.unscale_(self.adam)
        self._check_and_clip()
        self.scaler.step(self.adam)
        self.scaler.update()
        return values

    def _mean_losses(self) -> Losses:
        rows = torch.stack([torch.stack([term.float() for term in part.values()]) for part in self.terms])
        means = self.processes.mean(rows.mean(0))
        return dict(zip(self.terms[0], means.tolist(), strict=True))

    def _set_learning_rates(self, number: int) -> None:
        epoch = number / self.total_steps * self.config.epochs
        decay = 0.1 ** sum(epoch >= milestone for milestone in self.config.milestones)
        warmth = min(1.0, (number + 1) / (self.config.warmup_steps + 1))
        for group, (_, rate) in zip(self.adam.param_groups, self.networks, strict=True):
            group["lr"] = rate * decay * warmth

    def _gradients(self) -> list[Tensor]:
        return [weight.grad for weight in self._weights() if weight.grad is not None]

    def _weights(self) -> list[nn.Parameter]:
        return [weight for network, _ in self.networks for weight in network.parameters()]

    def _check_and_clip(self) -> None:
        """Refuse gradients that are no numbers, but for those that a smaller scale of float16 may mend."""
        norm = nn.utils.get_total_norm(self._gradients())
        if not self.scaler.is_enabled() or self.scaler.get_scale() < SMALLEST_SCALE:
            require_finite({"gradient": float(norm)})
        if self.config.clip_norm > 0:
            nn.utils.clip_grads_with_norm_(self._weights(), self.config.clip_norm, norm)

    def state(self) -> dict[str, Any]:
        """Return what a resumed run needs beside the networks."""
        return self.adam.state_dict() | (
            {"scaler": self.scaler.state_dict()} if self.scaler.is_enabled() else {}
        )

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state that `state` gave; learning rates come from the config."""
        self.adam.load_state_dict({name: state[name] for name in ("state", "param_groups")})
        for group in self.adam.param_groups:  # as this version steps, whichever wrote the state
            group.update(fused=True, foreach=None)
        if self.scaler.is_enabled() and "scaler" in state:
            self.scaler.load_state_dict(state["scaler"])


def require_finite(values: Losses) -> None:
    """Make sure that all are numbers.

    Raises:
        FloatingPointError: one is not; it is named.
    """
    for name, value in values.items():
        if not math.isfinite(value):
            raise FloatingPointError(f"{name} is not a finite number")
