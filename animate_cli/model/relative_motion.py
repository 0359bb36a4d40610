"""Move a source's keypoints as a driving video's keypoints move (MODEL: absolute and relative motion)."""

import math

import torch
from torch import Tensor

from animate_cli.model.grid import invert_2x2
from animate_cli.model.values import Keypoints


def relative_keypoints(
    source: Keypoints,
    driving: Keypoints,
    reference: Keypoints,
    *,
    scale: float | Tensor = 1.0,
    strength: float = 1.0,
) -> Keypoints:
    """Apply the movement from reference to driving [B, K] to the source's keypoints.

    p = p_S + a s (p_Dt - p_D0) and A = (I + a (A_Dt A_D0^-1 - I)) A_S, with strength a and the movement's
    scale s (see `movement_scale`), one number or [B, 1, 1]. ``source`` and ``reference`` may have a batch of one.
    """
    value = source.value + strength * scale * (driving.value - reference.value)
    identity = torch.eye(2, device=value.device)
    turn = driving.jacobian @ invert_2x2(reference.jacobian)
    jacobian = (identity + strength * (turn - identity)) @ source.jacobian
    return Keypoints(value, jacobian)


def movement_scale(source: Keypoints, reference: Keypoints) -> float:
    """Return s = sqrt(hull area of source / hull area of reference), both of batch one.

    A degenerate hull (all points on a line) says nothing about size: the scale is then 1.
    """
    source_area, reference_area = hull_area(source.value[0]), hull_area(reference.value[0])
    if min(source_area, reference_area) <= 1e-8:
        return 1.0
    return math.sqrt(source_area / reference_area)


def hull_area(points: Tensor) -> float:
    """Compute the area of the convex hull of points [K, 2] (Andrew's monotone chain)."""
    ordered = sorted((float(x), float(y)) for x, y in points.detach().double().cpu().tolist())
    hull = _half_hull(ordered) + _half_hull(ordered[::-1])
    following = hull[1:] + hull[:1]
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(hull, following, strict=True))) / 2


def _half_hull(ordered: list[tuple[float, float]]) -> list[tuple[float, float]]:
    chain: list[tuple[float, float]] = []
    for x, y in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], (x, y)) <= 0:
            chain.pop()
        chain.append((x, y))
    return chain[:-1]


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
