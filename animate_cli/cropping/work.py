"""Inputs from beginning to end: while one is cut, faces are looked for further on, and in what follows it."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count, groupby
from pathlib import Path

from animate_cli.cropping.boxes_file import GivenBox
from animate_cli.cropping.cut import Cut, CutResult, Named, cut_clips
from animate_cli.cropping.find import Finding, find
from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions, Listener
from animate_cli.cropping.preview import Preview, draw_segments
from animate_cli.cropping.records import Row
from animate_cli.cropping.segments import Dropped, Segment
from animate_cli.errors import MediaError
from animate_cli.faces.detectors import choose_detector
from animate_cli.faces.transform import CropTransform
from animate_cli.media import open_reader, read_image, write_image
from animate_cli.media.sniff import Kind, sniff
from animate_cli.pipeline.stages import ahead

FOLDERS = {"train", "test", "val"}

FAR_AHEAD = 10_000
"""Looks that finding may be ahead of cutting; each is a few numbers."""


@dataclass
class Outcome:
    """What became of an input.

    problem: why it could not be read or its results not be written. nothing: why there is nothing to cut.
    """

    task: Task
    rows: list[Row] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problem: str = ""
    nothing: str = ""


def crop_inputs(
    work: Iterable[tuple[Task, Sequence[GivenBox] | None]],
    out: Path,
    options: CropOptions,
    listener: Listener,
) -> Generator[Outcome]:
    """Crop pictures and clips in turn; what goes wrong with one is told in its outcome.

    Faces are looked for in a thread of their own, which goes on to the next input while the last one is cut.
    """

    def look_through() -> Iterator[Finding]:
        for task, given in work:
            yield from find(task, given, options, listener)
        listener.begin("Cutting", None)

    with closing(ahead(look_through(), FAR_AHEAD)) as findings:
        for task, told in groupby(findings, key=lambda one: one.task):
            yield _Work(task, out, options).crop(told)


def crop_input(
    task: Task, given: Sequence[GivenBox] | None, out: Path, options: CropOptions, listener: Listener
) -> Outcome:
    """Crop one picture or clip."""
    (outcome,) = crop_inputs([(task, given)], out, options, listener)
    return outcome


class _Work:
    """One input that is being cut, as what is found in it is told."""

    def __init__(self, task: Task, out: Path, options: CropOptions) -> None:
        self.task, self.out, self.options = task, out, options
        self.dropped: list[Dropped] = []
        self.damage: tuple[str, ...] = ()
        self._numbers = count(1)
        self._is_picture = False

    def crop(self, told: Iterable[Finding]) -> Outcome:
        """Cut what is found; the outcome tells what became of it."""
        try:
            self._is_picture = sniff(self.task.path) is Kind.PICTURE
            result = self._cut_picture(told) if self._is_picture else self._cut_clip(told)
        except MediaError as error:
            return Outcome(self.task, problem=str(error))
        return self._report(result)

    def _named(self, told: Iterable[Finding]) -> Iterator[Named]:
        """Give each planned segment its file, and keep what else is told."""
        for one in told:
            if one.problem:
                raise MediaError(one.problem)
            self.dropped += one.plan.dropped
            self.damage += one.warnings
            yield Named([(segment, self._place(segment)) for segment in one.plan.segments], one.plan.until)

    def _place(self, segment: Segment) -> Path:
        """Return a segment's file; its folder is made."""
        split = segment.split if segment.split in FOLDERS else self.task.split
        folder = self.out / split
        folder.mkdir(exist_ok=True)
        name = segment.name or self.task.result(next(self._numbers))
        clip = "" if self.options.format == "png" else ".mp4"
        return folder / f"{name}{'.png' if self._is_picture else clip}"

    def _cut_picture(self, told: Iterable[Finding]) -> CutResult:
        planned = [one for named in self._named(told) for one in named.segments]
        picture, preview = read_image(self.task.path), self.options.preview
        for segment, path in planned:
            write_image(path, CropTransform(segment.box(0), self.options.size).crop(picture))
        if preview is not None:
            segments = [segment for segment, _ in planned]
            write_image(preview / f"{self.task.name}.png", draw_segments(picture, 0, segments))
        return CutResult([Cut(segment, path, Fraction(0), Fraction(0), 1) for segment, path in planned])

    def _cut_clip(self, told: Iterable[Finding]) -> CutResult:
        with open_reader(self.task.path) as reader, ExitStack() as stack:
            preview = None
            if self.options.preview is not None:
                preview = Preview(self.options.preview / f"{self.task.name}.mp4", reader.info.fps)
                stack.callback(preview.abort)  # does nothing to a finished one
            result = cut_clips(reader, self._named(told), self.options, viewer=preview)
            if preview is not None:
                preview.finish()
            result.warnings += self.damage or reader.warnings
        return result

    def _report(self, result: CutResult) -> Outcome:
        options = self.options
        detector = "boxes" if options.boxes is not None else choose_detector(options.detector)
        nothing = "no face found" if options.boxes is None else f"no box in {options.boxes.name}"
        dropped = [*self.dropped, *result.dropped]
        outcome = Outcome(self.task, dropped=dropped, warnings=result.warnings, nothing=nothing)
        for cut in result.cuts:
            outcome.rows.append(_row(self.task, cut, self.out, options, detector))
            side = min(cut.segment.boxes[:, 2] - cut.segment.boxes[:, 0])
            if side < options.size:
                outcome.notes.append(f"{cut.path.name}: enlarged from {side:.0f} to {options.size} pixels")
        return outcome


def _row(task: Task, cut: Cut, out: Path, options: CropOptions, detector: str) -> Row:
    box, score = cut.segment.around, cut.segment.score
    return Row(
        source=str(task.path),
        output=cut.path.relative_to(out).as_posix(),
        track=cut.segment.track,
        start=round(float(cut.start), 6),
        end=round(float(cut.end), 6),
        frames=cut.frames,
        left=round(box.left, 2),
        top=round(box.top, 2),
        right=round(box.right, 2),
        bottom=round(box.bottom, 2),
        size=options.size,
        detector=detector,
        score=None if score is None else round(score, 4),
    )
