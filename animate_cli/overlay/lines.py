"""What is drawn as lines: trails through time, jacobians, links between pictures."""

from itertools import pairwise

import numpy as np

from animate_cli.overlay.palette import ALARM, colour_of
from animate_cli.overlay.points import mark_size
from animate_cli.overlay.strokes import line, stroke, thickness
from animate_cli.overlay.values import BLACK, WHITE, Numbers, Picture

TAPER = 3
"""Pieces that a trail is cut into, thicker towards the present."""

ELLIPSE_SHARE = 2.2
"""The radius in radii of a dot of a jacobian that changes nothing."""

LARGEST_STRETCH = 6.0


def draw_trails(picture: Picture, trails: Numbers) -> Picture:
    """Draw where points came from: trails [T, K, 2] in pixels, the present last; a NaN breaks a trail."""
    drawn = picture.copy()
    cuts = sorted({round(place) for place in np.linspace(0, len(trails) - 1, TAPER + 1)})
    for index in range(trails.shape[1]):
        pieces = [trails[first : last + 1, index] for first, last in pairwise(cuts)]
        known = [np.isfinite(piece).all() for piece in pieces]
        for casing in (True, False):
            for place, piece in enumerate(pieces):
                if known[place]:
                    width = max(1, thickness(picture) - (len(pieces) - 1 - place) // 2)
                    colour = BLACK if casing else colour_of(index)
                    line(drawn, piece, colour, width + 2 * casing)
    return drawn


def draw_jacobians(picture: Picture, points: Numbers, jacobians: Numbers) -> Picture:
    """Draw what each jacobian [K, 2, 2] makes of a circle around its point [K, 2] in pixels, and of its axes.

    The longer axis line is x, the shorter y. One that folds the plane (determinant at or below 0) is red.
    """
    drawn = picture.copy()
    radius, width = ELLIPSE_SHARE * mark_size(picture), max(1, thickness(picture) - 1)
    turn = np.linspace(0, 2 * np.pi, 33)[:-1]
    circle = np.stack([np.cos(turn), np.sin(turn)])
    for index, (place, jacobian) in enumerate(zip(points, jacobians, strict=True)):
        if not (np.isfinite(place).all() and np.isfinite(jacobian).all()):
            continue
        matrix = jacobian * radius / max(1.0, float(np.abs(jacobian).max()) / LARGEST_STRETCH)
        colour = colour_of(index) if np.linalg.det(jacobian) > 0 else ALARM
        stroke(drawn, place + (matrix @ circle).T, colour, width, closed=True)
        for axis, length in ((matrix[:, 0], 1.0), (matrix[:, 1], 0.6)):
            stroke(drawn, np.stack([place, place + length * axis]), colour, width)
    return drawn


def draw_links(picture: Picture, starts: Numbers, ends: Numbers) -> Picture:
    """Join corresponding points [K, 2] in pixels by a line each, in the keypoints' colours."""
    drawn = picture.copy()
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if np.isfinite(start).all() and np.isfinite(end).all():
            stroke(drawn, np.stack([start, end]), colour_of(index), thickness(picture))
    return drawn


def draw_arrow(picture: Picture, start: Numbers, end: Numbers) -> None:
    """Draw a thin arrow from start to end [2] in pixels in place; a short one is a dot."""
    along = end - start
    length = float(np.hypot(*along))
    head = min(5.0, 0.4 * length) * (along / length) if length > 1 else np.zeros(2)
    side = np.array([-head[1], head[0]]) * 0.6
    stroke(picture, np.stack([start, end]), WHITE, 1)
    stroke(picture, np.stack([end - head + side, end, end - head - side]), WHITE, 1)
