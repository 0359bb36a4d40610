"""The toons' own detectors: landmarks with their visibility, and who it is. For measuring only.

They were trained on the exact truth of procedural toons, and no loss that trains a generator may use them.
"""

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from animate_cli.catalogue import BUNDLED_FOLDERS
from animate_cli.errors import WeightsError
from animate_cli.files import atomic_path
from animate_cli.model.blocks import DownBlock, UNet
from animate_cli.model.grid import coordinate_grid, full_precision

Network = TypeVar("Network", bound=nn.Module)

NETWORK_SIZE = 128
EMBEDDING = 64


class FoundLandmarks(NamedTuple):
    """Landmarks [B, L, 2], (x, y) in [-1, 1], and how surely each is visible [B, L], in [0, 1]."""

    value: Tensor
    visibility: Tensor


class LandmarkNetwork(nn.Module):
    """A U-Net on pictures of 128 px whose heatmaps' means are the landmarks."""

    def __init__(self, num_landmarks: int) -> None:
        super().__init__()
        self.unet = UNet(3, 16, 128, 5)
        self.heatmap_head = nn.Conv2d(self.unet.out_channels, num_landmarks, 3, padding=1)
        self.visibility_head = nn.Conv2d(self.unet.out_channels, num_landmarks, 3, padding=1)

    def forward(self, pictures: Tensor) -> FoundLandmarks:
        """Find the landmarks of pictures [B, 3, H, W] in [0, 1]."""
        features = self.unet(to_network_size(pictures))
        logits, maps = self.heatmap_head(features), self.visibility_head(features)
        with full_precision(pictures):
            heatmaps = torch.softmax(logits.float().flatten(2), dim=-1)
            grid = coordinate_grid(*logits.shape[-2:], like=heatmaps).flatten(0, 1)
            seen = torch.sigmoid((heatmaps * maps.float().flatten(2)).sum(-1))
            return FoundLandmarks(heatmaps @ grid, seen)


class IdentityNetwork(nn.Module):
    """A small encoder whose unit vectors are near for pictures of one toon, and far for two."""

    def __init__(self) -> None:
        super().__init__()
        widths = (3, 32, 64, 128, 160, 192)
        self.blocks = nn.Sequential(*(DownBlock(inner, outer) for inner, outer in pairwise(widths)))
        self.head = nn.Linear(widths[-1], EMBEDDING)

    def forward(self, pictures: Tensor) -> Tensor:
        """Embed pictures [B, 3, H, W] in [0, 1] as unit vectors [B, 64]."""
        features = self.blocks(to_network_size(pictures)).float().mean((2, 3))
        return F.normalize(self.head(features).float(), dim=1)


def to_network_size(pictures: Tensor) -> Tensor:
    """Bring pictures [B, 3, H, W] to the networks' size, averaging as they shrink."""
    if pictures.shape[-2:] == (NETWORK_SIZE, NETWORK_SIZE):
        return pictures
    size = (NETWORK_SIZE, NETWORK_SIZE)
    return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False, antialias=True)


def save_network(path: Path, network: nn.Module) -> None:
    """Write a network's tensors, kernels in float16.

    Raises:
        WeightsError: the file cannot be written.
    """
    state = {
        name: tensor.half().contiguous() if tensor.is_floating_point() and tensor.ndim > 1 else tensor
        for name, tensor in network.state_dict().items()
    }
    try:
        with atomic_path(path) as temporary:
            save_file(state, temporary)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be written ({error})") from None


def load_landmark_network(family: str, folder: Path | None = None) -> LandmarkNetwork:
    """Load the shipped landmark network of a family of toons, in evaluation mode.

    Raises:
        WeightsError: there is none, or its file is damaged.
    """
    state = _read(f"{family}-landmarks.safetensors", folder)
    network = LandmarkNetwork(len(state["heatmap_head.bias"]))
    return _filled(network, state)


def load_identity_network(family: str, folder: Path | None = None) -> IdentityNetwork:
    """Load the shipped identity network of a family of toons, in evaluation mode.

    Raises:
        WeightsError: there is none, or its file is damaged.
    """
    return _filled(IdentityNetwork(), _read(f"{family}-identity.safetensors", folder))


def _read(name: str, folder: Path | None) -> dict[str, Tensor]:
    folders = BUNDLED_FOLDERS if folder is None else (folder,)
    path = next((place / name for place in folders if (place / name).is_file()), None)
    if path is None:
        raise WeightsError(f"{name} is missing from {folders[-1]}; install the package again")
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
