"""The reference data of the published model, where a checkout has it beside itself."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from animate_cli.config import DiscriminatorConfig
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.values import DenseMotion, Keypoints, Prediction
from animate_cli.training.equivariance import RandomWarp
from animate_cli.training.losses import Step

FOLDER = Path(__file__).parents[2].parent / "shared" / "golden" / "fomm-tiny-a"
TOLERANCE = 2e-4
needs_reference = pytest.mark.skipif(not FOLDER.exists(), reason="the reference data is not here")


class Reference:
    """The arrays of one reference, as tensors."""

    def __init__(self) -> None:
        self.arrays = np.load(FOLDER / "reference.npz")

    def __getitem__(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])

    def keypoints(self, name: str) -> Keypoints:
        return Keypoints(self[f"kp_{name}_value"], self[f"kp_{name}_jacobian"])

    def warp(self) -> RandomWarp:
        return RandomWarp(self["transform_theta"], self["transform_control_params"])

    def warped_keypoints(self) -> Keypoints:
        return Keypoints(self["transform_keypoints"], self["transform_keypoints_jacobian"])

    def step(self) -> Step:
        """The forward pass on source and driving[1:3]."""
        driving = self["driving"][1:3].permute(0, 3, 1, 2) / 255
        keypoints = Keypoints(*(part[1:3] for part in self.keypoints("driving")))
        image = self["align_corners_true/absolute/prediction"][1:3]
        nothing = DenseMotion(image[:0], image[:0], (), image[:0])
        prediction = Prediction(image, image, nothing)
        return Step(driving, driving, prediction, self.keypoints("source"), keypoints)

    def discriminator(self) -> Discriminator:
        """The discriminator, its published names turned into ours."""
        config = DiscriminatorConfig(base_channels=6, max_channels=20, num_blocks=4, keypoint_heatmaps=True)
        network = Discriminator(config, 10)
        saved = torch.load(FOLDER / "checkpoint.pth.tar", weights_only=True, map_location="cpu")
        renamed = {rename(name): value for name, value in saved["discriminator"].items()}
        network.load_state_dict(renamed)
        return network.eval()


def rename(name: str) -> str:
    return name.replace("discs.1.down_blocks", "blocks").replace("discs.1.conv", "head")
