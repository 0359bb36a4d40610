"""Draw toon-bodies, and tell the true motion between their poses."""

from torch import Tensor

from animate_cli.data.toons.bodies.figure import body_figure
from animate_cli.data.toons.bodies.identity import BodyIdentity
from animate_cli.data.toons.bodies.pose import BodyPose
from animate_cli.data.toons.figures import draw, follow
from animate_cli.data.toons.values import ToonFrame


def render(identity: BodyIdentity, pose: BodyPose, size: int) -> ToonFrame:
    """Draw every person in its pose at size x size; landmarks are BODY_LANDMARKS."""
    return draw.render(identity, pose, body_figure, size)


def true_motion(
    identity: BodyIdentity, pose_from: BodyPose, pose_to: BodyPose, size: int
) -> tuple[Tensor, Tensor]:
    """Find where every place of one picture is in another, as toons.motion.true_motion does."""
    return follow.true_motion(identity, pose_from, pose_to, body_figure, size)
