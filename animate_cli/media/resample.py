"""Another frame rate for a stream of frames, with its duration kept."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from animate_cli.media.values import Frame


def resample(frames: Iterable[Frame], rate: Fraction, end: Fraction | None = None) -> Iterator[Frame]:
    """Yield what is shown at k / rate seconds, k = 0, 1, 2, ..., until the last frame's time is over, or end.

    The count is the duration times the rate, rounded, and at least 1.
    """
    shown: Frame | None = None
    count, step = 0, 1 / rate
    for frame in frames:
        while shown is not None and count * step < frame.time:
            yield Frame(shown.image, count * step, step)
            count += 1
        shown = frame
    if shown is None:
        return
    over = shown.time + (shown.duration or step)
    wanted = max(1, round((over if end is None else min(over, end)) * rate))
    for k in range(count, wanted):
        yield Frame(shown.image, k * step, step)
