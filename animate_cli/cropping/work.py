"""One input from beginning to end: find its faces, plan the clips, cut them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from animate_cli.cropping.boxes_file import GivenBox
from animate_cli.cropping.cut import Cut, CutResult, cut_clips
from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions, Listener
from animate_cli.cropping.preview import Preview, draw_segments
from animate_cli.cropping.records import Row
from animate_cli.cropping.segments import Dropped, Segment, plan_segments, reason_to_drop
from animate_cli.errors import MediaError
from animate_cli.faces.detector import Detector, Picture
from animate_cli.faces.detectors import choose_detector, open_detector
from animate_cli.faces.follow import follow_faces
from animate_cli.faces.tracking import Track
from animate_cli.faces.transform import CropTransform
from animate_cli.media import FrameReader, VideoInfo, open_reader, read_image, write_image
from animate_cli.media.sniff import Kind, sniff
from animate_cli.pipeline.stages import ahead

FOLDERS = {"train", "test", "val"}


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


def crop_input(
    task: Task, given: Sequence[GivenBox] | None, out: Path, options: CropOptions, listener: Listener
) -> Outcome:
    """Crop one picture or clip; what goes wrong with it is told in the outcome."""
    try:
        if sniff(task.path) is Kind.PICTURE:
            return _crop_picture(task, given, out, options)
        return _crop_clip(task, given, out, options, listener)
    except MediaError as error:
        return Outcome(task, problem=str(error))


@cache
def _detector(name: str, device: str) -> Detector:
    """Open a detector once a process."""
    return open_detector(name, device)


def _crop_picture(task: Task, given: Sequence[GivenBox] | None, out: Path, options: CropOptions) -> Outcome:
    picture = read_image(task.path)
    info = _info_of(picture)
    if given is None:
        found = _detector(options.detector, options.device).detect(picture)
        by_place = sorted(found, key=lambda one: (one.box.left, one.box.top))
        tracks = [Track([0], [one.box], [one.score], end=1) for one in by_place]
        segments, dropped = plan_segments(
            tracks, replace(options, min_frames=1, still=True), info.fps, info.width
        )
    else:
        segments, dropped = _given_segments(given, info, options)
    planned = _name(task, segments, out, ".png")
    for segment, path in planned:
        write_image(path, CropTransform(segment.box(0), options.size).crop(picture))
    if options.preview is not None:
        write_image(options.preview / f"{task.name}.png", draw_segments(picture, 0, segments))
    cuts = [Cut(segment, path, Fraction(0), Fraction(0), 1) for segment, path in planned]
    return _report(task, CutResult(cuts), dropped, out, options)


def _info_of(picture: Picture) -> VideoInfo:
    height, width = picture.shape[:2]
    return VideoInfo(width, height, Fraction(1), 1, None, has_audio=False, has_alpha=False)


def _crop_clip(
    task: Task,
    given: Sequence[GivenBox] | None,
    out: Path,
    options: CropOptions,
    listener: Listener,
) -> Outcome:
    with open_reader(task.path) as reader:
        info = reader.info
        if given is None:
            tracks = _find(reader, task, options, listener)
            segments, dropped = plan_segments(tracks, options, info.fps, info.width)
        else:
            segments, dropped = _given_segments(given, info, options)
        damage = list(reader.warnings)
        planned = _name(task, segments, out, "" if options.format == "png" else ".mp4")
        listener.begin(f"Cutting {task.path.name}", info.num_frames)
        result = _cut(reader, planned, task, options, listener.advance) if planned else CutResult()
        result.warnings += damage or reader.warnings
    return _report(task, result, dropped, out, options)


def _find(reader: FrameReader, task: Task, options: CropOptions, listener: Listener) -> list[Track]:
    """Follow the faces of a clip, whose next frames are decoded meanwhile."""
    listener.begin(f"Finding faces in {task.path.name}", reader.info.num_frames)
    detector = _detector(options.detector, options.device)
    with closing(ahead(frame.image for frame in reader)) as pictures:
        return follow_faces(
            pictures, detector, reader.info.fps, every=options.every, advance=listener.advance
        )


def _cut(
    reader: FrameReader,
    planned: Sequence[tuple[Segment, Path]],
    task: Task,
    options: CropOptions,
    advance: Callable[[], None],
) -> CutResult:
    if options.preview is None:
        return cut_clips(reader, planned, options, advance=advance)
    preview = Preview(options.preview / f"{task.name}.mp4", reader.info.fps)
    try:
        result = cut_clips(reader, planned, options, viewer=preview, advance=advance)
        preview.finish()
    finally:
        preview.abort()
    return result


def _given_segments(
    given: Sequence[GivenBox], info: VideoInfo, options: CropOptions
) -> tuple[list[Segment], list[Dropped]]:
    """Return the segments of boxes from a file; their lengths are only known when they are cut."""
    segments = [box.segment(number, info, options) for number, box in enumerate(given, start=1)]
    why = {id(segment): reason_to_drop(segment, options) for segment in segments}
    kept = [segment for segment in segments if not why[id(segment)]]
    return kept, [Dropped(s.track, s.start, s.end, why[id(s)]) for s in segments if why[id(s)]]


def _name(task: Task, segments: Sequence[Segment], out: Path, ending: str) -> list[tuple[Segment, Path]]:
    """Give each segment its file; the folders are made."""

    def place() -> Iterator[tuple[Segment, Path]]:
        for number, segment in enumerate(segments, start=1):
            split = task.split or (segment.split if segment.split in FOLDERS else "")
            folder = out / split
            folder.mkdir(exist_ok=True)
            yield segment, folder / f"{segment.name or task.result(number)}{ending}"

    return list(place())


def _report(
    task: Task, result: CutResult, dropped: Sequence[Dropped], out: Path, options: CropOptions
) -> Outcome:
    detector = "boxes" if options.boxes is not None else choose_detector(options.detector)
    nothing = "no face found" if options.boxes is None else f"no box in {options.boxes.name}"
    outcome = Outcome(task, dropped=[*dropped, *result.dropped], warnings=result.warnings, nothing=nothing)
    for cut in result.cuts:
        outcome.rows.append(_row(task, cut, out, options, detector))
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
