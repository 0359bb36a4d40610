"""Measures of a model's own keypoints: do they sit on the object, and are they spread over it."""

from typing import ClassVar

import numpy as np
import torch.nn.functional as F
from numpy.typing import NDArray

from animate_cli.metrics.measure import Better, Measure, Need, divide, to_numbers
from animate_cli.metrics.pixel import require
from animate_cli.metrics.values import REFERENCE_SIDE, Numbers, Observation

TOLERANCE = 2 / REFERENCE_SIDE
"""How far beyond the mask's edge still counts as on the object, in shorter sides."""


class KeypointsOff(Measure):
    """Share of the keypoints that the result was moved to which lie off the object, by more than 2 px at 256."""

    name, title = "keypoints_off", "keypoints off the object"
    needs: ClassVar[frozenset[Need]] = frozenset({"mask", "keypoints"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure; frames without the object are left out."""
        mask = require(seen.mask)
        side = min(mask.shape[-2:])
        radius = max(1, round(TOLERANCE * side))
        grown = F.max_pool2d(mask.float()[:, None], 2 * radius + 1, stride=1, padding=radius)[:, 0] > 0
        inside = sample(to_numbers(grown) > 0, points(seen) * side / REFERENCE_SIDE)
        share: Numbers = 1 - inside.mean(1)
        share[~to_numbers(mask.flatten(1).any(1)).astype(bool)] = np.nan
        return share


class KeypointsSpread(Measure):
    """Spread of the keypoints about their centre over that of the visible true landmarks."""

    name, title = "keypoints_spread", "spread of the keypoints"
    better: ClassVar[Better] = "higher"
    needs: ClassVar[frozenset[Need]] = frozenset({"marks", "keypoints"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        assert seen.marks is not None, "true landmarks were asked for"  # noqa: S101
        found = points(seen)
        everywhere = np.ones(found.shape[:2], dtype=bool)
        return divide(spread(found, everywhere), spread(seen.marks.points, seen.marks.present))


def spread(places: Numbers, chosen: NDArray[np.bool_]) -> Numbers:
    """Return the root mean squared distance of chosen places [N, L, 2] from their centre, [N]."""
    weight = chosen[..., None] / np.maximum(chosen.sum(1), 1)[:, None, None]
    centred = places - (places * weight).sum(1, keepdims=True)
    root: Numbers = np.sqrt((np.square(centred) * weight).sum((1, 2)))
    return root


def sample(mask: NDArray[np.bool_], places: Numbers) -> Numbers:
    """Read mask [N, H, W] at places [N, K, 2] in pixels; what lies outside the picture is off."""
    height, width = mask.shape[1:]
    x, y = np.rint(places[..., 0]).astype(int), np.rint(places[..., 1]).astype(int)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    rows = np.arange(len(mask))[:, None]
    values: Numbers = (inside & mask[rows, y.clip(0, height - 1), x.clip(0, width - 1)]).astype(np.float64)
    return values


def points(seen: Observation) -> Numbers:
    """Return the keypoints that a measure asked for."""
    assert seen.keypoints is not None, "keypoints were asked for"  # noqa: S101
    return seen.keypoints
