"""Where the object is, estimated from motion and colour when no mask is at hand.

Within some seconds of a clip, the camera's motion is undone; what then looks different in most other frames belongs
to the object. That gives its outlines and its textured parts; holes are filled, and a watershed on the colours
settles the rest between them and what is surely background. It is done with three sensitivities, and once more with
little taken for background from the start: where all agree
the estimate is certain.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from animate_cli.diagnosis.camera import STILL, Affine, combine, invert, track_camera, undo
from animate_cli.diagnosis.off_object import ObjectMask

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]

SIDE = 96
"""The shorter side in pixels of the pictures that are compared."""

SAMPLE_SECONDS = Fraction(1, 9)
WINDOW = 32
"""How many samples are compared with each other."""

COMPARED = 8
REACH = 12
"""How many samples away pictures are compared where the camera moves: farther ones show other places."""

FEWEST_SAMPLES = 4
QUANTILE = 0.35
"""A place belongs to the object where it differs in more than 1 - QUANTILE of the frames compared."""

SENSITIVITIES = (4.0, 6.0, 10.0)
"""Levels of 255, above the noise, from which places differ."""

SLACK = 0.3
"""How far, in pixels, a moving camera may be misjudged without a difference."""

EDGE_LEVELS = 25
"""Levels of 255 within a few pixels that make an edge."""

LARGEST_OBJECT = 0.85
SMALLEST_OBJECT = 0.005
CLOSED, SURROUNDED, CAREFUL, FAR = 0.04, 0.04, 0.15, 0.3
"""Shares of the side: gaps that are closed, how far off background begins, the same for who is careful, and how
far below something that moves no background is expected."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What is known of one frame: the object, and whether the camera stands still in the seconds around it."""

    found: ObjectMask
    camera_still: bool


def watch(pictures: Iterable[Picture], rate: Fraction) -> Iterator[Scene]:
    """Estimate the object in every frame of a clip, in order; memory does not grow with its length.

    Args:
        pictures: uint8 [H, W, 3], all of one size.
        rate: frames a second.
    """
    stride = max(1, int(rate * SAMPLE_SECONDS))
    samples: list[Picture] = []
    count = 0
    for index, picture in enumerate(pictures):
        if index % stride == 0 and len(samples) == WINDOW:
            yield from _spread(samples, count, stride)
            samples, count = [], 0
        if count % stride == 0:
            samples.append(shrink(picture))
        count += 1
    yield from _spread(samples, count, stride)


def shrink(picture: Picture) -> Picture:
    """Make a picture small enough to compare."""
    height, width = picture.shape[:2]
    scale = SIDE / min(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=method).astype(np.uint8)


def _spread(samples: Sequence[Picture], count: int, stride: int) -> Iterator[Scene]:
    """Give each of ``count`` frames the scene of the sample next to it."""
    scenes = look(samples) if samples else []
    for index in range(count):
        yield scenes[min(round(index / stride), len(scenes) - 1)]


def look(samples: Sequence[Picture]) -> list[Scene]:
    """Estimate the object in small pictures [h, w, 3] of one window."""
    if len(samples) < FEWEST_SAMPLES:
        return [Scene(_unknown(samples[0].shape[:2]), True)] * len(samples)
    smooth = [cv2.GaussianBlur(sample, (0, 0), 0.6).astype(np.uint8) for sample in samples]
    camera = track_camera(smooth)
    still = all(motion is STILL for motion in camera)
    differences = [_difference(smooth, camera, index, still=still) for index in range(len(smooth))]
    noise = min(4.0, float(np.median([np.median(difference) for difference in differences])))
    moving = [[difference > level + 2 * noise for level in SENSITIVITIES] for difference in differences]
    swept = (
        _hull(np.logical_or.reduce([_without_specks(parts[1]) > 0 for parts in moving])) if still else None
    )
    return [Scene(_vote(sample, parts, swept), still) for sample, parts in zip(smooth, moving, strict=True)]


def _difference(samples: Sequence[Picture], camera: Sequence[Affine], index: int, *, still: bool) -> Mask:
    """Tell by how much each pixel of a sample differs from most others, the camera's motion undone."""
    reach = len(samples) if still else REACH
    others = [other for other in range(len(samples)) if 0 < abs(other - index) <= reach]
    chosen = [others[place] for place in np.unique(np.linspace(0, len(others) - 1, COMPARED).astype(int))]
    found = []
    for other in chosen:
        if still:
            found.append(cv2.absdiff(samples[index], samples[other]).max(2))
            continue
        motion = combine(camera[other], invert(camera[index]))
        undone, known = undo(samples[other], motion)
        found.append(np.where(known, _beyond_neighbours(samples[index], undone), 255))
    ordered = np.sort(np.stack(found), axis=0)
    shown = (ordered < 255).sum(0)
    place = np.clip((QUANTILE * shown).astype(int), 0, np.maximum(shown - 1, 0))
    difference = np.take_along_axis(ordered, place[None], axis=0)[0]
    return np.asarray(np.where(shown > 0, difference, 0), dtype=np.uint8)


def _beyond_neighbours(picture: Picture, other: Picture) -> Mask:
    """Return how far each pixel is from what the other shows there or a part of a pixel away."""
    square = np.ones((3, 3), np.uint8)
    highest = cv2.addWeighted(other, 1 - SLACK, cv2.dilate(other, square), SLACK, 0)
    lowest = cv2.addWeighted(other, 1 - SLACK, cv2.erode(other, square), SLACK, 0)
    beyond = np.maximum(cv2.subtract(picture, highest), cv2.subtract(lowest, picture))
    return np.asarray(beyond.max(2), dtype=np.uint8)


def _vote(sample: Picture, moving: Sequence[NDArray[np.bool_]], swept: Mask | None) -> ObjectMask:
    """Let the sensitivities vote; the careful look takes all that moves within the window for a whole."""
    votes = [_segment(sample, parts) for parts in moving]
    mask = np.mean(votes, axis=0) > 0.5
    careful = _hull(_without_specks(moving[1]) > 0) if swept is None else swept
    votes.append(_segment(sample, moving[1], careful))
    share = np.mean(votes, axis=0)
    if not SMALLEST_OBJECT < mask.mean() < LARGEST_OBJECT:
        return _unknown(mask.shape)
    agreement = np.abs(2 * share - 1).astype(np.float32)
    return ObjectMask(mask, agreement * _outline_on_edges(sample, mask))


def _segment(sample: Picture, moving: NDArray[np.bool_], whole: Mask | None = None) -> NDArray[np.bool_]:
    """Fill the object's outline, and let a watershed settle what lies between it and the background.

    Usually whatever is outside the outline is background from the start. With ``whole``, [h, w], only what is far
    outside that too is, so that what no edge separates from the object stays with it.
    """
    side = min(sample.shape[:2])
    parts = _without_specks(moving)
    if not parts.any():
        return np.zeros(parts.shape, dtype=bool)
    filled = _fill(_close(parts, CLOSED * side))
    near = cv2.dilate(filled, _disc(SURROUNDED * side))
    below = np.maximum.accumulate(cv2.dilate(parts, _disc(SURROUNDED * side)), axis=0)
    far = cv2.distanceTransform(1 - parts, cv2.DIST_L2, 3) > FAR * side
    markers = np.zeros(parts.shape, np.int32)
    border = _upper_border(parts.shape)
    wide = cv2.distanceTransform(1 - filled, cv2.DIST_L2, 3) > CAREFUL * side
    outside = (below == 0) | far
    if whole is not None:
        outside &= wide & (whole == 0)
    outside |= border
    markers[(near == 0) & outside] = 1
    markers[cv2.erode(filled, _disc(1)) > 0] = 2
    segments = cv2.watershed(np.ascontiguousarray(sample), markers)
    return np.asarray(segments == 2)


def _outline_on_edges(sample: Picture, mask: NDArray[np.bool_]) -> float:
    """Return the share of the mask's outline that lies on an edge of the picture.

    Where an object keeps still only its moving parts are found, and the outline runs across plain skin and cloth.
    """
    inner = cv2.erode(mask.astype(np.uint8), _disc(1), borderType=cv2.BORDER_REPLICATE) > 0
    outline = mask & ~inner
    contrast = cv2.morphologyEx(sample, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8)).max(2)
    return float((contrast[outline] >= EDGE_LEVELS).mean()) if outline.any() else 1.0


def _without_specks(moving: NDArray[np.bool_]) -> Mask:
    """Drop what is too small to be more than noise."""
    parts = moving.astype(np.uint8)
    _, labels, facts, _ = cv2.connectedComponentsWithStats(parts)
    small = facts[:, cv2.CC_STAT_AREA] < max(3, 0.0005 * moving.size)
    small[0] = False
    parts[small[labels]] = 0
    return parts


def _close(parts: Mask, radius: float) -> Mask:
    """Close gaps; an empty frame around keeps the parts from sticking to the picture's edge."""
    room = 3 * max(1, round(radius))
    closed = cv2.morphologyEx(np.pad(parts, room), cv2.MORPH_CLOSE, _disc(radius))
    return np.asarray(closed[room:-room, room:-room], dtype=np.uint8)


def _fill(closed: Mask) -> Mask:
    """Fill holes; an object that rests on the lower edge is closed there."""
    canvas = np.pad(closed, 1)
    resting = np.flatnonzero(closed[-2:].any(0))
    if len(resting):
        canvas[-1, 1 + resting[0] : 2 + resting[-1]] = 1
    outside = canvas.copy()
    cv2.floodFill(outside, np.zeros((canvas.shape[0] + 2, canvas.shape[1] + 2), np.uint8), (0, 0), (2,))
    return np.asarray(outside != 2, dtype=np.uint8)[1:-1, 1:-1]


def _hull(parts: NDArray[np.bool_]) -> Mask:
    """Return the smallest convex area that holds all parts."""
    hull = np.zeros(parts.shape, np.uint8)
    places = cv2.findNonZero(parts.astype(np.uint8))
    if places is None:
        return hull
    return np.asarray(cv2.fillConvexPoly(hull, cv2.convexHull(places), (1,)), dtype=np.uint8)


def _upper_border(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    border = np.zeros(shape[:2], dtype=bool)
    border[:2], border[:, :2], border[:, -2:] = True, True, True
    border[2 * shape[0] // 3 :] = False
    return border


def _disc(radius: float) -> Mask:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), dtype=np.uint8)


def _unknown(shape: tuple[int, ...]) -> ObjectMask:
    return ObjectMask(np.zeros(shape[:2], dtype=bool), np.zeros(shape[:2], dtype=np.float32))
