"""Pairs whose expression changes much: most pairs of a clip differ by a turn of the head, few by a mouth."""

import torch

from animate_cli.data.toons.draws import Draws
from animate_cli.data.toons.moving import choose
from animate_cli.data.toons.pose import Pose

NEAREST = 0.45
"""Least scale of such pairs: mouth and eyes take up some pixels."""


def enliven(generator: torch.Generator, share: float, first: Pose, second: Pose) -> tuple[Pose, Pose]:
    """Give a share of the pairs [B] a calm face in one pose and a lively one in the other.

    The calm face has its mouth shut and its eyes open; the lively one opens the mouth, shuts its eyes or looks
    aside. The calm one comes first in four of five pairs. Heads turn less than in other pairs and are not small,
    so that what changes is seen.
    """
    batch = len(first.scale)
    draws = Draws(generator, batch)
    chosen = draws.chance(share) > 0.5
    calm_first = draws.chance(0.8) > 0.5
    shut = (draws.chance(0.3) * draws.uniform(0.6, 1.0))[:, None].expand(-1, 2)
    calm, lively = choose(calm_first, first, second), choose(calm_first, second, first)
    calm = _seen(calm)._replace(
        mouth_open=draws.chance(0.25) * draws.uniform(0.0, 0.15),
        blink=draws.uniform(0.0, 0.1)[:, None].expand(-1, 2),
        gaze=calm.gaze * 0.5,
    )
    lively = _seen(lively)._replace(
        mouth_open=draws.chance(0.8) * draws.uniform(0.25, 1.0),
        blink=torch.maximum(shut, lively.blink * 0.3),
        gaze=draws.uniform(-1.0, 1.0, 2),
    )
    return (
        choose(chosen, choose(calm_first, calm, lively), first),
        choose(chosen, choose(calm_first, lively, calm), second),
    )


def _seen(pose: Pose) -> Pose:
    return pose._replace(yaw=pose.yaw * 0.5, scale=pose.scale.clamp_min(NEAREST))
