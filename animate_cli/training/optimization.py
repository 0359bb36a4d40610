"""Update networks from their losses: Adam with a step schedule, and a halt before a bad update."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from animate_cli.config import OptimizerConfig
from animate_cli.training.losses import LossTerms

Losses = dict[str, float]


class Updates:
    """The updates of one or more networks, each with its learning rate."""

    def __init__(
        self, config: OptimizerConfig, total_steps: int, networks: Iterable[tuple[nn.Module, float]]
    ) -> None:
        self.config = config
        self.total_steps = total_steps
        self.networks = list(networks)
        groups = [{"params": list(network.parameters()), "lr": rate} for network, rate in self.networks]
        self.adam = torch.optim.Adam(groups, betas=config.betas, fused=True)

    def run(self, losses: LossTerms, number: int) -> Losses:
        """Take step ``number`` down the losses and return them as numbers.

        Raises:
            FloatingPointError: a loss or gradient is not finite; the weights are then left as they are.
        """
        values = {name: float(term.detach()) for name, term in losses.terms.items()}
        require_finite(values)
        self._set_learning_rates(number)
        self.adam.zero_grad(set_to_none=True)
        torch.autograd.backward(losses.total)
        self._clip_gradients()
        self.adam.step()
        return values

    def _set_learning_rates(self, number: int) -> None:
        epoch = number / self.total_steps * self.config.epochs
        decay = 0.1 ** sum(epoch >= milestone for milestone in self.config.milestones)
        warmth = min(1.0, (number + 1) / (self.config.warmup_steps + 1))
        for group, (_, rate) in zip(self.adam.param_groups, self.networks, strict=True):
            group["lr"] = rate * decay * warmth

    def _clip_gradients(self) -> None:
        weights = [weight for network, _ in self.networks for weight in network.parameters()]
        gradients: list[Tensor] = [weight.grad for weight in weights if weight.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        require_finite({"gradient": float(norm)})
        if self.config.clip_norm > 0:
            nn.utils.clip_grads_with_norm_(weights, self.config.clip_norm, norm)

    def state(self) -> dict[str, Any]:
        """Return what a resumed run needs beside the networks."""
        return self.adam.state_dict()

    def restore(self, state: dict[str, Any]) -> None:
        """Take over a state that `state` gave; learning rates come from the config."""
        self.adam.load_state_dict(state)


def require_finite(values: Losses) -> None:
    """Make sure that all are numbers.

    Raises:
        FloatingPointError: one is not; it is named.
    """
    for name, value in values.items():
        if not math.isfinite(value):
            raise FloatingPointError(f"{name} is not a finite number")
