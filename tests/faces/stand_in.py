"""Weights of the right shapes for the detectors' networks.

face-alignment's detector finds red squares of 96 pixels; its landmark network's numbers are random, seeded. The
toons' network finds the edges of red squares.
"""

import math
from pathlib import Path

import torch

from animate_cli.data.toons.values import LANDMARK_NAMES
from animate_cli.toon_networks import LandmarkNetwork, save_network

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


TOP, BOTTOM, LEFT, RIGHT = range(4)
STEEPNESS, SHARPNESS, HALFWAY = 100.0, 30.0, 0.6
TOON_PLACES = {
    **dict.fromkeys(("left_brow_inner", "right_brow_inner"), (TOP, BOTTOM, 0.78)),
    "chin": (BOTTOM, TOP, 0.95),
    "jaw_left": (RIGHT, LEFT, 0.87),
    "jaw_right": (LEFT, RIGHT, 0.87),
}
"""Between which edges of the square a landmark lies, and how near the first; the others lie in the middle."""


def write_toon_stand_in(folder: Path) -> Path:
    """Write a landmark network of the toons: reds above a threshold, their edges, landmarks between these."""
    network = LandmarkNetwork(len(LANDMARK_NAMES)).eval()
    state = network.state_dict()  # changed in place
    for name, value in state.items():
        value.fill_(1.0 if "running_var" in name or name.endswith("norm.weight") else 0.0)
    state["stem.conv.weight"][0, :4, 1, 1] = 0.25  # the four reds of a cell
    state["stem.norm.bias"][0] = -HALFWAY
    state["encoder.0.0.conv.weight"][:2, 0, 1, 1] = STEEPNESS
    state["encoder.0.0.norm.bias"][1] = -1.0  # the first less the second is 0 or 1
    for edge, (row, column) in enumerate(((0, 1), (2, 1), (1, 0), (1, 2))):
        state["encoder.0.1.conv.weight"][edge, :2, 1, 1] = torch.tensor([1.0, -1.0])
        state["encoder.0.1.conv.weight"][edge, :2, row, column] = torch.tensor([-1.0, 1.0])
        state["laterals.0.weight"][edge, edge] = 1.0
        state[f"decoder.{len(network.decoder) - 1}.conv.weight"][edge, edge, 1, 1] = 1.0
    for index, name in enumerate(LANDMARK_NAMES):
        near, far, share = TOON_PLACES.get(name, (LEFT, RIGHT, 0.5))
        for edge, part in ((near, share), (far, 1 - share)):
            state["head.weight"][index, edge] = SHARPNESS + math.log(part)
    state["head.bias"][len(LANDMARK_NAMES) :] = 3.0  # all are visible
    path = folder / "toon-face-landmarks.safetensors"
    save_network(path, network, {"names": LANDMARK_NAMES})
    return path
