"""A detector of drawn faces: the landmark network of the toons, which finds one face in whatever it is shown.

So it is shown squares of the picture, and then each face that it believes to see once more, framed as faces are in
its training pictures. Where there is a face, both looks agree.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.errors import WeightsError
from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection, Picture
from animate_cli.faces.transform import CropTransform
from animate_cli.toon_networks import (
    NETWORK_SIZE,
    LandmarkNetwork,
    load_landmark_network,
    network_path,
    read_facts,
)

Places = NDArray[np.float64]

FAMILY = "toon-face"
OUTLINE = (
    *("left_brow_inner", "left_brow_outer", "right_brow_inner", "right_brow_outer"),
    *("left_eye_outer", "right_eye_outer", "jaw_left", "jaw_right", "chin"),
)
"""Landmarks around a face, from the brows to the chin."""

GROWN, RAISED = 1.35, 0.12
"""A face's box is the square around those, this many times as large and raised by this share of its side: from the
forehead to the chin, as the detectors of photographs draw boxes."""

FEATURES = (
    *("left_eye_inner", "left_eye_outer", "left_pupil", "right_eye_inner", "right_eye_outer", "right_pupil"),
    *("nose_tip", "nose_base", "mouth_left", "mouth_right", "lip_upper", "lip_lower", "chin"),
)
"""Landmarks that two looks at a face must agree on."""

USUAL_SHARE = 0.6
"""How a face is framed for another look: its side in the view's."""

LOOKS = 3
AGREEMENT = 0.15
"""Mean distance between the landmarks of two looks, as a share of the face's side, that they agree at."""

LEAST_VISIBLE = 0.5
LEAST_SHARE, MOST_SHARE = 0.1, 1.2
"""Side of a face in the view's; what is smaller, or larger, is no finding."""

SAME, NESTED = 0.3, 0.6
"""IoU at which two findings are the same face, and the share of one inside the other."""

SMALLEST = 24
"""Pictures of a shorter side than this show no face."""

FINER = 2
"""Where there is no large face, squares of this part of the shorter side are searched."""


class Look(NamedTuple):
    """What is seen in a view: the face's box, its features [F, 2] in the picture's pixels, how visible they are."""

    view: Box
    face: Box
    features: Places
    visible: float


class ToonDetector:
    """Finds drawn faces; small ones are looked for only where there are no large ones."""

    name = "toon"

    def __init__(self, device: str = "cpu", folder: Path | None = None) -> None:
        self.device, self.folder = device, folder

    def prepare(self) -> None:
        """See Detector."""
        _ = self._network, self._names

    @cached_property
    def _network(self) -> LandmarkNetwork:
        return load_landmark_network(FAMILY, self.folder).to(self.device)

    @cached_property
    def _names(self) -> list[str]:
        return list(read_facts(network_path(FAMILY, "landmarks", self.folder))["names"])

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector."""
        height, width = picture.shape[:2]
        if min(height, width) < SMALLEST:
            return []
        for side in (min(width, height), min(width, height) / FINER):
            found = self._search(picture, list(squares(width, height, side)))
            if found:
                return found
        return []

    def _search(self, picture: Picture, views: Sequence[Box]) -> list[Detection]:
        """Look at each view, and again at what is seen there until two looks agree."""
        found: list[Detection] = []
        looks = [look for look in self._look(picture, views) if is_plausible(look)]
        for _ in range(LOOKS - 1):
            again = self._look(picture, [frame_again(look.face) for look in looks])
            pairs = [pair for pair in zip(looks, again, strict=True) if is_plausible(pair[1])]
            found += [
                judge(now, how_far(before, now)) for before, now in pairs if how_far(before, now) < AGREEMENT
            ]
            looks = [now for before, now in pairs if how_far(before, now) >= AGREEMENT]
        return keep_best(found)

    @torch.inference_mode()
    def _look(self, picture: Picture, views: Sequence[Box]) -> list[Look]:
        if not views:
            return []
        cut = np.stack([CropTransform(view, NETWORK_SIZE).crop(picture) for view in views])
        seen = self._network(torch.from_numpy(cut).to(self.device).permute(0, 3, 1, 2).float() / 255)
        outline, features = ([self._names.index(name) for name in part] for part in (OUTLINE, FEATURES))
        looks = []
        for view, value, shown in zip(views, seen.value.double().cpu(), seen.visibility.cpu(), strict=True):
            points = to_picture(value.numpy(), view)
            looks.append(
                Look(view, face_box(points[outline]), points[features], float(shown[features].mean()))
            )
        return looks


def has_toon_network() -> bool:
    """Tell whether the landmark network of the toons is here."""
    try:
        return network_path(FAMILY, "landmarks").is_file()
    except WeightsError:
        return False


def squares(width: int, height: int, side: float) -> Iterator[Box]:
    """Yield squares of this side that cover a picture, each over half of its neighbours, and one around it all."""
    longer = max(width, height)
    if longer > side or side == min(width, height):
        yield Box.around(width / 2, height / 2, longer)
    if longer == side:
        return
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield Box(left, top, left + side, top + side)


def _starts(length: int, side: float) -> list[float]:
    count = max(1, int(np.ceil((length - side) / (side / 2))) + 1)
    return [float(start) for start in np.linspace(0, max(0.0, length - side), count)]


def to_picture(places: Places, view: Box) -> Places:
    """Take places [L, 2] in [-1, 1] of a view, whose corners' pixels are its ends, to the picture's pixels."""
    inside = (places + 1) / 2 * (NETWORK_SIZE - 1) + 0.5
    points: Places = inside / NETWORK_SIZE * view.side + np.array([view.left, view.top])
    return points


def face_box(outline: Places) -> Box:
    """Return the box of a face whose outline is at points [N, 2], in the order of `OUTLINE` or any other."""
    around = Box(*outline.min(0).tolist(), *outline.max(0).tolist()).squared()
    x, y = around.centre
    return Box.around(x, y - RAISED * around.side, GROWN * around.side)


def frame_again(face: Box) -> Box:
    """Return the view in which a face is framed as usual."""
    return Box.around(*face.centre, max(face.side, 1.0) / USUAL_SHARE)


def is_plausible(look: Look) -> bool:
    """Tell whether a look may be a face: visible, of a fitting size, its middle in the view."""
    x, y = look.face.centre
    inside = look.view.left <= x <= look.view.right and look.view.top <= y <= look.view.bottom
    fitting = LEAST_SHARE <= look.face.side / look.view.side <= MOST_SHARE
    return inside and fitting and look.visible >= LEAST_VISIBLE


def how_far(one: Look, other: Look) -> float:
    """Return the mean distance between the features of two looks, in sides of the latter's face."""
    distance = np.linalg.norm(one.features - other.features, axis=-1).mean()
    return float(distance / max(other.face.side, 1e-9))


def judge(look: Look, distance: float) -> Detection:
    """Return a face as sure as it is visible and as the looks agree."""
    return Detection(look.face, min(max(look.visible * (1 - distance), 0.0), 1.0))


def keep_best(found: Sequence[Detection]) -> list[Detection]:
    """Keep the surest of those that are the same face, the surest first."""
    kept: list[Detection] = []
    for one in sorted(found, key=lambda one: -one.score):
        if not any(is_same(one.box, other.box) for other in kept):
            kept.append(one)
    return kept


def is_same(one: Box, other: Box) -> bool:
    """Tell whether two boxes are around one face."""
    nested = max(one.share_inside(other), other.share_inside(one))
    return one.iou(other) >= SAME or nested >= NESTED
