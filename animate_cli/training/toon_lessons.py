"""What the toons' own detectors learn from: toons drawn for each step, looked at several times."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from animate_cli.data.photometric import photometric
from animate_cli.data.seeding import numbered_generator
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.trees import join
from animate_cli.data.toons.values import ToonFrame
from animate_cli.toon_networks import NETWORK_SIZE

LOOKS = 3
"""Lessons that are made of one drawing; drawing takes as long as learning."""
LARGE_FROM = 0.94
"""From this share of the steps on, pictures are drawn at twice the networks' size, as results are."""
DISGUISE = 0.3
CLOSEST = 1.35
"""How much nearer a drawing is looked at again, at most."""
OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class NetworkOptions:
    """A run: whose networks, its length, and how many toons a step shows, each in two poses."""

    out: Path
    family: str = "toon-face"
    steps: int = 3000
    batch_size: int = 16
    seed: int = 500_000_003
    learning_rate: float = 2e-3
    workers: int = 1


class Lesson(NamedTuple):
    """What a step learns from: pictures [2 B, 3, H, W], the second half showing the first's toons again.

    disguised: for the landmarks. portraits: before other backgrounds, for the identity. landmarks:
    [2 B, L, 2] in [-1, 1]. visible: [2 B, L] bool.
    """

    disguised: Tensor
    portraits: Tensor
    landmarks: Tensor
    visible: Tensor


class Lessons(Dataset[Lesson]):
    """Lesson n, always the same for a seed; no identity of a test split is among them."""

    def __init__(self, options: NetworkOptions, first: int = 0) -> None:
        self.options = options
        self.first = first
        self._drawn: tuple[int, ToonFrame] | None = None

    def __len__(self) -> int:
        return max(0, self.options.steps - self.first)

    def __getitem__(self, index: int) -> Lesson:
        """Look at a drawing: first as it is, then nearer, mirrored or not."""
        number = self.first + index
        generator = numbered_generator(f"{self.options.family} looks", self.options.seed, number)
        frame = self._draw(number // LOOKS)
        if number % LOOKS:
            frame = look_again(frame, generator, FAMILIES[self.options.family].landmarks)
        return Lesson(
            photometric(frame.image, generator, DISGUISE),
            elsewhere(frame, generator),
            frame.landmarks,
            frame.visible,
        )

    def _draw(self, number: int) -> ToonFrame:
        if self._drawn is None or self._drawn[0] != number:
            self._drawn = number, draw(self.options, number)
        return self._drawn[1]


def draw(options: NetworkOptions, number: int) -> ToonFrame:
    """Draw toons [2 B], each in two poses."""
    family = FAMILIES[options.family]
    generator = numbered_generator(f"{family.name} networks", options.seed, number)
    who = family.random_identity(generator, options.batch_size)
    poses = join(*family.random_pose_pairs(generator, options.batch_size))
    large = number * LOOKS >= LARGE_FROM * options.steps
    return family.render(join(who, who), poses, NETWORK_SIZE * (2 if large else 1))


def look_again(frame: ToonFrame, generator: torch.Generator, names: tuple[str, ...]) -> ToonFrame:
    """Look at toons [B] from nearer, off the middle, half of the time mirrored."""
    count = len(frame.image)
    zoom = 1 + torch.rand(count, 1, generator=generator) * (CLOSEST - 1)
    centre = (torch.rand(count, 2, generator=generator) * 2 - 1) * (1 - 1 / zoom)
    flip = torch.ones(2)
    if torch.rand((), generator=generator) < 0.5:
        flip[0] = -1
        order = [names.index(mirrored(name)) for name in names]
        frame = frame._replace(landmarks=frame.landmarks[:, order], visible=frame.visible[:, order])
    landmarks = (frame.landmarks - centre[:, None]) * zoom[:, None] * flip
    matrix = torch.cat([torch.diag_embed(flip / zoom), centre[..., None]], 2)
    layers = torch.cat([frame.image, frame.mask[:, None]], 1)
    places = F.affine_grid(matrix, list(layers.shape), align_corners=True)
    seen = F.grid_sample(layers, places, padding_mode="border", align_corners=True)
    inside = (landmarks.abs() <= 1).all(-1)
    return ToonFrame(seen[:, :3], seen[:, 3], landmarks, frame.visible & inside)


def mirrored(name: str) -> str:
    """Return what a landmark is called in a mirror: left and right are the subject's."""
    return "_".join(OTHER_SIDE.get(word, word) for word in name.split("_"))


def elsewhere(frame: ToonFrame, generator: torch.Generator) -> Tensor:
    """Put toons [2 B] before something else: a third before another picture, a third before a colour."""
    count = len(frame.image)
    order = (torch.arange(count) + torch.randint(1, count, (count,), generator=generator)) % count
    plain = torch.rand(count, 3, 1, 1, generator=generator).expand_as(frame.image)
    kind = torch.randint(0, 3, (count, 1, 1, 1), generator=generator)
    behind = torch.where(kind == 0, frame.image[order], torch.where(kind == 1, plain, frame.image))
    return torch.lerp(behind, frame.image, frame.mask[:, None])
