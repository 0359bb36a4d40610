"""Look through a clip and judge its keypoints: what is kept is a few numbers a frame."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from animate_cli.animator import Animator, Source
from animate_cli.diagnosis import Diagnosis, Observation, diagnose
from animate_cli.diagnosis.leak import Deformed, measure_leak
from animate_cli.diagnosis.measures import measure_response
from animate_cli.diagnosis.off_object import ObjectMask, measure_distance
from animate_cli.errors import MediaError
from animate_cli.media import FrameReader, open_reader
from animate_cli.motion import Motion, MotionOptions
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.job import Listener
from animate_cli.pipeline.stages import ahead
from animate_cli.pipeline.visualize.inputs import open_clip
from animate_cli.pipeline.visualize.job import VisualizeJob
from animate_cli.pipeline.visualize.masks import MaskSource, Origin, find_masks, scenes
from animate_cli.pipeline.visualize.view import View
from animate_cli.rendered import Estimated

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
    options: MotionOptions
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


def observe(
    path: Path, subjects: Sequence[Callable[[Picture], Subject]], job: VisualizeJob, listener: Listener
) -> Clip:
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
    reader = open_clip(path, job)
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


class _Look:
    """One model's look through one clip."""

    def __init__(self, subject: Subject, reader: FrameReader, job: VisualizeJob) -> None:
        self.subject, self.reader, self.job = subject, reader, job
        size = reader.info.height, reader.info.width
        height = subject.source_view.shown.inner[0] if job.is_pair else None
        self.view = View.of(size, subject.animator.size, job.fit, height, job.size)
        self.motions: list[Motion] = []
        self.times: list[Fraction] = []
        self.probed: list[Picture] = []
        self.off_object: list[Numbers] = []
        self.certainty: list[Numbers] = []
        self.leak: list[Numbers] = []

    def detect(self, listener: Listener) -> None:
        """Find the keypoints of every frame."""
        listener.begin(f"Finding keypoints with {self.subject.name}", self.reader.info.num_frames)
        with closing(ahead(self._fitted())) as fitted:
            for motion in self.subject.animator.detect(fitted):
                self.motions.append(motion)
                listener.advance()

    def _fitted(self) -> Iterator[Picture]:
        count = self.reader.info.num_frames or 1
        every = max(1, count // PROBED_FRAMES)
        for index, frame in enumerate(self.reader):
            fitted = self.view.for_model(frame.image)
            if index % every == 0 and len(self.probed) < PROBED_FRAMES:
                self.probed.append(fitted)
            self.times.append(frame.time)
            yield fitted

    def judge_place(self, index: int, found: ObjectMask) -> None:
        """Judge whether the keypoints of a frame are on the object."""
        amount, certainty = measure_distance(self.view.on_picture(self.motions[index].value), found)
        self.off_object.append(amount)
        self.certainty.append(certainty)

    @property
    def _options(self) -> MotionOptions:
        """How the source follows; a clip's own first frame is moved to where each frame's keypoints are."""
        return self.job.motion if self.job.is_pair else MotionOptions(relative=False)

    @cached_property
    def reference(self) -> Motion:
        """The driving's motion that corresponds to the source's pose."""
        if not self._options.relative:
            return self.motions[0]
        return self.motions[self.subject.animator.choose_reference(self.subject.source, self.motions)]

    def estimate(self) -> Iterator[Estimated]:
        """Estimate the source's dense motion for every frame."""
        timed = zip(self.motions, self.times, strict=True)
        subject = self.subject
        return subject.animator.estimate(subject.source, timed, self.reference, self._options)

    def measure_leak(self, source_mask: NDArray[np.bool_], listener: Listener) -> None:
        """Judge how much each keypoint moves the source's background."""
        listener.begin(f"Looking for leaks with {self.subject.name}", len(self.motions))
        mask = self._as_the_model_sees(source_mask)
        for estimated in self.estimate():
            moved = Deformed(
                estimated.deformation, estimated.masks, self.subject.source.motion, estimated.motion
            )
            self.leak.append(measure_leak(moved, mask))
            listener.advance()

    def _as_the_model_sees(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        view = self.subject.source_view
        rows, columns = (
            np.minimum((np.arange(length) * count / length).astype(int), count - 1)
            for length, count in zip(view.picture, mask.shape, strict=True)
        )
        enlarged = mask[rows][:, columns].astype(np.uint8) * 255
        return view.for_model(enlarged) > 127

    def _response(self) -> Numbers:
        """Return how much of a shift of the picture each keypoint follows."""
        height, width = self.view.model.outer
        steps = [(round(PROBE * width), 0), (-round(PROBE * width), 0), (0, round(PROBE * height))]
        animator = self.subject.animator
        before, after, shifts = [], [], []
        rest = list(animator.detect(self.probed))
        for x, y in steps:
            shifted = animator.detect(shift(picture, x, y) for picture in self.probed)
            for still, moved in zip(rest, shifted, strict=True):
                before.append(still.value)
                after.append(moved.value)
                shifts.append((2 * x / (width - 1), 2 * y / (height - 1)))
        return measure_response(np.array(before, float), np.array(after, float), np.array(shifts, float))

    def _lone_reference(self) -> Numbers | None:
        """Return the jacobians that a single driving picture is compared with: the source's."""
        if not self.job.is_pair or len(self.motions) > 1:
            return None
        return self.subject.source.motion.jacobian.astype(np.float64)

    def finish(self, reasons: dict[str, str]) -> Seen:
        """Judge all that was seen."""
        values = np.stack([motion.value for motion in self.motions]).astype(np.float64)
        observation = Observation(
            points=self.view.on_picture(values),
            jacobians=np.stack([motion.jacobian for motion in self.motions]).astype(np.float64),
            size=self.view.picture,
            times=np.array([float(time) for time in self.times]),
            reference=self._lone_reference(),
            off_object=np.stack(self.off_object),
            certainty=np.stack(self.certainty),
            leak=np.stack(self.leak) if self.leak else None,
            response=self._response(),
            reasons=tuple(reasons.items()),
        )
        found = diagnose(observation)
        return Seen(self.subject, self.view, self.motions, self.times, self.reference, self._options, found)


def _judge_places(
    looks: Sequence[_Look], reader: FrameReader, masks: MaskSource, job: VisualizeJob, listener: Listener
) -> tuple[bool, NDArray[np.bool_] | None]:
    """Judge all models' keypoints by one look for the object.

    Returns:
        Whether the camera stands still, and the mask of the source where it is known.
    """
    still: list[bool] = []
    first: NDArray[np.bool_] | None = None
    for index, scene in enumerate(scenes(reader, masks, job.cut)):
        found = scene.found
        still.append(scene.camera_still)
        if index == 0 and found.mask.any():
            first = found.mask
        for look in looks:
            look.judge_place(index, found)
        listener.advance()
    if job.is_pair:
        first = _source_mask(job)
    return float(np.mean(still)) >= STILL_SHARE, first


def _source_mask(job: VisualizeJob) -> NDArray[np.bool_] | None:
    """Return the mask of a source that is not part of the clip, None where it is not known."""
    assert job.source is not None  # noqa: S101
    wanted = job.mask if job.mask is not None and job.mask.is_dir() else None
    try:
        masks = find_masks(job.source, wanted, alone=False)
    except MediaError:
        return None
    if masks.path is None:
        return None
    with open_reader(job.source) as reader:
        scene = next(scenes(reader, masks, job.cut))
    return scene.found.mask


def _reasons(still: bool, source_known: bool, *, is_pair: bool) -> dict[str, str]:
    """Say why a problem could not be judged, should that be so."""
    if not still:
        leak = CAMERA_MOVES
    elif is_pair and not source_known:
        leak = NO_SOURCE_MASK
    else:
        leak = NO_OBJECT
    return {"off the object": NO_OBJECT, "leaking": leak}


def shift(picture: Picture, right: int, down: int) -> Picture:
    """Move a picture's contents by whole pixels; its edges fill what is left open."""
    height, width = picture.shape[:2]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return picture[rows][:, columns]
