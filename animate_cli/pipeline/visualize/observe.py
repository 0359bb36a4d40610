"""Look through a clip and judge its keypoints: what is kept is a few numbers a frame."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from animate_cli.animator import Animator, Estimated, Source
from animate_cli.diagnosis import Diagnosis, Observation, diagnose
from animate_cli.diagnosis.leak import Deformed, measure_leak
from animate_cli.diagnosis.measures import measure_response
from animate_cli.diagnosis.off_object import measure_distance
from animate_cli.errors import MediaError
from animate_cli.media import FrameReader, open_reader
from animate_cli.motion import Motion
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.job import Listener
from animate_cli.pipeline.stages import ahead
from animate_cli.pipeline.visualize.job import VisualizeJob
from animate_cli.pipeline.visualize.masks import MaskSource, Origin, find_masks, scenes
from animate_cli.pipeline.visualize.view import View

Numbers = NDArray[np.float64]

PROBED_FRAMES = 4
PROBE = 0.06
"""How far, as a share of the picture's sides, pictures are shifted to see whether keypoints follow."""

STILL_SHARE = 0.9
NO_OBJECT = "where the object is could not be told; --mask FILE says it"
CAMERA_MOVES = "the camera moves, so the background may"
NO_SOURCE_MASK = "where the object is in the source is not known; --mask DIR says it"


@dataclass(frozen=True)
class Subject:
    """A model that is looked at, by the name that the user called it, and the source that it moves."""

    name: str
    animator: Animator
    source: Source
    source_view: View

    @property
    def keypoint_names(self) -> tuple[str, ...] | None:
        """What the keypoints are called, where the weights say it."""
        return self.animator.info.keypoint_names


@dataclass(frozen=True, eq=False)
class Seen:
    """What was found out about one clip with one model."""

    subject: Subject
    view: View
    motions: Sequence[Motion]
    times: Sequence[Fraction]
    reference: Motion
    diagnosis: Diagnosis


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip and what every model sees in it. masks: where the object's place was known from."""

    path: Path
    reader: FrameReader
    masks: Origin
    seen: Sequence[Seen]

    @property
    def num_frames(self) -> int:
        """How many frames could be read."""
        return len(self.seen[0].times)

    @property
    def worst_frame(self) -> int:
        """The frame with the most misplaced keypoints over all models."""
        bad = sum(seen.diagnosis.bad.sum(1) for seen in self.seen)
        if not np.any(bad):
            return self.num_frames // 2
        return self.seen[0].diagnosis.worst_frame if len(self.seen) == 1 else int(np.argmax(bad))


def observe(path: Path, subjects: Sequence[Callable[[Picture], Subject]], job: VisualizeJob, listener: Listener) -> Clip:
    """Find every frame's keypoints with every model, and judge them.

    Args:
        path: the clip or picture.
        subjects: each makes a model ready for the clip's first frame.
        job: the options.
        listener: told how it is going.

    Raises:
        MediaError: the clip or its mask cannot be read.
        DeviceError: the device ran out of memory.
    """
    reader = open_reader(path, start=job.cut.start, end=job.cut.end, fps=job.cut.fps)
    masks = find_masks(path, job.mask, alone=len(job.clips) == 1)
    first = next(iter(reader)).image
    reader.close()
    looks = [_Look(make(first), reader, job) for make in subjects]
    for look in looks:
        look.detect(listener)
    listener.begin("Looking for the object", reader.info.num_frames)
    still, source_mask = _judge_places(looks, reader, masks, job, listener)
    for warning in reader.warnings:
        listener.warn(warning)
    if source_mask is not None and still:
        for look in looks:
            look.measure_leak(source_mask, listener)
    reasons = _reasons(still, source_mask is not None, is_pair=job.is_pair)
    return Clip(path, reader, masks.origin, [look.finish(reasons) for look in looks])
