"""Draw toon-animals, and tell the true motion between their poses."""

from torch import Tensor

from animate_cli.data.toons.animals.figure import animal_figure
from animate_cli.data.toons.animals.identity import AnimalIdentity
from animate_cli.data.toons.animals.pose import AnimalPose
from animate_cli.data.toons.figures import draw, follow
from animate_cli.data.toons.values import ToonFrame


def render(identity: AnimalIdentity, pose: AnimalPose, size: int) -> ToonFrame:
    """Draw every animal in its pose at size x size; landmarks are ANIMAL_LANDMARKS."""
    return draw.render(identity, pose, animal_figure, size)


def true_motion(
    identity: AnimalIdentity, pose_from: AnimalPose, pose_to: AnimalPose, size: int
) -> tuple[Tensor, Tensor]:
    """Find where every place of one picture is in another, as toons.motion.true_motion does."""
    return follow.true_motion(identity, pose_from, pose_to, animal_figure, size)
