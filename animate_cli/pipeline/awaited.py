"""Motions that are found when they are asked for, so that the first frame need not wait for the whole clip."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import cast, overload

from animate_cli.motion import Motion
from animate_cli.pipeline.fitting import Picture

Detect = Callable[[Iterable[Picture]], Iterator[Motion]]

MOST_KEPT = 100_000_000
"""Bytes of pictures that wait to be looked at; of longer clips, what came first is looked at meanwhile."""


class AwaitedMotions(Sequence[Motion]):
    """The motion of every frame of a clip, in order; pictures are kept until they were looked at."""

    def __init__(self, detect: Detect, batch_size: int) -> None:
        self._detect = detect
        self._batch_size = batch_size
        self._motions: list[Motion | None] = []
        self._pictures: dict[int, Picture] = {}
        self._bytes = 0

    def append(self, picture: Picture) -> None:
        """Add a frame; where too many wait, look at the first of them."""
        self._pictures[len(self._motions)] = picture
        self._motions.append(None)
        self._bytes += picture.nbytes
        if self._bytes > MOST_KEPT:
            self.find(list(islice(self._pictures, self._batch_size)))

    def find(self, indices: Iterable[int]) -> None:
        """Look at those of these frames that were not looked at yet."""
        wanted = [index for index in indices if index in self._pictures]
        for index, motion in zip(wanted, self._detect(map(self._take, wanted)), strict=True):
            self._motions[index] = motion

    def _take(self, index: int) -> Picture:
        picture = self._pictures.pop(index)
        self._bytes -= picture.nbytes
        return picture

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._motions)

    @overload
    def __getitem__(self, index: int) -> Motion: ...

    @overload
    def __getitem__(self, index: slice) -> list[Motion]: ...

    def __getitem__(self, index: int | slice) -> Motion | list[Motion]:
        """Return a frame's motion, or several; the frames behind it are looked at in the same batch."""
        if isinstance(index, slice):
            return [self[one] for one in range(len(self))[index]]
        place = range(len(self))[index]
        if self._motions[place] is None:
            self.find(range(place, place + self._batch_size))
        return cast(Motion, self._motions[place])
