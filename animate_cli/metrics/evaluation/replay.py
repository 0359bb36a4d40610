"""A clip that is asked for several times: the frames of a short one are decoded, or drawn, once."""

from collections.abc import Iterator, Sequence

from animate_cli.metrics.evaluation.clips import Clip, ClipFrame

MOST_KEPT = 50_000_000
"""Bytes of pictures that are kept of a clip; the frames of a longer one are made anew each time."""


class Replay:
    """The frames of a clip with these other drivers, as often as they are iterated.

    most: bytes of pictures that may be kept.
    """

    def __init__(self, clip: Clip, drivers: Sequence[str], most: int = MOST_KEPT) -> None:
        self._clip, self._drivers, self._most = clip, drivers, most
        self._kept: list[ClipFrame] | None = None

    def __iter__(self) -> Iterator[ClipFrame]:
        if self._kept is not None:
            yield from self._kept
            return
        kept, size = list[ClipFrame](), 0
        for frame in self._clip.frames(self._drivers):
            size += sum(picture.nbytes for picture in (frame.picture, *frame.others.values()))
            if size <= self._most:
                kept.append(frame)
            else:
                kept.clear()
            yield frame
        if size <= self._most:
            self._kept = kept
