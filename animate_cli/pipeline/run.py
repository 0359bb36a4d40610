"""Run the main job: read the driving's motion once, then move each source and write it as it comes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain, repeat

from animate_cli.animator import Animator, Source
from animate_cli.errors import MediaError
from animate_cli.media import FrameWriter, open_writer, write_image
from animate_cli.motion import Motion
from animate_cli.motion_file import save_motion
from animate_cli.pipeline.driving import Driving, read_driving
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.inputs import Inputs, Task, open_inputs, read_source
from animate_cli.pipeline.job import REFERENCE_CANDIDATES, AnimateJob, Listener
from animate_cli.pipeline.layout import Stage, Step, arrange
from animate_cli.pipeline.memory import return_large_blocks
from animate_cli.pipeline.source import encode_source
from animate_cli.pipeline.stages import Behind, ahead


def run_job(
    job: AnimateJob,
    animator: Animator,
    listener: Listener,
    weights_hash: Callable[[], str],
    inputs: Inputs | None = None,
) -> int:
    """Animate a source, or every picture of a folder; return the number of those that could not be read.

    Args:
        job: checked by `animate_cli.pipeline.checks.check_job`.
        animator: the model.
        listener: told how the job is going.
        weights_hash: computes the weights' SHA-256 when a motion is saved or was loaded.
        inputs: what the job reads, where it is open already.

    Raises:
        MediaError: an input cannot be read or the output not be written.
        DeviceError: the device ran out of memory.
    """
    return_large_blocks()
    inputs = inputs or open_inputs(job)
    driving = read_driving(inputs.driving, job, animator, listener, weights_hash)
    if job.save_motion is not None:
        save_motion(job.save_motion, replace(driving.clip, weights=weights_hash()))
    if inputs.source is not None:
        _animate(inputs.source, inputs.tasks[0], driving, job, animator, listener)
        return 0
    job.out.mkdir(exist_ok=True)
    return sum(not _try_animate(task, driving, job, animator, listener) for task in inputs.tasks)


def _try_animate(
    task: Task, driving: Driving, job: AnimateJob, animator: Animator, listener: Listener
) -> bool:
    try:
        picture = read_source(task.source)
    except MediaError as error:
        listener.warn(str(error))
        return False
    _animate(picture, task, driving, job, animator, listener)
    return True


def _animate(
    picture: Picture, task: Task, driving: Driving, job: AnimateJob, animator: Animator, listener: Listener
) -> None:
    source, stage = encode_source(picture, job, animator)
    if job.transparent and source.alpha is None:
        listener.note(f"{task.source} has no transparent places, so the result has none")
    reference = _choose_reference(source, driving, job, animator, listener)
    listener.begin(f"Animating {task.source.name}", len(driving.clip.motions))
    with ExitStack() as stack:
        steps = _steps(stack, source, reference, driving, job, animator)
        _write(steps, task, stage, driving, job, listener)


def _choose_reference(
    source: Source, driving: Driving, job: AnimateJob, animator: Animator, listener: Listener
) -> Motion:
    """Return the motion that corresponds to the source's own pose; absolute motion has no use for it."""
    motions = driving.clip.motions
    if job.reference is not None or not job.motion.relative:
        return motions[job.reference or 0]
    if len(motions) == 1:
        return motions[0]
    count = min(len(motions), REFERENCE_CANDIDATES)
    candidates = [round(index * (len(motions) - 1) / (count - 1)) for index in range(count)]
    chosen = candidates[animator.choose_reference(source, [motions[index] for index in candidates])]
    listener.note(f"reference frame {chosen} (nearest to the source among {count})")
    return motions[chosen]


def _steps(
    stack: ExitStack, source: Source, reference: Motion, driving: Driving, job: AnimateJob, animator: Animator
) -> Iterator[Step]:
    """Render every frame, with the driving's picture beside it where the layout shows it."""
    clip = driving.clip
    pictures: Iterator[Picture | None] = repeat(None)
    if job.layout != "result" and driving.pictures is not None:
        pictures = stack.enter_context(closing(ahead(driving.pictures(), capacity=2)))
    timed = zip(clip.motions, clip.times, strict=True)
    rendered = animator.animate(source, timed, reference, job.motion)
    return (Step(*parts) for parts in zip(rendered, clip.motions, pictures, strict=False))


def _write(
    steps: Iterator[Step], task: Task, stage: Stage, driving: Driving, job: AnimateJob, listener: Listener
) -> None:
    """Arrange and encode in a thread of its own, while the next frames are rendered."""
    compose = arrange(job, stage)
    first = next(steps)
    if task.still:
        write_image(task.out, compose(first))
        listener.note(f"wrote {task.out}")
        return
    times, last = iter(driving.clip.times), driving.last
    with _open_writer(compose(first), task, driving, job) as writer:

        def finish(step: Step) -> None:
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
