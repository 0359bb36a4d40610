"""Weights of the right shapes for face-alignment's networks.

The detector finds red squares of 96 pixels. The landmark network's numbers are random, seeded.
"""

import math
from pathlib import Path

import torch

NAME, LANDMARKS = "s3fd-619a316812.pth", "2DFAN4-11f355bf06.pth.tar"
SIDE, STEP = 96, 32
"""Side of what it finds, and the grid that squares must lie on."""

RED = 255 - 123
"""What is left of full red when the mean is taken off."""


def write_stand_in(home: Path) -> Path:
    """Write the weights into the hub cache of a torch home.

    Every layer passes feature 0, which is red, on; the head for faces of 128 pixels adds up 3x3 cells of 32
    pixels and says yes where all are red. Its boxes undo the shift of two cells that the layer before it makes.
    """
    from face_alignment.detection.sfd.net_s3fd import s3fd

    network = s3fd()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.fill_(1.0 if "norm.weight" in name else 0.0)
            if name.endswith("conf.bias"):
                parameter[-1] = -50.0  # no face
            elif name.endswith("weight") and parameter.ndim == 4 and "mbox" not in name:
                parameter[0, 2 if name.startswith("conv1_1") else 0].fill_(0)
                middle = parameter.shape[-1] // 2
                parameter[0, 2 if name.startswith("conv1_1") else 0, middle, middle] = 1.0
        network.fc7_mbox_conf.weight[1, 0].fill_(0.1)
        network.fc7_mbox_conf.bias[1] = -0.1 * RED * 7.5
        network.fc7_mbox_loc.bias[:] = torch.tensor([-5.0, -5.0, *[math.log(SIDE / 128) / 0.2] * 2])
    path = home / "hub" / "checkpoints" / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), path)
    return path


def write_landmark_stand_in(home: Path, sureness: float = 2.0) -> Path:
    """Write a landmark network into the hub cache of a torch home; its peaks are about as high as ``sureness``."""
    from face_alignment.models import FAN

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = FAN(4)
    with torch.no_grad():
        network.l3.bias.fill_(sureness)
    path = home / "hub" / "checkpoints" / LANDMARKS
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({name: value.half() for name, value in network.state_dict().items()}, path)
    return path
