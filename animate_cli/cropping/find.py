"""The first look at an input: find and follow its faces, and plan what is cut as each comes to an end."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from animate_cli.cropping.boxes_file import GivenBox
from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions, Listener
from animate_cli.cropping.segments import Dropped, Plan, plan_clips, plan_segments, reason_to_drop
from animate_cli.errors import MediaError
from animate_cli.faces.detector import Detector, Picture
from animate_cli.faces.detectors import open_detector
from animate_cli.faces.follow import watch_faces
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameReader, VideoInfo, open_reader, read_image
from animate_cli.media.sniff import Kind, sniff
from animate_cli.pipeline.stages import ahead

NOTHING = Plan()


@dataclass(frozen=True)
class Finding:
    """What became certain about an input.

    warnings: about damage. problem: why it cannot be used; nothing follows then.
    """

    task: Task
    plan: Plan = NOTHING
    warnings: tuple[str, ...] = ()
    problem: str = ""


def find(
    task: Task, given: Sequence[GivenBox] | None, options: CropOptions, listener: Listener
) -> Iterator[Finding]:
    """Say bit by bit what to cut out of a picture or clip: its faces, or the boxes that are given."""
    try:
        if sniff(task.path) is Kind.PICTURE:
            yield Finding(task, _plan_picture(read_image(task.path), given, options))
            return
        with open_reader(task.path) as reader:
            if given is not None:
                yield Finding(task, _plan_given(given, reader.info, options))
                return
            for plan in _follow(reader, task, options, listener):
                yield Finding(task, plan)
            yield Finding(task, warnings=reader.warnings)
    except MediaError as error:
        yield Finding(task, problem=str(error))


@cache
def shared_detector(name: str, device: str) -> Detector:
    """Open a detector, once a process.

    Raises:
        WeightsError: its weights are not here and cannot be downloaded.
    """
    return open_detector(name, device)


def _plan_picture(picture: Picture, given: Sequence[GivenBox] | None, options: CropOptions) -> Plan:
    height, width = picture.shape[:2]
    info = VideoInfo(width, height, Fraction(1), 1, None, has_audio=False, has_alpha=False)
    if given is not None:
        return _plan_given(given, info, options)
    found = shared_detector(options.detector, options.device).detect(picture)
    by_place = sorted(found, key=lambda one: (one.box.left, one.box.top))
    tracks = [Track([0], [one.box], [one.score], end=1) for one in by_place]
    return plan_segments(tracks, replace(options, min_frames=1, still=True), info.fps, width)


def _follow(reader: FrameReader, task: Task, options: CropOptions, listener: Listener) -> Iterator[Plan]:
    """Follow the faces of a clip, whose next frames are decoded meanwhile."""
    listener.begin(f"Finding faces in {task.path.name}", reader.info.num_frames)
    detector, info = shared_detector(options.detector, options.device), reader.info
    with closing(ahead(frame.image for frame in reader)) as pictures:
        settled = watch_faces(pictures, detector, info.fps, every=options.every, advance=listener.advance)
        yield from plan_clips(settled, options, info.fps, info.width)


def _plan_given(given: Sequence[GivenBox], info: VideoInfo, options: CropOptions) -> Plan:
    """Plan what boxes from a file say; the clips' lengths are only known when they are cut."""
    segments = [box.segment(number, info, options) for number, box in enumerate(given, start=1)]
    why = {id(segment): reason_to_drop(segment, options) for segment in segments}
    kept = [segment for segment in segments if not why[id(segment)]]
    return Plan(kept, [Dropped(s.track, s.start, s.end, why[id(s)]) for s in segments if why[id(s)]])
