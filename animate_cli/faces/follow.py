"""Find and follow the faces of a clip."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from animate_cli.faces.cuts import CutFinder
from animate_cli.faces.detector import Detector, Picture
from animate_cli.faces.tracking import Settled, Track, Tracker

SEARCHES_A_SECOND = 6
GAP = Fraction(1, 2)
"""Seconds without a detection that are bridged; a single search without one always is."""


def search_step(fps: Fraction) -> int:
    """Return how many frames apart faces are looked for; the boxes between are interpolated."""
    return max(1, round(fps / SEARCHES_A_SECOND))


def follow_faces(
    frames: Iterable[Picture],
    detector: Detector,
    fps: Fraction,
    *,
    every: int | None = None,
    advance: Callable[[], None] = lambda: None,
) -> list[Track]:
    """Follow every face through a clip of pictures [H, W, 3]; keeps a few numbers a face and no pictures.

    Args:
        frames: the clip.
        detector: looks at every n-th frame and at the first of each scene.
        fps: frames a second.
        every: that n; by default six frames a second.
        advance: called after each frame.
    """
    settled = watch_faces(frames, detector, fps, every=every, advance=advance)
    return [track for one in settled for track in one.tracks]


def glance_at_faces(pictures: Iterable[Picture], detector: Detector, step: int) -> list[Track]:
    """Follow every face through pictures that are ``step`` frames of a clip apart.

    Enough to know where in the clip faces are, at a fraction of the time: between the pictures nobody looks, and
    a new scene is told only by its faces being elsewhere.
    """
    tracker, end = Tracker(2 * step), 0
    for number, picture in enumerate(pictures):
        tracker.see(number * step, detector.detect(picture))
        end = (number + 1) * step
    tracker.cut(end)
    return tracker.settle().tracks


def watch_faces(
    frames: Iterable[Picture],
    detector: Detector,
    fps: Fraction,
    *,
    every: int | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Iterator[Settled]:
    """Follow the faces as `follow_faces` does, and say after each look which tracks have ended."""
    step = every or search_step(fps)
    tracker, cuts = Tracker(max(round(GAP * fps), 2 * step)), CutFinder()
    next_search = index = 0
    for index, picture in enumerate(frames, start=1):
        if cuts.is_cut(picture):
            tracker.cut(index - 1)
            next_search = index - 1
        if index - 1 == next_search:
            tracker.see(index - 1, detector.detect(picture))
            next_search += step
            yield tracker.settle()
        advance()
    tracker.cut(index)
    yield tracker.settle()
