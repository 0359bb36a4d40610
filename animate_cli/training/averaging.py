"""Exponential moving average of a model's weights: what a run gives as its result."""

import torch

from animate_cli.model.motion_model import MotionModel


class AveragedModel:
    """Follow a model with decay d: average <- d average + (1 - d) model; counters are copied."""

    def __init__(self, model: MotionModel, decay: float) -> None:
        self.model = (
            MotionModel(model.config).to(next(model.parameters()).device).eval().requires_grad_(False)
        )
        self.model.load_state_dict(model.state_dict())
        self.decay = decay

    @torch.no_grad()
    def update(self, model: MotionModel, step: int) -> None:
        """Take one step; early steps average over fewer, so that the random start is forgotten."""
        decay = min(self.decay, (1 + step) / (10 + step))
        current = model.state_dict()
        pairs = [(average, current[name]) for name, average in self.model.state_dict().items()]
        real = [pair for pair in pairs if pair[0].is_floating_point()]
        torch._foreach_lerp_([average for average, _ in real], [value for _, value in real], 1 - decay)
        for average, value in pairs:
            if not average.is_floating_point():
                average.copy_(value)
