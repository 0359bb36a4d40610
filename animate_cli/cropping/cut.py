"""The second look at an input: cut the clips out as they are planned, sound and all."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol

from animate_cli.cropping.job import CropOptions
from animate_cli.cropping.segments import Dropped, Segment, too_short
from animate_cli.faces.transform import CropTransform
from animate_cli.media import Frame, FrameReader, FrameWriter, open_writer
from animate_cli.pipeline.stages import ahead

NEARLY_LOSSLESS = 9
"""x264's quality (crf); at 18 a clip that is cropped, trained on and shown has lost visibly."""


@dataclass(frozen=True)
class Cut:
    """A clip that was written: start and end are seconds on the input's clock."""

    segment: Segment
    path: Path
    start: Fraction
    end: Fraction
    frames: int


@dataclass
class CutResult:
    """What was written, what was not, and what could not be kept."""

    cuts: list[Cut] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Viewer(Protocol):
    """Whoever looks on while an input is cut."""

    def show(self, index: int, frame: Frame, segments: Sequence[Segment]) -> None:
        """Take a frame and the segments that hold it."""


class Named(NamedTuple):
    """Segments and the files that they are written to; what comes later begins in frame ``until`` or behind it."""

    segments: Sequence[tuple[Segment, Path]]
    until: int | None


def cut_clips(
    reader: FrameReader,
    plans: Iterable[Named],
    options: CropOptions,
    *,
    viewer: Viewer | None = None,
    advance: Callable[[], None] = lambda: None,
) -> CutResult:
    """Write every planned segment of a clip to its path, in one pass; the next frames are decoded meanwhile.

    A plan is asked for when it is needed to go on: what is planned last may still be in the making.

    Raises:
        MediaError: an output cannot be written; the others that are unfinished are left out as well.
    """
    result, schedule = CutResult(), _Schedule(plans)
    running: list[_Running] = []
    with ExitStack() as stack:
        frames = stack.enter_context(closing(ahead(reader)))
        for index in count():
            for ended in [one for one in running if one.segment.end <= index]:
                running.remove(ended)
                ended.finish(result)
            if not schedule.has_work(index, busy=bool(running) or viewer is not None):
                break
            frame = next(frames, None)
            if frame is None:
                break
            running += [_Running(*one, reader, frame, options, stack) for one in schedule.begin(index)]
            for one in running:
                one.add(index, frame)
            if viewer is not None:
                viewer.show(index, frame, [one.segment for one in running])
            advance()
        for one in running:
            one.finish(result)
    result.dropped += [
        Dropped(s.track, s.start, s.end, "begins behind the last frame") for s in schedule.rest()
    ]
    result.cuts.sort(key=lambda cut: (cut.start, cut.segment.track))
    return result


class _Schedule:
    """What is to be cut, as far as it is known."""

    def __init__(self, plans: Iterable[Named]) -> None:
        self._plans = iter(plans)
        self._waiting: list[tuple[Segment, Path]] = []
        self._until: int | None = 0

    def has_work(self, index: int, *, busy: bool) -> bool:
        """Wait until it is known what begins up to a frame, and tell whether there is work in it or later.

        While nothing is cut, the frames need not be decoded before there is something to cut.
        """
        while self._until is not None and (index >= self._until or not (busy or self._waiting)):
            self._learn()
        return busy or bool(self._waiting)

    def begin(self, index: int) -> list[tuple[Segment, Path]]:
        """Hand out what begins by a frame."""
        ready = [one for one in self._waiting if one[0].start <= index]
        self._waiting = [one for one in self._waiting if one[0].start > index]
        return ready

    def rest(self) -> list[Segment]:
        """Return what was planned and never began."""
        while self._until is not None:
            self._learn()
        return [segment for segment, _ in self._waiting]

    def _learn(self) -> None:
        plan = next(self._plans, Named((), None))
        self._waiting += plan.segments
        self._until = plan.until


class _Running:
    """A segment that is being written."""

    def __init__(
        self,
        segment: Segment,
        path: Path,
        reader: FrameReader,
        first: Frame,
        options: CropOptions,
        stack: ExitStack,
    ) -> None:
        self.segment, self.path, self.options = segment, path, options
        self.start = first.time
        audio = None if reader.audio is None else replace(reader.audio, start=reader.audio.start + first.time)
        is_video = options.format == "mp4"
        self.writer: FrameWriter = open_writer(
            path,
            width=options.size,
            height=options.size,
            fps=reader.info.fps,
            audio=audio if is_video else None,
            crf=NEARLY_LOSSLESS if is_video else None,
            overwrite=True,
            fast=True,
        )
        stack.callback(self.writer.abort)  # does nothing to a finished one

    def add(self, index: int, frame: Frame) -> None:
        """Cut the segment's box out of a frame and encode it."""
        picture = CropTransform(self.segment.box(index), self.options.size).crop(frame.image)
        self.writer.write(picture, frame.time - self.start, frame.duration)

    def finish(self, result: CutResult) -> None:
        """Complete the clip, unless the input ended too early for it."""
        frames, segment = self.writer.num_frames, self.segment
        if frames < self.options.min_frames:
            self.writer.abort()
            why = too_short(frames, self.options.min_frames)
            result.dropped.append(Dropped(segment.track, segment.start, segment.start + frames, why))
            return
        self.writer.finish()
        result.warnings += self.writer.warnings
        result.cuts.append(Cut(segment, self.path, self.start, self.start + self.writer.ends, frames))
