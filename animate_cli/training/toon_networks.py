"""Train the toons' own detectors on their exact truth: landmarks with visibility, and identity."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.acceleration import channels_last
from animate_cli.data.photometric import photometric
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_pose_pairs
from animate_cli.data.toons.render import render
from animate_cli.data.toons.trees import join
from animate_cli.data.toons.values import LANDMARK_NAMES, ToonFrame
from animate_cli.files import atomic_path
from animate_cli.metrics.toon_networks import NETWORK_SIZE, IdentityNetwork, LandmarkNetwork, save_network
from animate_cli.training.supervision import masked_distance

TEMPERATURE = 0.1
LARGE_FROM = 0.8
"""From this share of the steps on, pictures are drawn at twice the networks' size, as results are."""
DISGUISE = 0.3


@dataclass(frozen=True)
class NetworkOptions:
    """A run: its length, and how many toons a step draws, each in two poses."""

    out: Path
    steps: int = 1200
    batch_size: int = 12
    seed: int = 500_000_003
    learning_rate: float = 1.5e-3


class NetworkTraining:
    """Both networks, trained side by side on the same pictures; `restore` goes on from a checkpoint."""

    def __init__(self, options: NetworkOptions) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.landmarks = channels_last(LandmarkNetwork(len(LANDMARK_NAMES)))
        self.identity = channels_last(IdentityNetwork())
        parameters = [*self.landmarks.parameters(), *self.identity.parameters()]
        self.adam = torch.optim.Adam(parameters, lr=options.learning_rate, betas=(0.9, 0.99))
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.adam, options.learning_rate, total_steps=options.steps, pct_start=0.1
        )
        self.step = 0

    @property
    def checkpoint(self) -> Path:
        """Where the run's state is kept."""
        return self.options.out / "networks.pt"

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
        save_network(self.options.out / "toon-face-landmarks.safetensors", self.landmarks)
        save_network(self.options.out / "toon-face-identity.safetensors", self.identity)

    def _parts(self) -> dict[str, Any]:
        return {
            "landmarks": self.landmarks,
            "identity": self.identity,
            "adam": self.adam,
            "schedule": self.schedule,
        }

    def run(self, report_every: int = 50) -> Iterator[dict[str, float]]:
        """Train to the end, yielding mean losses and saving every ``report_every`` steps."""
        seen: list[dict[str, float]] = []
        while self.step < self.options.steps:
            seen.append({name: float(loss.detach()) for name, loss in self._advance().items()})
            if self.step % report_every == 0 or self.step == self.options.steps:
                self.save()
                yield {"step": self.step, **{name: fmean(one[name] for one in seen) for name in seen[0]}}
                seen = []

    def _advance(self) -> dict[str, Tensor]:
        size = NETWORK_SIZE * (2 if self.step >= LARGE_FROM * self.options.steps else 1)
        frame, pictures = draw(self.options, self.step, size)
        with torch.autocast("cpu", torch.bfloat16):
            found, embedded = self.landmarks(pictures), self.identity(frame.image)
        seen = frame.visible.float()
        hidden = (1 - seen) * (frame.landmarks.abs() <= 1).all(-1) * 0.1
        losses = {
            "landmarks": 20 * masked_distance(found.value, frame.landmarks, seen + hidden),
            "visibility": F.binary_cross_entropy(found.visibility.clamp(1e-4, 1 - 1e-4), seen),
            "identity": tell_apart(embedded),
        }
        self.adam.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        torch.nn.utils.clip_grad_norm_(self.landmarks.parameters(), 10.0)
        self.adam.step()
        self.schedule.step()
        self.step += 1
        return losses


def draw(options: NetworkOptions, step: int, size: int) -> tuple[ToonFrame, Tensor]:
    """Draw a step's toons in two poses each [2 B], and their pictures in disguise."""
    generator = numbered_generator("toon networks", options.seed, step)
    who = random_identity(generator, options.batch_size)
    first, second = random_pose_pairs(generator, options.batch_size)
    frame = render(join(who, who), join(first, second), size)
    return frame, photometric(frame.image, generator, DISGUISE)


def tell_apart(embedded: Tensor) -> Tensor:
    """Return how hard it is to find each toon's other picture: cross entropy over the batch [2 B, D]."""
    likeness = embedded @ embedded.T / TEMPERATURE
    likeness.fill_diagonal_(-torch.inf)
    others = torch.arange(len(embedded)).roll(len(embedded) // 2)
    return F.cross_entropy(likeness, others)
