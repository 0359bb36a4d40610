"""How well a model does on pictures that it does not train on, as the run goes on."""

from typing import NamedTuple

import torch

from animate_cli.data.pairs import PairSource
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.reconstruct import reconstruct
from animate_cli.training.step import to_device

SAMPLES = 64
"""About as many pairs are tested on."""


class HeldOutPairs(NamedTuple):
    """Fixed pairs to test on: those of a source's batches from number ``first`` on."""

    pairs: PairSource
    batch_size: int
    first: int = 0

    @torch.no_grad()
    def measure(self, model: MotionModel) -> float:
        """Return the mean absolute difference, in [0, 1], between the predictions of a model and the truth."""
        device = next(model.parameters()).device
        errors = []
        for number in range(max(1, SAMPLES // self.batch_size)):
            batch = to_device(self.pairs.batch(self.first + number, model.config.size), device)
            predicted = reconstruct(model, batch).prediction.image
            errors.append((predicted - batch.target).abs().mean(dtype=torch.float64))
        return float(torch.stack(errors).mean())
