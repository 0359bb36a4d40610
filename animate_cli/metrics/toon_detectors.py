"""The toons' own networks as detectors, for whoever measures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from animate_cli.fast.blocks import quicken
from animate_cli.files import hash_file
from animate_cli.metrics.detectors import DetectorFacts
from animate_cli.metrics.values import Landmarks, Numbers, Picture
from animate_cli.toon_networks import (
    load_identity_network,
    load_landmark_network,
    network_path,
    read_facts,
)

AT_ONCE = 8
"""Pictures a network looks at together; more would only take memory."""

SURE = 0.5
"""A landmark that is less likely to be visible counts as not found."""


class ToonLandmarks:
    """Finds the landmarks of a family of toons."""

    def __init__(self, family: str, device: torch.device, folder: Path | None = None) -> None:
        """Load the shipped network, or that of a folder.

        Raises:
            WeightsError: it is missing or damaged.
        """
        path = network_path(family, "landmarks", folder)
        facts = read_facts(path)
        self.network, self.device = quicken(load_landmark_network(family, folder)).to(device), device
        names = tuple(map(str, facts.get("names", ())))
        self.facts = DetectorFacts(
            f"{family} landmarks",
            "landmarks",
            hash_file(path),
            facts.get("floor"),
            names,
            facts.get("note", ""),
        )

    @torch.inference_mode()
    def find(self, pictures: Picture) -> Landmarks:
        """See LandmarkDetector."""
        last = np.array(pictures.shape[2:0:-1]) - 1
        found = [self.network(images) for images in in_parts(pictures, self.device)]
        places = torch.cat([one.value for one in found]).double().cpu().numpy()
        seen = torch.cat([one.visibility for one in found]).cpu().numpy()
        return Landmarks((places + 1) / 2 * last, seen >= SURE, self.facts.names)


class ToonIdentity:
    """Tells the toons of a family apart."""

    def __init__(self, family: str, device: torch.device, folder: Path | None = None) -> None:
        """Load the shipped network, or that of a folder.

        Raises:
            WeightsError: it is missing or damaged.
        """
        path = network_path(family, "identity", folder)
        self.network, self.device = quicken(load_identity_network(family, folder)).to(device), device
        note = read_facts(path).get("note", "")
        self.facts = DetectorFacts(f"{family} identity", "identity", hash_file(path), note=note)

    @torch.inference_mode()
    def embed(self, pictures: Picture) -> Numbers:
        """See EmbeddingDetector."""
        embedded = torch.cat([self.network(images) for images in in_parts(pictures, self.device)])
        numbers: Numbers = embedded.double().cpu().numpy()
        return numbers


def in_parts(pictures: Picture, device: torch.device) -> Iterator[Tensor]:
    """Yield pictures uint8 [N, H, W, 3] as images [n, 3, H, W] in [0, 1], a few at once."""
    for start in range(0, len(pictures), AT_ONCE):
        part = np.ascontiguousarray(pictures[start : start + AT_ONCE])
        yield torch.from_numpy(part).to(device).permute(0, 3, 1, 2).float() / 255
