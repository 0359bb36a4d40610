"""Observations made by hand, for the measures' tests."""

from typing import Any

import numpy as np
import torch

from animate_cli.metrics.values import Landmarks, Numbers, Observation, Pair
from tests.tiny import pictures


def observe(count: int = 2, **given: Any) -> Observation:
    """Return an observation of random pictures, with what the test gives."""
    truth = pictures(count, seed=1)
    result = (truth + 0.1 * torch.randn(truth.shape, generator=torch.Generator().manual_seed(2))).clamp(0, 1)
    facts: dict[str, Any] = {"truth": truth, "result": result, "source": truth[:1]}
    return Observation(**facts | given)


def landmarks(points: Any, present: Any = None, names: tuple[str, ...] = ()) -> Landmarks:
    """Return landmarks [N, L, 2], all present unless said otherwise."""
    places: Numbers = np.asarray(points, dtype=np.float64)
    flags = np.ones(places.shape[:2], bool) if present is None else np.asarray(present, dtype=bool)
    return Landmarks(places, flags, names)


def pair(truth: Landmarks, result: Landmarks) -> Observation:
    """Return an observation in which these landmarks are found."""
    return observe(len(truth.points), found=Pair(truth, result))


def shifted(points: Any, x: float, y: float) -> Numbers:
    """Return points [..., 2] moved by so much."""
    moved: Numbers = np.asarray(points, dtype=np.float64) + np.array([x, y])
    return moved
