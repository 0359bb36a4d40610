"""Run the main job: read the driving's motion once, then move each source and write it as it comes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TypeVar

from animate_cli.animator import Animator, Source
from animate_cli.errors import FaceNotFoundError, MediaError
from animate_cli.faces.box import Box
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameWriter, open_writer, write_image
from animate_cli.memory import keep_memory
from animate_cli.motion import Motion
from animate_cli.motion_file import save_motion
from animate_cli.pipeline.awaited import AwaitedMotions
from animate_cli.pipeline.background import split_alpha
from animate_cli.pipeline.driving import Driving, candidate_step, read_driving
from animate_cli.pipeline.driving_faces import DrivingFaces
from animate_cli.pipeline.early import Early
from animate_cli.pipeline.faces import Face, Group, motions_at, put_back
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.framing import Cropping
from animate_cli.pipeline.inputs import Inputs, Task, open_inputs, read_source
from animate_cli.pipeline.job import ANIMATING, AnimateJob, Listener
from animate_cli.pipeline.landmark_motion import LandmarkMotion, wants_landmarks
from animate_cli.pipeline.layout import Stage, Step, arrange
from animate_cli.pipeline.source import Shown, encode_source
from animate_cli.pipeline.stages import Behind, ahead

T = TypeVar("T")


def run_job(
    job: AnimateJob,
    animator: Animator,
    listener: Listener,
    weights_hash: Callable[[], str],
    inputs: Inputs | None = None,
    early: Early[list[Track]] | None = None,
) -> int:
    """Animate a source, or every picture of a folder; return the number of those that could not be used.

    Args:
        job: checked by `animate_cli.pipeline.checks.check_job`.
        animator: the model.
        listener: told how the job is going.
        weights_hash: computes the weights' SHA-256 when a motion is saved or was loaded.
        inputs: what the job reads, where it is open already.
        early: the driving's faces, where they are being looked for already.

    Raises:
        MediaError: an input cannot be read or the output not be written.
        FaceNotFoundError: a face is needed and there is none.
        DeviceError: the device ran out of memory.
    """
    keep_memory()
    inputs = inputs or open_inputs(job)
    by_landmarks = wants_landmarks(job, animator)
    device, drawn = str(animator.acceleration.device), animator.info.style == "toon"
    faces = DrivingFaces(device, listener, drawn=drawn, closely=by_landmarks, early=early)
    cropping = Cropping(job, animator, faces, listener)
    landmarks = LandmarkMotion(job, animator, faces, listener) if by_landmarks else None
    boxes = None if inputs.source is None else cropping.source_boxes(inputs.source, job.source)
    also_boxes = [cropping.also_box(*given) for given in zip(inputs.also, job.also, strict=True)]
    box = cropping.driving_box(inputs.driving, job.driving)
    faces.forgo_early()
    cropping.tell()
    driving = read_driving(inputs.driving, job, animator, listener, weights_hash, box)
    if landmarks is not None:
        driving = landmarks.read(driving, inputs.driving, job.driving)
    if job.save_motion is not None:
        save_motion(job.save_motion, replace(driving.clip, weights=weights_hash()))
    others = _read_others(inputs, job, animator, listener, weights_hash, cropping, landmarks)
    also = [
        Shown(picture, box if cropping.on else None)
        for picture, box in zip(inputs.also, also_boxes, strict=True)
    ]
    run = _Run(job, animator, listener, cropping, others, also)
    if inputs.source is not None and boxes is not None:
        run.animate(inputs.source, inputs.tasks[0], driving, boxes if cropping.on else [(1, None)])
        return 0
    job.out.mkdir(exist_ok=True)
    return sum(not run.try_animate(task, driving) for task in inputs.tasks)


def _read_others(
    inputs: Inputs,
    job: AnimateJob,
    animator: Animator,
    listener: Listener,
    weights_hash: Callable[[], str],
    cropping: Cropping,
    landmarks: LandmarkMotion | None,
) -> dict[int, Driving]:
    """Read the drivings that faces have of their own, by the faces' numbers."""
    others = {}
    for number, path in job.driving_for:
        box = cropping.driving_box(inputs.others[number], path)
        own = replace(job, driving=path, reference=None)
        driving = read_driving(inputs.others[number], own, animator, listener, weights_hash, box)
        others[number] = (
            driving if landmarks is None else landmarks.read(driving, inputs.others[number], path)
        )
    cropping.tell()
    return others


@dataclass(frozen=True)
class _Run:
    """What all pictures of a job share.

    others: drivings of faces by their numbers. also: more pictures of the source's figure.
    """

    job: AnimateJob
    animator: Animator
    listener: Listener
    cropping: Cropping
    others: Mapping[int, Driving]
    also: Sequence[Shown]

    def try_animate(self, task: Task, driving: Driving) -> bool:
        """Animate a picture of a folder; tell whether it could be."""
        try:
            picture = read_source(task.source)
            boxes = self.cropping.source_boxes(picture, task.source)
            self.cropping.tell()
        except (MediaError, FaceNotFoundError) as error:
            self.listener.warn(str(error))
            return False
        self.animate(picture, task, driving, boxes)
        return True

    def animate(
        self, picture: Picture, task: Task, driving: Driving, boxes: Sequence[tuple[int, Box | None]]
    ) -> None:
        """Animate a picture, or the faces in its boxes, and write the result."""
        faces = [self._face(picture, number, box, driving) for number, box in boxes]
        source, stage = faces[0].source, faces[0].stage
        if self.job.transparent and source.alpha is None:
            self.listener.note(f"{task.source} has no transparent places, so the result has none")
        self.listener.begin(f"{ANIMATING} {task.source.name}", len(driving.clip.motions))
        with ExitStack() as stack:
            shown = _pictures(stack, driving, self.job)
            if self.job.pastes:
                groups = _groups(faces, driving, shown, self.animator, self.job)
                compose = put_back(_opaque(picture, stage), faces, compare=self.job.layout == "compare")
                _write(groups, compose, task, driving, self.job, self.listener)
            else:
                steps = _steps(faces[0], driving, shown, self.animator, self.job)
                _write(steps, arrange(self.job, stage), task, driving, self.job, self.listener)

    def _face(self, picture: Picture, number: int, box: Box | None, driving: Driving) -> Face:
        own = self.others.get(number, driving)
        source, stage = encode_source(Shown(picture, box), self.job, self.animator, self.also)
        reference = _choose_reference(source, own, self.job, self.animator, self.listener)
        whole = Box(0, 0, picture.shape[1], picture.shape[0])
        return Face(box or whole, source, replace(stage, driving_box=own.box), own.clip, reference)


def _opaque(picture: Picture, stage: Stage) -> Picture:
    return split_alpha(picture, stage.background)[0]


def _choose_reference(
    source: Source, driving: Driving, job: AnimateJob, animator: Animator, listener: Listener
) -> Motion:
    """Return the motion that corresponds to the source's own pose; absolute motion has no use for it."""
    motions = driving.clip.motions
    if job.reference is not None or not job.motion.relative:
        return motions[job.reference or 0]
    if len(motions) == 1:
        return motions[0]
    candidates = range(0, len(motions), candidate_step(len(motions)))
    if isinstance(motions, AwaitedMotions):
        motions.find(candidates)
    chosen = candidates[animator.choose_reference(source, [motions[index] for index in candidates])]
    listener.note(f"reference frame {chosen} (nearest to the source among {len(candidates)})")
    return motions[chosen]


def _pictures(stack: ExitStack, driving: Driving, job: AnimateJob) -> Iterator[Picture | None]:
    """Open the driving's pictures where the layout shows them."""
    if job.layout == "result" or driving.pictures is None:
        return repeat(None)
    return stack.enter_context(closing(ahead(driving.pictures(), capacity=2)))


def _steps(
    face: Face, driving: Driving, pictures: Iterator[Picture | None], animator: Animator, job: AnimateJob
) -> Iterator[Step]:
    """Render every frame."""
    clip = driving.clip
    timed = zip(clip.motions, clip.times, strict=True)
    rendered = animator.animate(face.source, timed, face.reference, job.motion)
    return (Step(*parts) for parts in zip(rendered, clip.motions, pictures, strict=False))


def _groups(
    faces: Sequence[Face],
    driving: Driving,
    pictures: Iterator[Picture | None],
    animator: Animator,
    job: AnimateJob,
) -> Iterator[Group]:
    """Render every face of every frame, at the times of the main driving."""
    times = driving.clip.times
    rendered = [
        animator.animate(face.source, motions_at(face.clip, times), face.reference, job.motion)
        for face in faces
    ]
    return (Group(one, picture) for one, picture in zip(zip(*rendered, strict=True), pictures, strict=False))


def _write(
    steps: Iterator[T],
    compose: Callable[[T], Picture],
    task: Task,
    driving: Driving,
    job: AnimateJob,
    listener: Listener,
) -> None:
    """Arrange and encode in a thread of its own, while the next frames are rendered."""
    first = next(steps)
    if task.still:
        write_image(task.out, compose(first))
        listener.note(f"wrote {task.out}")
        return
    times, last = iter(driving.clip.times), driving.last
    with _open_writer(compose(first), task, driving, job) as writer:

        def finish(step: T) -> None:
            writer.write(compose(step), next(times), last)
            listener.advance()

        with Behind(finish) as encoding:
            for step in chain([first], steps):
                encoding.put(step)
    for warning in writer.warnings:
        listener.warn(warning)
    frames = "1 frame" if writer.num_frames == 1 else f"{writer.num_frames} frames"
    listener.note(f"wrote {task.out}: {frames}, {writer.width}x{writer.height}")


def _open_writer(like: Picture, task: Task, driving: Driving, job: AnimateJob) -> FrameWriter:
    """Open the output for pictures like the given one."""
    height, width, channels = like.shape
    return open_writer(
        task.out,
        width=width,
        height=height,
        fps=driving.clip.rate,
        alpha=channels == 4,
        audio=driving.audio,
        crf=job.encoding.crf,
        codec=job.encoding.codec,
        overwrite=job.overwrite,
    )
