"""Keypoint health: which keypoints do nothing, do the work of another, fold, or sit on the background."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.diagnosis.bounds import BOUNDS
from animate_cli.diagnosis.measures import measure_folds, measure_response, relative_jacobians
from animate_cli.diagnosis.off_object import ObjectMask, measure_distance
from animate_cli.files import atomic_path
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.relative_motion import hull_area

SHIFT = 0.06
"""How far, as a share of their sides, pictures are shifted to see whether keypoints follow."""

FEWEST_ALIVE = 0.5
"""The share of keypoints that must do work of their own."""

SMALLEST_SPREAD = 0.04
"""Keypoints nearer to their middle than this, in shares of the picture's side, are in a heap."""

MOST_BACKGROUND = 0.5
"""The share of keypoints that may be off the object."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class KeypointState:
    """One keypoint over a batch of pictures.

    response: the share of a shift of the picture that it follows. nearest: the median distance in shares of the
    picture's side to the keypoint that is nearest most of the time, collapsed_with. folded: the share of pictures
    in which its jacobian turns the plane over. background: the share of pictures in which it is off the object,
    NaN where no masks are known.
    """

    keypoint: int
    name: str
    response: float
    nearest: float
    collapsed_with: int
    folded: float
    background: float

    @property
    def problems(self) -> list[str]:
        """Name what is wrong with it."""
        found = {
            "dead": self.response < BOUNDS.response,
            "collapsed": self.nearest < BOUNDS.collapsed,
            "folding": self.folded > 0,
            "background": self.background > MOST_BACKGROUND,
        }
        return [name for name, bad in found.items() if bad]


@dataclass(frozen=True)
class HealthSummary:
    """All keypoints over a batch of pictures.

    spread: mean distance from their middle, and coverage: area of their hull, in shares of the picture. dead,
    collapsed, folding: how many are so. background: the share off the object, NaN where no masks are known.
    """

    spread: float
    coverage: float
    dead: int
    collapsed: int
    folding: int
    background: float


@dataclass(frozen=True)
class Health:
    """The keypoints one by one, and all together."""

    keypoints: Sequence[KeypointState]
    summary: HealthSummary

    @property
    def warnings(self) -> list[str]:
        """Say in a sentence each what has gone wrong with the keypoints as a whole."""
        summary, count = self.summary, len(self.keypoints)
        idle = sum(bool({"dead", "collapsed"} & set(one.problems)) for one in self.keypoints)
        heap = f"on average {summary.spread:.1%} of the picture's side from their middle"
        found = {
            f"{idle} of {count} keypoints are dead or do the work of another": idle > FEWEST_ALIVE * count,
            f"the keypoints are in a heap: {heap}": (count > 1 and summary.spread < SMALLEST_SPREAD),
            f"{summary.background:.0%} of the keypoints are on the background": (
                summary.background > MOST_BACKGROUND
            ),
        }
        return [sentence for sentence, wrong in found.items() if wrong]


@torch.no_grad()
def measure_health(
    model: MotionModel, images: Tensor, names: Sequence[str] = (), masks: Tensor | None = None
) -> Health:
    """Measure the keypoints found on images [B, 3, H, W], whose objects masks [B, H, W] in [0, 1] show."""
    found = model.detect(images)
    places = found.value.float().cpu().numpy().astype(np.float64)
    folded = (measure_folds(relative_jacobians(found.jacobian.double().cpu().numpy())) >= 1).mean(0)
    response, (nearest, other) = _response(model, images, places), _nearest(places / 2)
    background = _background(places, masks)
    keypoints = [
        KeypointState(
            index,
            names[index] if names else "",
            float(response[index]),
            float(nearest[index]),
            int(other[index]),
            float(folded[index]),
            float(background[index]),
        )
        for index in range(places.shape[1])
    ]
    return Health(keypoints, _summarise(places / 2, keypoints))


def save_keypoint_health(path: Path, health: Health) -> None:
    """Write a CSV with a row for each keypoint."""
    rows = [
        {**asdict(one), "problems": "; ".join(one.problems)} for one in health.keypoints
    ]  # as named in KeypointState
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({key: show_value(value) for key, value in row.items()} for row in rows)


def show_value(value: float | str) -> str:
    """Write a value of a table; what is not known is left out."""
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.4g}"
    return str(value)


def _summarise(places: Numbers, keypoints: Sequence[KeypointState]) -> HealthSummary:
    """Sum up keypoints at places [B, K, 2] in shares of the picture's side."""
    middle = places.mean(1, keepdims=True)
    problems = [one.problems for one in keypoints]
    return HealthSummary(
        spread=float(np.linalg.norm(places - middle, axis=-1).mean()),
        coverage=float(np.mean([hull_area(torch.from_numpy(picture)) for picture in places])),
        dead=sum("dead" in some for some in problems),
        collapsed=sum("collapsed" in some for some in problems),
        folding=sum("folding" in some for some in problems),
        background=float(np.mean([one.background for one in keypoints])),
    )


def _background(places: Numbers, masks: Tensor | None) -> Numbers:
    """Return the share of pictures in which each keypoint is off the object, [K]."""
    if masks is None:
        return np.full(places.shape[1], np.nan)
    objects = masks.float().cpu().numpy() > 0.5
    off = [
        measure_distance(points, ObjectMask(mask, np.ones(mask.shape)))[0] >= 1
        for points, mask in zip(places, objects, strict=True)
        if mask.any()
    ]
    return np.mean(off, axis=0) if off else np.full(places.shape[1], np.nan)


def _response(model: MotionModel, images: Tensor, places: Numbers) -> Numbers:
    """Return how much of a shift to the right and down each keypoint follows."""
    height, width = images.shape[-2:]
    right, down = max(1, round(SHIFT * width)), max(1, round(SHIFT * height))
    before, after, shifts = [], [], []
    for step, (x, y) in enumerate(((right, 0), (0, down))):
        rows = torch.arange(height, device=images.device).sub(y).clamp_min(0)
        columns = torch.arange(width, device=images.device).sub(x).clamp_min(0)
        moved = model.detect(images[:, :, rows][:, :, :, columns]).value.float().cpu().numpy()
        before.append(places)
        after.append(moved)
        shift = (2 * x / (width - 1), 0.0) if step == 0 else (0.0, 2 * y / (height - 1))
        shifts.append(np.tile(shift, (len(places), 1)))
    return measure_response(
        np.concatenate(before), np.concatenate(after).astype(float), np.concatenate(shifts)
    )


def _nearest(places: Numbers) -> tuple[Numbers, NDArray[np.intp]]:
    """Return each keypoint's nearest neighbour, by the median distance over pictures."""
    distance = np.median(np.linalg.norm(places[:, :, None] - places[:, None], axis=-1), axis=0)
    np.fill_diagonal(distance, np.inf)
    return distance.min(1), distance.argmin(1)
