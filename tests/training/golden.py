"""The reference data of the published model, where a checkout has it beside itself."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from animate_cli.data.pairs import PairBatch
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.values import Keypoints
from animate_cli.training.equivariance import RandomWarp
from animate_cli.weights.published import import_discriminator, import_published

FOLDER = Path(__file__).parents[2].parent / "shared" / "golden" / "fomm-tiny-a"
CHECKPOINT = FOLDER / "checkpoint.pth.tar"
TOLERANCE = 2e-4
needs_reference = pytest.mark.skipif(not FOLDER.exists(), reason="the reference data is not here")


class Reference:
    """The arrays of one reference, as tensors, and the networks behind them."""

    def __init__(self) -> None:
        self.arrays = np.load(FOLDER / "reference.npz")

    def __getitem__(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name])

    def warp(self) -> RandomWarp:
        return RandomWarp(self["transform_theta"], self["transform_control_params"])

    def warped_keypoints(self) -> Keypoints:
        return Keypoints(self["transform_keypoints"], self["transform_keypoints_jacobian"])

    def batch(self) -> PairBatch:
        """The pairs of source and driving[1:3]."""
        driving = self["driving"][1:3].permute(0, 3, 1, 2) / 255
        source = self["source"].permute(2, 0, 1).expand(2, -1, -1, -1) / 255
        return PairBatch(source, driving, driving)

    def model(self) -> MotionModel:
        return import_published(CHECKPOINT, config=FOLDER / "config.yaml")[0]

    def discriminator(self) -> Discriminator:
        found = import_discriminator(CHECKPOINT)
        network = Discriminator(found.config, found.num_keypoints)
        network.load_state_dict(found.state)
        return network.eval()
