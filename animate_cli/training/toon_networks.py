"""Train the toons' own detectors on their exact truth: landmarks with visibility, and identity."""

from collections.abc import Iterator
from math import cos, pi
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader

from animate_cli.acceleration import channels_last
from animate_cli.data.toons.families import FAMILIES
from animate_cli.files import atomic_path
from animate_cli.toon_networks import (
    IdentityNetwork,
    LandmarkNetwork,
    NetworkKind,
    cell_centres,
    read_heatmaps,
    save_network,
)
from animate_cli.training.toon_lessons import Lesson, Lessons, NetworkOptions

TEMPERATURE = 0.1
WARM_UP = 100
DECAY_FROM = 0.5
"""From this share of the steps on, the learning rate falls to nothing."""
SPREAD = 1.0
"""Of the heatmaps that are wanted, in cells."""
PIXELS = 255 / 2
"""Pixels at 256 px that one unit of a landmark's coordinates is."""


class NetworkTraining:
    """Both networks, trained side by side on the same toons; `restore` goes on from a checkpoint."""

    def __init__(self, options: NetworkOptions) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.landmarks = channels_last(LandmarkNetwork(len(FAMILIES[options.family].landmarks)))
        self.identity = channels_last(IdentityNetwork())
        parameters = [*self.landmarks.parameters(), *self.identity.parameters()]
        self.adam = torch.optim.Adam(parameters, lr=options.learning_rate, betas=(0.9, 0.99))
        self.step = 0

    @property
    def checkpoint(self) -> Path:
        """Where the run's state is kept."""
        return self.options.out / f"{self.options.family}-networks.pt"

    def restore(self) -> bool:
        """Go on from the checkpoint, if there is one."""
        if not self.checkpoint.is_file():
            return False
        state = torch.load(self.checkpoint, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.step = state["step"]
        return True

    def save(self) -> None:
        """Write the checkpoint and both networks."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        with atomic_path(self.checkpoint) as temporary:
            torch.save({**state, "step": self.step}, temporary)
        save_network(
            self._path("landmarks"), self.landmarks, {"names": FAMILIES[self.options.family].landmarks}
        )
        save_network(self._path("identity"), self.identity)

    def _path(self, kind: NetworkKind) -> Path:
        return self.options.out / f"{self.options.family}-{kind}.safetensors"

    def _parts(self) -> dict[str, Any]:
        return {"landmarks": self.landmarks, "identity": self.identity, "adam": self.adam}

    def run(self, report_every: int = 50) -> Iterator[dict[str, float]]:
        """Train to the end, yielding mean losses and saving every ``report_every`` steps."""
        seen: list[dict[str, float]] = []
        lessons = Lessons(self.options, self.step)
        for lesson in DataLoader(lessons, batch_size=None, num_workers=self.options.workers):
            seen.append({name: float(loss) for name, loss in self._advance(Lesson(*lesson)).items()})
            if self.step % report_every == 0 or self.step == self.options.steps:
                self.save()
                yield {"step": self.step, **{name: fmean(one[name] for one in seen) for name in seen[0]}}
                seen = []

    def _advance(self, lesson: Lesson) -> dict[str, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            log_places, seen = self.landmarks.heatmaps(lesson.disguised)
            embedded = self.identity(lesson.portraits)
        found = read_heatmaps(log_places, seen, lesson.disguised.shape[-2:])
        losses = {
            "pixels": mean_pixels(found.value, lesson.landmarks, lesson.visible),
            "heatmaps": heatmap_loss(log_places, lesson.landmarks, lesson.visible),
            "visibility": F.binary_cross_entropy(
                found.visibility.clamp(1e-4, 1 - 1e-4), lesson.visible.float()
            ),
            "identity": tell_apart(embedded),
        }
        weights = {"pixels": 0.3, "heatmaps": 1.0, "visibility": 1.0, "identity": 1.0}
        self.adam.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack([weights[name] * loss for name, loss in losses.items()]).sum())
        for network in (self.landmarks, self.identity):
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        for group in self.adam.param_groups:
            group["lr"] = self.options.learning_rate * pace(self.step, self.options.steps)
        self.adam.step()
        self.step += 1
        return {name: loss.detach() for name, loss in losses.items()}


def pace(step: int, steps: int) -> float:
    """Return the share of the full learning rate: it rises for 100 steps, stays, and falls at the end.

    A run may be made longer before the fall begins.
    """
    falling = max(0.0, (step / steps - DECAY_FROM) / (1 - DECAY_FROM))
    return min(1.0, (step + 1) / WARM_UP) * (1 + cos(pi * falling)) / 2


def mean_pixels(found: Tensor, truth: Tensor, visible: Tensor) -> Tensor:
    """Return the mean distance of landmarks [..., 2] from the visible truth, in pixels at 256 px."""
    known = torch.where(visible[..., None], truth, 0.0)
    distance = ((found - known).square().sum(-1) + 1e-7).sqrt() * PIXELS
    return (distance * visible).sum() / visible.sum().clamp_min(1)


def heatmap_loss(log_places: Tensor, truth: Tensor, visible: Tensor) -> Tensor:
    """Return the cross entropy of heatmaps [B, L, h, w] with bumps at the visible landmarks [B, L, 2]."""
    size = log_places.shape[-1]
    distance = (cell_centres(size) - truth[..., None]) * (size / 2 / SPREAD)
    across, down = torch.softmax(-distance.square() / 2, dim=-1).unbind(2)
    entropy = -((log_places @ across[..., None])[..., 0] * down).sum(-1)
    return (entropy * visible).sum() / visible.sum().clamp_min(1)


def tell_apart(embedded: Tensor) -> Tensor:
    """Return how hard it is to find each toon's other picture: cross entropy over the batch [2 B, D]."""
    likeness = embedded @ embedded.T / TEMPERATURE
    likeness = likeness.masked_fill(torch.eye(len(embedded), dtype=torch.bool), -torch.inf)
    others = torch.arange(len(embedded)).roll(len(embedded) // 2)
    return F.cross_entropy(likeness, others)
