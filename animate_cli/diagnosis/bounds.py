"""Where a difference becomes a problem. Lengths are shares of the picture's shorter side."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """The bounds of all measures.

    off_object: a keypoint's distance from the object. collapsed: two keypoints' distance. jump: a step that
    the other keypoints do not make, and jump_typical how many times the keypoint's usual step it has to be.
    response: the share of a shift of the picture that a live keypoint follows at least. leak: how far the
    background moves because of one keypoint. stretch: how many times longer or shorter a jacobian makes a line.
    certainty: what an estimate of the object needs before a keypoint is judged by it.
    """

    off_object: float = 0.03
    collapsed: float = 0.01
    jump: float = 0.05
    jump_typical: float = 5.0
    response: float = 0.3
    leak: float = 0.005
    stretch: float = 3.0
    certainty: float = 0.6


BOUNDS = Bounds()
