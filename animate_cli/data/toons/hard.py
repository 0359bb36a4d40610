"""Hard pairs, to be reported on their own: what makes the motion between two pictures hard to follow."""

from typing import Protocol

import torch
from torch import Tensor

from animate_cli.data.toons.values import ToonFrame

LACKING = 0.2
"""Share of the driving picture's landmarks that the source does not show in a hard pair."""


class Turned(Protocol):
    """A pose with a yaw [B] in radians."""

    @property
    def yaw(self) -> Tensor:
        """See the class."""


class Dressed(Protocol):
    """An identity that may be of the background's colours: camouflaged is 1 where it is, [B]."""

    @property
    def camouflaged(self) -> Tensor:
        """See the class."""


def turned(first: Turned, second: Turned, degrees: float = 90.0) -> Tensor:
    """Tell pairs [B] whose toon turns by more than an angle from one pose to the other, the short way round."""
    between = torch.remainder(first.yaw - second.yaw + torch.pi, 2 * torch.pi) - torch.pi
    return torch.rad2deg(between.abs()) > degrees


def camouflaged(identity: Dressed) -> Tensor:
    """Tell toons [B] whose clothes or coat have the background's colours."""
    return identity.camouflaged > 0.5


def lacking(source: ToonFrame, driving: ToonFrame, share: float = LACKING) -> Tensor:
    """Tell pairs [B] whose source does not show much of what the driving picture shows."""
    shown = driving.visible.sum(1).clamp_min(1)
    missing = (driving.visible & ~source.visible).sum(1)
    return missing > share * shown
