"""What every kind of medium offers the reader."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from animate_cli.media.values import Frame, VideoInfo

DEFAULT_RATE = Fraction(25)
Note = Callable[[str], None]


class Medium(Protocol):
    """A whole clip on its own clock, where 0 is its first frame."""

    path: Path
    info: VideoInfo

    @property
    def times(self) -> tuple[Fraction, ...] | None:
        """When each frame starts, seconds; None where only decoding can tell."""

    def frames(self, start: Fraction, end: Fraction | None, *, alpha: bool, note: Note) -> Iterator[Frame]:
        """Decode the frames that begin at start or later and before end, afresh on each call.

        Args:
            start: Seconds on the medium's own clock.
            end: Seconds, exclusive; None for all.
            alpha: Whether to keep transparency; else it is composited onto white.
            note: Called with a sentence about damage that was passed over.
        """


def in_range(time: Fraction, start: Fraction, end: Fraction | None) -> bool:
    """Tell whether a frame that begins at time belongs to the range."""
    return time >= start and (end is None or time < end)
