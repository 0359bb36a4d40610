"""The driving: its motion, a few numbers a frame, and its pictures, streamed again where shown."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from animate_cli.animator import Animator
from animate_cli.errors import MediaError
from animate_cli.faces.box import Box
from animate_cli.faces.transform import cut_out
from animate_cli.media import AudioSource, FrameReader
from animate_cli.motion_file import MotionClip
from animate_cli.pipeline.awaited import AwaitedMotions
from animate_cli.pipeline.fitting import Picture, fit_picture, place_picture
from animate_cli.pipeline.inputs import check_range
from animate_cli.pipeline.job import READING, REFERENCE_CANDIDATES, AnimateJob, Listener
from animate_cli.pipeline.stages import ahead

MOST_AHEAD = 64
"""Laid out frames that are decoded ahead at most while candidates for the reference are looked at."""


@dataclass(frozen=True)
class Driving:
    """What moves the source.

    clip: the motions of the selected range, on a clock that begins with it. pictures: opens the same frames
    again, whole, None for a saved motion. box: what of them the model was shown, None for all. audio: the sound
    that goes with the range. last: seconds that the last frame stays, None for one step of the rate.
    """

    clip: MotionClip
    last: Fraction | None = None
    pictures: Callable[[], Iterator[Picture]] | None = None
    audio: AudioSource | None = None
    box: Box | None = None


def read_driving(
    opened: FrameReader | MotionClip,
    job: AnimateJob,
    animator: Animator,
    listener: Listener,
    weights_hash: Callable[[], str],
    box: Box | None = None,
) -> Driving:
    """Read a driving's motion from its pictures, or a box in them, or take the one that was saved.

    Raises:
        MediaError: the driving is damaged, or its motion is not of these weights.
    """
    if isinstance(opened, MotionClip):
        return _take_saved(opened, job, animator, listener, weights_hash)
    reader = opened
    clip, last = _detect(reader, job, animator, listener, box)
    for warning in reader.warnings:
        listener.warn(warning)
    check_range(job, len(clip.motions))
    audio = reader.audio if job.encoding.audio else None
    return Driving(clip, last, lambda: (frame.image for frame in reader), audio, box)


def _detect(
    reader: FrameReader, job: AnimateJob, animator: Animator, listener: Listener, box: Box | None
) -> tuple[MotionClip, Fraction | None]:
    """Return the motion of every frame, and how long the last one stays.

    Frames that may become the reference are looked at meanwhile, the others when their motion is asked for. While a
    batch of candidates is looked at, all frames up to the last of the next one are decoded.
    """
    listener.begin(READING, reader.info.num_frames)
    size = (reader.info.height, reader.info.width) if box is None else (round(box.height), round(box.width))
    placement = place_picture(size, animator.size, job.fit)
    times: list[Fraction] = []
    last: Fraction | None = None

    def pictures() -> Iterator[Picture]:
        """Decode and lay out, in a thread of its own; full-size frames never wait in a queue."""
        nonlocal last
        for frame in reader:
            last = frame.duration
            times.append(frame.time)
            yield fit_picture(frame.image if box is None else cut_out(frame.image, box), placement)

    motions = AwaitedMotions(animator.detect, animator.batch_size)
    step = candidate_step(reader.info.num_frames or 0)
    batch = step * animator.batch_size
    with closing(ahead(pictures(), capacity=min(batch, MOST_AHEAD))) as fitted:
        for number, picture in enumerate(fitted):
            motions.append(picture)
            if number % batch == 0:
                motions.find(range(number - batch + step, number + 1, step))
            listener.advance()
    return MotionClip(motions, times, reader.info.fps), last


def candidate_step(num_frames: int) -> int:
    """Return the step between the frames of a clip that may become the reference."""
    return max(1, ceil(num_frames / REFERENCE_CANDIDATES))


def _take_saved(
    clip: MotionClip, job: AnimateJob, animator: Animator, listener: Listener, weights_hash: Callable[[], str]
) -> Driving:
    found, expected = len(clip.motions[0].value), animator.info.config.num_keypoints
    if found != expected:
        raise MediaError(f"{job.driving}: the motion has {found} keypoints, but the weights move {expected}")
    if clip.weights and clip.weights != weights_hash():
        listener.warn(f"{job.driving} was saved with other weights; its keypoints may mean other places")
    return Driving(clip)
