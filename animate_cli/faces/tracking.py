"""Follow faces through a clip: detections of single frames become tracks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from animate_cli.faces.box import Box
from animate_cli.faces.detector import Detection

Boxes = NDArray[np.float64]
"""Boxes [T, 4]: left, top, right, bottom."""

LEAST_OVERLAP = 0.2
"""IoU of a detection with where a track is expected, for it to belong there."""

MOSTLY_INSIDE = 0.6
"""A detection with this share inside a face that is followed is a part of it and no face of its own."""

TRUST = 0.5
"""Weight of the newest movement in a track's velocity."""

WINDOW = 5
"""Detections whose median stands for the middle one: what a detector gets wrong once does not show."""


@dataclass
class Track:
    """One face from its first frame to its last: frames ``start`` to ``end``, exclusive.

    indices: frames with a detection, rising. boxes, scores: the detections there.
    """

    indices: list[int]
    boxes: list[Box]
    scores: list[float]
    end: int = 0
    _velocity: Boxes = field(default_factory=lambda: np.zeros(2))

    @property
    def start(self) -> int:
        """The first frame."""
        return self.indices[0]

    @property
    def score(self) -> float:
        """The mean score of the detections."""
        return float(np.mean(self.scores))

    @property
    def presence(self) -> float:
        """How much there is of the face: its frames times its usual area."""
        return (self.end - self.start) * float(np.median([box.area for box in self.boxes]))

    def add(self, index: int, detection: Detection) -> None:
        """Go on with a detection in a later frame."""
        moved = np.subtract(detection.box.centre, self.boxes[-1].centre) / (index - self.indices[-1])
        self._velocity += TRUST * (moved - self._velocity)
        self.indices.append(index)
        self.boxes.append(detection.box)
        self.scores.append(detection.score)

    def expect(self, index: int) -> Box:
        """Return where the face should be in a later frame if it goes on as before, in its usual size."""
        x, y = self.boxes[-1].centre + self._velocity * (index - self.indices[-1])
        width, height = np.median([(box.width, box.height) for box in self.boxes[-WINDOW:]], axis=0) / 2
        return Box(float(x - width), float(y - height), float(x + width), float(y + height))

    def between(self, start: int, end: int) -> Boxes:
        """Return the box of each frame from start to end, [end - start, 4]: filtered, gaps interpolated."""
        rows = steady(np.stack([_row(box) for box in self.boxes]))
        frames = np.arange(start, end)
        return np.stack([np.interp(frames, self.indices, column) for column in rows.T], axis=1)


class Settled(NamedTuple):
    """Tracks that have ended, in order; every track that is still to come begins in frame ``until`` or later."""

    tracks: list[Track]
    until: int


class Tracker:
    """Turns the detections of frames, given in order, into tracks.

    A track that misses its face for more than ``patience`` frames ends; shorter gaps are interpolated.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.active: list[Track] = []
        self._ended: list[Track] = []
        self._searched = 0

    def see(self, index: int, detections: Sequence[Detection]) -> None:
        """Take the detections of frame ``index``."""
        self._searched = index
        self._end_lost(index)
        free = list(detections)
        for track, detection in self._match(index, free):
            track.add(index, detection)
            free.remove(detection)
        for detection in sorted(free, key=lambda one: -one.box.area):
            followed = [track.expect(index) for track in self.active]
            if not any(detection.box.share_inside(box) > MOSTLY_INSIDE for box in followed):
                self.active.append(Track([index], [detection.box], [detection.score]))

    def cut(self, index: int) -> None:
        """End all tracks before frame ``index``, where a new scene begins or the clip is over.

        Those that were seen when faces were last looked for are taken to last until then.
        """
        for track in self.active:
            track.end = index if track.indices[-1] == self._searched else track.indices[-1] + 1
        self._end(self.active)

    def settle(self) -> Settled:
        """Return the tracks that ended since, by their start, then from left to right.

        One that begins after a track that is still followed waits for that one's end.
        """
        first = min((_order(track) for track in self.active), default=(self._searched + 1, 0.0))
        settled = sorted((track for track in self._ended if _order(track) < first), key=_order)
        self._ended = [track for track in self._ended if _order(track) >= first]
        return Settled(settled, first[0])

    def _match(self, index: int, detections: Sequence[Detection]) -> list[tuple[Track, Detection]]:
        """Pair tracks with detections, the best overlap first."""
        pairs = [
            (track.expect(index).iou(one.box), track, one) for track in self.active for one in detections
        ]
        pairs = [pair for pair in pairs if pair[0] >= LEAST_OVERLAP]
        matched: list[tuple[Track, Detection]] = []
        for _, track, detection in sorted(pairs, key=lambda pair: -pair[0]):
            if not any(track is other or detection is taken for other, taken in matched):
                matched.append((track, detection))
        return matched

    def _end_lost(self, index: int) -> None:
        lost = [track for track in self.active if index - track.indices[-1] > self.patience]
        for track in lost:
            track.end = track.indices[-1] + 1
        self._end(lost)

    def _end(self, tracks: Sequence[Track]) -> None:
        ended = list(tracks)
        self._ended += ended
        self.active = [track for track in self.active if not any(track is one for one in ended)]


def _order(track: Track) -> tuple[int, float]:
    return track.start, track.boxes[0].left


def steady(rows: Boxes) -> Boxes:
    """Replace each row [T, 4] by the median of those around it; fewer of them at the ends."""
    reach = WINDOW // 2
    spans = [min(reach, index, len(rows) - 1 - index) for index in range(len(rows))]
    medians = [np.median(rows[i - span : i + span + 1], axis=0) for i, span in enumerate(spans)]
    return np.stack(medians)


def _row(box: Box) -> Boxes:
    return np.array([box.left, box.top, box.right, box.bottom], dtype=np.float64)
