"""How far keypoints are from the object."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from animate_cli.diagnosis.bounds import BOUNDS, Bounds

Numbers = NDArray[np.float64]


class ObjectMask(NamedTuple):
    """Where the object is in one frame.

    mask: [h, w] bool, of any size with the frame's aspect. certainty: [h, w] in [0, 1], how sure that is; 1 for a
    mask that was given.
    """

    mask: NDArray[np.bool_]
    certainty: NDArray[np.floating]


def given_mask(picture: NDArray[np.uint8]) -> ObjectMask:
    """Take a picture [H, W, C] of a mask at its word: the object is brighter than half."""
    mask = picture.astype(np.uint16).mean(2) > 127
    return ObjectMask(mask, np.ones(mask.shape, dtype=np.float32))


def measure_distance(
    points: Numbers, found: ObjectMask, bounds: Bounds = BOUNDS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell keypoints that are off the object in one frame.

    A keypoint is off the object when the nearest pixel of the object is farther than ``bounds.off_object`` of the
    picture's shorter side: one on the outline is not misplaced. Where the certainty at its place is below
    ``bounds.certainty``, or there is no object at all, it is not judged.

    Args:
        points: [K, 2], (x, y) in [-1, 1].
        found: the object.
        bounds: the bounds.

    Returns:
        Amounts [K], and the certainty [K] at each keypoint's place.
    """
    height, width = found.mask.shape
    scale = np.array([width - 1, height - 1])
    places = np.rint(np.clip((np.asarray(points, np.float64) + 1) / 2, 0, 1) * scale).astype(int)
    certainty = found.certainty[places[:, 1], places[:, 0]].astype(np.float64)
    if not found.mask.any():
        return np.full(len(places), np.nan), np.zeros(len(places))
    distance = cv2.distanceTransform((~found.mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    amount = distance[places[:, 1], places[:, 0]] / (bounds.off_object * min(height, width))
    return np.where(certainty >= bounds.certainty, amount, np.nan).astype(np.float64), certainty
