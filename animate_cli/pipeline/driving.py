"""The driving: its motion read whole (a few numbers a frame), its pictures streamed again where shown."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction

from animate_cli.animator import Animator
from animate_cli.errors import MediaError
from animate_cli.media import AudioSource, FrameReader, open_reader
from animate_cli.motion import Motion
from animate_cli.motion_file import MotionClip, cut_motion, is_motion_file, load_motion
from animate_cli.pipeline.fitting import Picture, fit_picture, place_picture
from animate_cli.pipeline.job import AnimateJob, Listener
from animate_cli.pipeline.stages import ahead


@dataclass(frozen=True)
class Driving:
    """What moves the source.

    clip: the motions of the selected range, on a clock that begins with it. pictures: opens the same frames
    again, None for a saved motion. audio: the sound that goes with the range. last: seconds that the last frame
    stays, None for one step of the rate.
    """

    clip: MotionClip
    last: Fraction | None = None
    pictures: Callable[[], Iterator[Picture]] | None = None
    audio: AudioSource | None = None


def read_driving(
    job: AnimateJob, animator: Animator, listener: Listener, weights_hash: Callable[[], str]
) -> Driving:
    """Read a driving's motion, from its pictures or from the file that it was saved in.

    Raises:
        MediaError: the driving cannot be read, or the selected range is empty.
    """
    if is_motion_file(job.driving):
        return _read_saved(job, animator, listener, weights_hash)
    reader = _open(job)
    clip, last = _detect(reader, job, animator, listener)
    for warning in reader.warnings:
        listener.warn(warning)
    _check_range(job, clip)
    audio = reader.audio if job.encoding.audio else None
    return Driving(clip, last, lambda: (frame.image for frame in reader), audio)


def _open(job: AnimateJob) -> FrameReader:
    return open_reader(job.driving, start=job.cut.start, end=job.cut.end, fps=job.cut.fps)


def _detect(
    reader: FrameReader, job: AnimateJob, animator: Animator, listener: Listener
) -> tuple[MotionClip, Fraction | None]:
    """Return the motion of every frame, and how long the last one stays."""
    listener.begin("Reading the motion", reader.info.num_frames)
    size = reader.info.height, reader.info.width
    placement = place_picture(size, animator.size, job.fit)
    times: list[Fraction] = []
    last: Fraction | None = None

    def pictures() -> Iterator[Picture]:
        """Decode and lay out, in a thread of its own; full-size frames never wait in a queue."""
        nonlocal last
        for frame in reader:
            last = frame.duration
            times.append(frame.time)
            yield fit_picture(frame.image, placement)

    motions: list[Motion] = []
    with closing(ahead(pictures())) as fitted:
        for motion in animator.detect(fitted):
            motions.append(motion)
            listener.advance()
    return MotionClip(motions, times, reader.info.fps), last


def _read_saved(
    job: AnimateJob, animator: Animator, listener: Listener, weights_hash: Callable[[], str]
) -> Driving:
    saved = load_motion(job.driving)
    found, expected = len(saved.motions[0].value), animator.info.config.num_keypoints
    if found != expected:
        raise MediaError(f"{job.driving}: the motion has {found} keypoints, but the weights move {expected}")
    if saved.weights and saved.weights != weights_hash():
        listener.warn(f"{job.driving} was saved with other weights; its keypoints may mean other places")
    clip = cut_motion(saved, job.cut.start, job.cut.end, job.cut.fps)
    _check_range(job, clip)
    return Driving(clip)


def _check_range(job: AnimateJob, clip: MotionClip) -> None:
    if not clip.motions:
        raise MediaError(f"{job.driving}: no frames between --start and --end")
    _check_reference(job, len(clip.motions))


def _check_reference(job: AnimateJob, num_frames: int) -> None:
    """Make sure that the reference frame is one of the selected ones.

    Raises:
        MediaError: it is not.
    """
    if job.reference is not None and job.reference >= num_frames:
        raise MediaError(
            f"{job.driving}: --reference-frame {job.reference} is not there; the selected range has "
            f"{num_frames} frames, counted from 0"
        )
