"""Frames for several models: a short clip is made once, a long one anew."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from animate_cli.metrics.evaluation.clips import ClipFrame
from animate_cli.metrics.evaluation.replay import Replay
from tests.metrics.evaluation.clips import MadeClip


class Counted(MadeClip):
    """A clip that counts how often it is made."""

    made = 0

    def frames(self, drivers: Sequence[str] = ()) -> Iterator[ClipFrame]:
        self.made += 1
        yield from super().frames(drivers)


@pytest.mark.parametrize(("most", "made"), [(10_000_000, 1), (100_000, 2), (0, 2)])
def test_a_clip_is_made_once_where_it_is_short(most: int, made: int) -> None:
    clip = Counted("a")
    frames = Replay(clip, ("other",), most)
    first, second = list(frames), list(frames)
    assert len(first) == len(second) == clip.count
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.picture, other.picture)
    assert clip.made == made


def test_a_clip_that_was_left_early_is_made_again() -> None:
    clip = Counted("a")
    frames = Replay(clip, ())
    next(iter(frames))
    assert len(list(frames)) == len(list(frames)) == clip.count
    assert clip.made == 2
