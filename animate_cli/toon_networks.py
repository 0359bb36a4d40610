"""The toons' own networks: landmarks with their visibility, and who it is. For measuring and finding faces.

They were trained on the exact truth of procedural toons, and no loss that trains a generator may use them.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from animate_cli.catalogue import BUNDLED_FOLDERS, cache_folder
from animate_cli.errors import WeightsError
from animate_cli.files import atomic_path
from animate_cli.model.blocks import ConvBlock, DownBlock
from animate_cli.model.grid import full_precision

Network = TypeVar("Network", bound=nn.Module)
NetworkKind = Literal["landmarks", "identity"]

NETWORK_SIZE = 128
EMBEDDING = 64
STEM = (12, 32)
WIDTHS = (32, 64, 128, 192)
"""Channels by level: at half the pictures' size, a quarter, ..."""
DECODED = 64


class FoundLandmarks(NamedTuple):
    """Landmarks [B, L, 2], (x, y) in [-1, 1], and how surely each is visible [B, L], in [0, 1]."""

    value: Tensor
    visibility: Tensor


class LandmarkNetwork(nn.Module):
    """A pyramid on pictures of 128 px; the means of its heatmaps, of 64 x 64 cells, are the landmarks."""

    def __init__(self, num_landmarks: int) -> None:
        super().__init__()
        self.num_landmarks = num_landmarks
        self.encoder = nn.ModuleList(
            nn.Sequential(ConvBlock(inner, outer), ConvBlock(outer, outer))
            for inner, outer in pairwise((STEM[-1], *WIDTHS))
        )
        self.stem = ConvBlock(*STEM)
        self.laterals = nn.ModuleList(nn.Conv2d(width, DECODED, 1) for width in WIDTHS)
        self.decoder = nn.ModuleList(ConvBlock(DECODED, DECODED) for _ in WIDTHS[1:])
        self.head = nn.Conv2d(DECODED, 2 * num_landmarks, 1)

    def heatmaps(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log probability of each landmark's cell, and how visible it would be there [B, L, 64, 64].

        Pictures are [B, 3, H, W] in [0, 1]; the second is a logit.
        """
        x = self.stem(F.pixel_unshuffle(to_network_size(pictures), 2))
        sides = []
        for level, (blocks, lateral) in enumerate(zip(self.encoder, self.laterals, strict=True)):
            x = blocks(F.max_pool2d(x, 2) if level else x)
            sides.append(lateral(x))
        x = sides.pop()
        for block in self.decoder:
            x = block(F.interpolate(x, scale_factor=2.0) + sides.pop())
        places, seen = self.head(x).float().chunk(2, dim=1)
        return torch.log_softmax(places.flatten(2), dim=-1).view_as(places), seen

    def forward(self, pictures: Tensor) -> FoundLandmarks:
        """Find the landmarks of pictures [B, 3, H, W] in [0, 1]."""
        return read_heatmaps(*self.heatmaps(pictures), size=pictures.shape[-2:])


def read_heatmaps(log_places: Tensor, seen: Tensor, size: Sequence[int]) -> FoundLandmarks:
    """Read the landmarks of pictures of (height, width) off their heatmaps [B, L, h, w].

    A cell covers an area, and the landmarks' coordinates count from the centres of the picture's outer pixels.
    """
    with full_precision(log_places):
        places = log_places.exp()
        means = [
            marginal @ cell_centres(marginal.shape[-1]).to(marginal) * (pixels / (pixels - 1))
            for marginal, pixels in ((places.sum(2), size[1]), (places.sum(3), size[0]))
        ]
        return FoundLandmarks(torch.stack(means, -1), torch.sigmoid((places * seen).sum((2, 3))))


def cell_centres(count: int) -> Tensor:
    """Return the centres [count] of the cells that share [-1, 1]."""
    return (torch.arange(count) * 2 + 1) / count - 1


class IdentityNetwork(nn.Module):
    """A small encoder whose unit vectors are near for pictures of one toon, and far for two."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = DownBlock(*STEM)
        self.blocks = nn.Sequential(*(DownBlock(inner, outer) for inner, outer in pairwise(WIDTHS)))
        self.head = nn.Linear(WIDTHS[-1], EMBEDDING)

    def forward(self, pictures: Tensor) -> Tensor:
        """Embed pictures [B, 3, H, W] in [0, 1] as unit vectors [B, 64]."""
        features = self.blocks(self.stem(F.pixel_unshuffle(to_network_size(pictures), 2)))
        return F.normalize(self.head(features.float().mean((2, 3))).float(), dim=1)


def to_network_size(pictures: Tensor) -> Tensor:
    """Bring pictures [B, 3, H, W] to the networks' size, averaging as they shrink."""
    if pictures.shape[-2:] == (NETWORK_SIZE, NETWORK_SIZE):
        return pictures
    size = (NETWORK_SIZE, NETWORK_SIZE)
    return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False, antialias=True)


def save_network(path: Path, network: nn.Module, facts: Mapping[str, object] | None = None) -> None:
    """Write a network's tensors, kernels in float16, with facts about it (values that JSON can hold).

    Raises:
        WeightsError: the file cannot be written.
    """
    state = {
        name: tensor.half().contiguous() if tensor.is_floating_point() and tensor.ndim > 1 else tensor
        for name, tensor in network.state_dict().items()
    }
    try:
        with atomic_path(path) as temporary:
            save_file(state, temporary, {key: json.dumps(value) for key, value in (facts or {}).items()})
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be written ({error})") from None


def load_landmark_network(family: str, folder: Path | None = None) -> LandmarkNetwork:
    """Load the shipped landmark network of a family of toons, in evaluation mode.

    Raises:
        WeightsError: there is none, or its file is damaged.
    """
    state = _read(network_path(family, "landmarks", folder))
    network = LandmarkNetwork(len(state["head.bias"]) // 2)
    return _filled(network, state)


def load_identity_network(family: str, folder: Path | None = None) -> IdentityNetwork:
    """Load the shipped identity network of a family of toons, in evaluation mode.

    Raises:
        WeightsError: there is none, or its file is damaged.
    """
    return _filled(IdentityNetwork(), _read(network_path(family, "identity", folder)))


def network_path(family: str, kind: NetworkKind, folder: Path | None = None) -> Path:
    """Return the file of a family's network: in a folder, or as it was shipped, or in the folder for weights.

    Raises:
        WeightsError: there is none.
    """
    name = f"{family}-{kind}.safetensors"
    folders = (*BUNDLED_FOLDERS, cache_folder()) if folder is None else (folder,)
    path = next((place / name for place in folders if (place / name).is_file()), None)
    if path is None:
        places = " and ".join(map(str, folders))
        raise WeightsError(f"{name} is missing from {places}; install the package again")
    return path


def read_facts(path: Path) -> dict[str, Any]:
    """Read the facts that were written with a network.

    Raises:
        WeightsError: its file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            return {key: json.loads(value) for key, value in (file.metadata() or {}).items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"{path}: damaged ({error}); install the package again") from None


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path}: damaged ({error}); install the package again") from None


def _filled(network: Network, state: dict[str, Tensor]) -> Network:
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except RuntimeError as error:
        raise WeightsError(
            f"a network of the toons does not fit its file ({error}); install the package again"
        ) from None
    return network.eval()
