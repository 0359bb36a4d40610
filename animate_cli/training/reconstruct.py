"""One training step's arithmetic: from a batch of pairs to a prediction and the keypoints behind it."""

from typing import NamedTuple

import torch
from torch import Tensor

from animate_cli.data.pairs import PairBatch
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.relative_motion import hull_area, relative_keypoints
from animate_cli.model.values import Keypoints, Prediction


class Outcome(NamedTuple):
    """A prediction, and the keypoints [B, K] that were found and used on the way."""

    prediction: Prediction
    source: Keypoints
    driving: Keypoints
    initial: Keypoints | None
    moved: Keypoints


def reconstruct(model: MotionModel, batch: PairBatch) -> Outcome:
    """Move the batch's sources as their drivers show; relative where the driver's first pose is given."""
    source = model.encode(batch.source)
    if batch.initial is None:
        driving = model.detect(batch.driving)
        return Outcome(model.predict(source, driving), source.keypoints, driving, None, driving)
    driving, initial = split_keypoints(model.detect(torch.cat([batch.driving, batch.initial])), 2)
    scale = movement_scales(source.keypoints, initial)
    moved = relative_keypoints(source.keypoints, driving, initial, scale=scale)
    return Outcome(model.predict(source, moved), source.keypoints, driving, initial, moved)


def split_keypoints(keypoints: Keypoints, parts: int) -> list[Keypoints]:
    """Cut keypoints [B, K] into equal parts along the batch."""
    values, jacobians = keypoints.value.chunk(parts), keypoints.jacobian.chunk(parts)
    return [Keypoints(value, jacobian) for value, jacobian in zip(values, jacobians, strict=True)]


def movement_scales(source: Keypoints, reference: Keypoints) -> Tensor:
    """Compute each pair's movement scale, [B, 1, 1], without a gradient (see `movement_scale`)."""
    areas = [
        (hull_area(of_source), hull_area(of_reference))
        for of_source, of_reference in zip(source.value, reference.value, strict=True)
    ]
    scales = [(s / r) ** 0.5 if min(s, r) > 1e-8 else 1.0 for s, r in areas]
    return torch.tensor(scales, device=source.value.device)[:, None, None]
