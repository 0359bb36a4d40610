"""What a job reads, opened before the model is loaded, so that what cannot be read is told at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from animate_cli.errors import MediaError
from animate_cli.files import same_place
from animate_cli.media import FrameReader, open_reader, read_image
from animate_cli.media.check import check_file
from animate_cli.media.folder_writer import FRAME_FILES
from animate_cli.media.pictures import picture_files
from animate_cli.media.sniff import Kind, sniff
from animate_cli.motion_file import MotionClip, cut_motion, is_motion_file, load_motion
from animate_cli.pipeline.checks import is_still
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.job import FOLDER_ENDING, AnimateJob, Cut


@dataclass(frozen=True)
class Task:
    """One picture of a job and where its result goes. still: the result is one picture."""

    source: Path
    out: Path
    still: bool = False


@dataclass(frozen=True)
class Inputs:
    """What was opened: the job's pictures, the source unless it is a folder, and what moves it.

    others: what moves single faces, by their numbers. also: more pictures of the source's figure.
    """

    tasks: list[Task]
    source: Picture | None
    driving: FrameReader | MotionClip
    others: Mapping[int, FrameReader | MotionClip]
    also: Sequence[Picture] = ()


def open_inputs(job: AnimateJob) -> Inputs:
    """Open what a job reads.

    Raises:
        MediaError: something cannot be read, the selected range holds no frame or not the reference frame, or a
            result would replace an input.
    """
    tasks = list_tasks(job)
    _keep_inputs(job, tasks)
    source = None if job.source.is_dir() else read_source(job.source)
    also = [read_source(path) for path in job.also]
    return Inputs(tasks, source, _open_driving(job), _open_others(job), also)


def _open_others(job: AnimateJob) -> dict[int, FrameReader | MotionClip]:
    """Open the drivings that faces have of their own, whole."""
    jobs = {number: replace(job, driving=path, cut=Cut(), reference=None) for number, path in job.driving_for}
    return {number: _open_driving(own) for number, own in jobs.items()}


def list_tasks(job: AnimateJob) -> list[Task]:
    """List a job's pictures: one, or those of a folder, whose results are called NAME.mp4.

    Raises:
        MediaError: the folder holds no pictures.
    """
    if not job.source.is_dir():
        return [Task(job.source, job.out, is_still(job))]
    files = picture_files(job.source)
    if not files:
        raise MediaError(f"{job.source}: the folder holds no pictures; give one with PNG or JPEG files")
    stems = Counter(file.stem.casefold() for file in files)
    names = [file.stem if stems[file.stem.casefold()] == 1 else file.name for file in files]
    return [Task(file, job.out / f"{name}{FOLDER_ENDING}") for file, name in zip(files, names, strict=True)]


def _keep_inputs(job: AnimateJob, tasks: list[Task]) -> None:
    """Make sure that nothing inside an output folder that is written over is an input, or a folder."""
    written = list(job.out.glob(FRAME_FILES)) if job.out.is_dir() else []
    if job.source.is_dir():
        written = [task.out for task in tasks]
        for path in written:
            check_file(path, still=False)
    for path in written:
        if any(same_place(path, given) for given in job.given):
            raise MediaError(f"{path}: is an input that the result would replace; choose another folder")


def read_source(path: Path) -> Picture:
    """Read a source, [H, W, 3] or with alpha [H, W, 4]: a picture, or the first frame of any clip.

    Raises:
        MediaError: nothing can be read there.
    """
    if sniff(path) is not Kind.STACKED:
        return read_image(path, alpha=True)
    with open_reader(path, alpha=True) as frames:
        return next(iter(frames)).image


def _open_driving(job: AnimateJob) -> FrameReader | MotionClip:
    if is_motion_file(job.driving):
        clip = cut_motion(load_motion(job.driving), job.cut.start, job.cut.end, job.cut.fps)
        check_range(job, len(clip.motions))
        return clip
    reader = open_reader(job.driving, start=job.cut.start, end=job.cut.end, fps=job.cut.fps)
    most = reader.count_at_most() if job.reference else None
    if most is not None:
        check_range(job, most)
    return reader


def check_range(job: AnimateJob, num_frames: int) -> None:
    """Make sure that the selected range holds frames, and the reference frame.

    Raises:
        MediaError: it does not.
    """
    if num_frames == 0:
        raise MediaError(f"{job.driving}: no frames between --start and --end")
    if job.reference is not None and job.reference >= num_frames:
        frames = "1 frame" if num_frames == 1 else f"{num_frames} frames"
        raise MediaError(
            f"{job.driving}: --reference-frame {job.reference} is not there; the selected range has "
            f"{frames}, counted from 0"
        )
