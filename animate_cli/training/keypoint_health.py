"""Keypoint health: which keypoints do nothing, do the work of another, or fold, seen on a batch of pictures."""

import csv
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.diagnosis.bounds import BOUNDS
from animate_cli.diagnosis.measures import measure_folds, measure_response, relative_jacobians
from animate_cli.files import atomic_path
from animate_cli.model.motion_model import MotionModel

SHIFT = 0.06
"""How far, as a share of their sides, pictures are shifted to see whether keypoints follow."""

COLUMNS = ("keypoint", "name", "response", "nearest", "collapsed_with", "folded", "problems")


@torch.no_grad()
def save_keypoint_health(path: Path, model: MotionModel, images: Tensor, names: tuple[str, ...] = ()) -> None:
    """Write a CSV with a row for each keypoint, as found on images [B, 3, H, W].

    response: the share of a shift of the picture that it follows. nearest: the median distance in shares of the
    picture's side to the keypoint that is nearest most of the time, collapsed_with. folded: the share of pictures
    in which its jacobian turns the plane over.
    """
    found = model.detect(images)
    places = found.value.float().cpu().numpy().astype(np.float64)
    folded = (measure_folds(relative_jacobians(found.jacobian.double().cpu().numpy())) >= 1).mean(0)
    response, (nearest, other) = _response(model, images, places), _nearest(places / 2)
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for index in range(places.shape[1]):
            problems = {
                "dead": response[index] < BOUNDS.response,
                "collapsed": nearest[index] < BOUNDS.collapsed,
                "folding": folded[index] > 0,
            }
            writer.writerow([
                index, names[index] if names else "", f"{response[index]:.3f}", f"{nearest[index]:.4f}",
                other[index], f"{folded[index]:.3f}", "; ".join(name for name, bad in problems.items() if bad),
            ])  # fmt: skip


def _response(model: MotionModel, images: Tensor, places: NDArray[np.float64]) -> NDArray[np.float64]:
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


def _nearest(places: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return each keypoint's nearest neighbour, by the median distance over pictures."""
    distance = np.median(np.linalg.norm(places[:, :, None] - places[:, None], axis=-1), axis=0)
    np.fill_diagonal(distance, np.inf)
    return distance.min(1), distance.argmin(1)
