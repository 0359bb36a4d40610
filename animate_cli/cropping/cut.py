"""The second look at an input: cut the planned clips out as the frames come, sound and all."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from animate_cli.cropping.job import CropOptions
from animate_cli.cropping.segments import Dropped, Segment
from animate_cli.faces.transform import CropTransform
from animate_cli.media import Frame, FrameReader, FrameWriter, open_writer
from animate_cli.pipeline.stages import ahead

NEARLY_LOSSLESS = 10
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


def cut_clips(
    reader: FrameReader,
    planned: Sequence[tuple[Segment, Path]],
    options: CropOptions,
    *,
    viewer: Viewer | None = None,
    advance: Callable[[], None] = lambda: None,
) -> CutResult:
    """Write every planned segment of a clip to its path, in one pass; the next frames are decoded meanwhile.

    Raises:
        MediaError: an output cannot be written; the others that are unfinished are left out as well.
    """
    result = CutResult()
    waiting = sorted(planned, key=lambda one: one[0].start)[::-1]
    running: list[_Running] = []
    with ExitStack() as stack:
        frames = stack.enter_context(closing(ahead(reader)))
        for index, frame in enumerate(frames):
            for ended in [one for one in running if one.segment.end <= index]:
                running.remove(ended)
                ended.finish(result)
            while waiting and waiting[-1][0].start <= index:
                running.append(_Running(*waiting.pop(), reader, frame, options, stack))
            for one in running:
                one.add(index, frame)
            if viewer is not None:
                viewer.show(index, frame, [one.segment for one in running])
            advance()
            if not waiting and not running and viewer is None:
                break
        for one in running:
            one.finish(result)
    result.dropped += [Dropped(s.track, s.start, s.end, "begins behind the last frame") for s, _ in waiting]
    result.cuts.sort(key=lambda cut: (cut.start, cut.segment.track))
    return result


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
            why = f"{frames} frames, fewer than --min-frames {self.options.min_frames}"
            result.dropped.append(Dropped(segment.track, segment.start, segment.start + frames, why))
            return
        self.writer.finish()
        result.warnings += self.writer.warnings
        result.cuts.append(Cut(segment, self.path, self.start, self.start + self.writer.ends, frames))
