"""From tracks to the clips that are cut: lengths, boxes, and what is dropped."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from animate_cli.cropping.job import ALL, LARGEST, CropOptions
from animate_cli.faces.box import Box
from animate_cli.faces.tracking import Boxes, Settled, Track
from animate_cli.smoothing import OneEuroFilter

FOLLOW_SECONDS = 0.5
"""Time constant of the box that follows a face, while the face is at rest."""


@dataclass(frozen=True, eq=False)
class Segment:
    """A clip to be cut: frames ``start`` to ``end``, exclusive.

    boxes: square, [1, 4] where fixed, else one a frame. score: of the detector, None for boxes from a file.
    name, split: what a file of boxes says, else empty.
    """

    track: int
    start: int
    end: int
    boxes: Boxes
    score: float | None = None
    name: str = ""
    split: str = ""

    def box(self, index: int) -> Box:
        """Return the box of a frame of the clip that is cut from."""
        row = self.boxes[min(index - self.start, len(self.boxes) - 1)]
        return Box(*row.tolist())

    @property
    def around(self) -> Box:
        """The smallest box around all of its boxes."""
        return _around(self.boxes)


@dataclass(frozen=True)
class Dropped:
    """A track, or a part of one, that is not cut, and why."""

    track: int
    start: int
    end: int
    why: str


@dataclass(frozen=True)
class Plan:
    """What is to be cut out of a clip, and what is not.

    until: what is planned later begins in this frame or behind it; None where nothing is planned later.
    """

    segments: Sequence[Segment] = ()
    dropped: Sequence[Dropped] = ()
    until: int | None = None


def plan_clips(settled: Iterable[Settled], options: CropOptions, fps: Fraction, width: int) -> Iterator[Plan]:
    """Plan what is cut out of a video of this rate and width in pixels, as its tracks come to an end."""
    count = 0
    for tracks, until in _keep_all_back(settled) if options.face == LARGEST else settled:
        yield plan_segments(tracks, options, fps, width, before=count, until=until)
        count += len(tracks)


def _keep_all_back(settled: Iterable[Settled]) -> Iterator[Settled]:
    """Let nothing be certain before the end, where the largest face is known."""
    tracks: list[Track] = []
    for one in settled:
        tracks += one.tracks
        yield Settled([], 0)
    yield Settled(tracks, 0)


def choose_tracks(tracks: Sequence[Track], face: str, before: int = 0) -> Iterator[tuple[int, Track, str]]:
    """Yield each track with its number and why it is not wanted, empty where it is; ``before`` came earlier."""
    largest = max(range(len(tracks)), key=lambda i: tracks[i].presence, default=0)
    for index, track in enumerate(tracks):
        number = before + index + 1
        wanted = face == ALL or (face == LARGEST and index == largest) or face == str(number)
        yield number, track, "" if wanted else f"not asked for by --face {face}"


def plan_segments(
    tracks: Sequence[Track],
    options: CropOptions,
    fps: Fraction,
    width: int,
    *,
    before: int = 0,
    until: int | None = None,
) -> Plan:
    """Decide which clips are cut out of a video of this rate and width in pixels."""
    segments: list[Segment] = []
    dropped: list[Dropped] = []
    for number, track, unwanted in choose_tracks(tracks, options.face, before):
        if unwanted:
            dropped.append(Dropped(number, track.start, track.end, unwanted))
            continue
        for start, end in _parts(track, options):
            boxes = crop_boxes(track.between(start, end), options, fps, width)
            segment = Segment(number, start, end, boxes, track.score)
            why = reason_to_drop(segment, options, least_frames=options.min_frames)
            if why:
                dropped.append(Dropped(number, start, end, why))
            else:
                segments.append(segment)
    return Plan(segments, dropped, until)


def reason_to_drop(segment: Segment, options: CropOptions, *, least_frames: int = 1) -> str:
    """Say why a segment is not worth cutting; empty where it is."""
    frames = segment.end - segment.start
    if frames < least_frames:
        return too_short(frames, least_frames)
    side = min(segment.boxes[:, 2] - segment.boxes[:, 0])
    if side < options.min_size:
        return f"{side:.0f} pixels, less than --min-size {options.min_size}"
    return ""


def too_short(frames: int, least: int) -> str:
    """Say that a clip is too short."""
    return f"{frames} {'frame' if frames == 1 else 'frames'}, fewer than --min-frames {least}"


def crop_boxes(faces: Boxes, options: CropOptions, fps: Fraction, width: int) -> Boxes:
    """Return the square boxes to cut: one for all frames, or one that follows the face, with the margin."""
    if options.still:
        return _rows([_around(faces).expanded(options.grown).squared()])
    return _rows([Box(*row).expanded(options.grown).squared() for row in _smooth(faces, fps, width).tolist()])


def _parts(track: Track, options: CropOptions) -> Iterator[tuple[int, int]]:
    """Split a track where a fixed box loses its face, then evenly into clips that are not too long."""
    faces = track.between(track.start, track.end)
    for start, end in _kept_by_a_fixed_box(faces, options.iou) if options.still else [(0, len(faces))]:
        count = -(-(end - start) // options.max_frames)
        marks = [round(start + i * (end - start) / count) for i in range(count + 1)]
        yield from ((track.start + a, track.start + b) for a, b in pairwise(marks))


def _kept_by_a_fixed_box(faces: Boxes, least: float) -> Iterator[tuple[int, int]]:
    """Yield the stretches whose boxes all overlap their first one by the least IoU."""
    start = 0
    while start < len(faces):
        lost = np.flatnonzero(_iou(faces[start], faces[start:]) < least)
        end = start + int(lost[0]) if len(lost) else len(faces)
        yield start, end
        start = end


def _iou(box: Boxes, others: Boxes) -> Boxes:
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    both = np.clip(sides, 0, None).prod(1)
    areas = (box[2:] - box[:2]).prod(), (others[:, 2:] - others[:, :2]).prod(1)
    iou: Boxes = both / (areas[0] + areas[1] - both)
    return iou


def _smooth(faces: Boxes, fps: Fraction, width: int) -> Boxes:
    """Filter boxes forwards and backwards, so that they neither tremble nor lag."""
    unit = 2 / width  # of the filter, for which a picture is 2 wide
    there = _filter(faces * unit, fps)
    back = _filter(faces[::-1] * unit, fps)[::-1]
    return (there + back) / 2 / unit


def _filter(faces: Boxes, fps: Fraction) -> Boxes:
    smooth = OneEuroFilter(FOLLOW_SECONDS)
    return np.stack([smooth(row, float(index / fps)) for index, row in enumerate(faces)])


def _around(boxes: Boxes) -> Box:
    return Box(*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())


def _rows(boxes: Sequence[Box]) -> Boxes:
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=np.float64)
