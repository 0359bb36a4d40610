"""Run the job: look through every clip, judge it, then draw what is asked for."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from itertools import chain, repeat
from pathlib import Path

import numpy as np

from animate_cli.animator import Animator
from animate_cli.errors import MediaError
from animate_cli.media import open_writer, write_image
from animate_cli.media.check import is_folder_output
from animate_cli.media.sniff import Kind, sniff
from animate_cli.memory import keep_memory
from animate_cli.overlay import Picture, caption, columns_for, tile
from animate_cli.pipeline.job import Listener
from animate_cli.pipeline.stages import Behind, ahead
from animate_cli.pipeline.visualize.inputs import first_picture
from animate_cli.pipeline.visualize.job import VisualizeJob
from animate_cli.pipeline.visualize.observe import Clip, Seen, Subject, observe
from animate_cli.pipeline.visualize.panels import Composer, Step
from animate_cli.pipeline.visualize.view import View
from animate_cli.rendered import Rendered

SHEET_FRAMES = 12
GAP = 6
ENDINGS = {False: ".mp4", True: ".png"}
"""What the result of a clip and of a picture ends in, in a folder."""


def run_job(job: VisualizeJob, animators: Sequence[tuple[str, Animator]], listener: Listener) -> list[Clip]:
    """Look through every input and write what is to be seen; return what was found.

    Args:
        job: checked by `animate_cli.pipeline.visualize.checks.check_job`.
        animators: the models by their names.
        listener: told how it is going.

    Raises:
        MediaError: an input cannot be read or the output not be written.
        DeviceError: the device ran out of memory.
    """
    keep_memory()
    source = None if job.source is None else first_picture(job.source)
    makers = [_maker(name, animator, source, job) for name, animator in animators]
    composer = Composer(job, source)
    clips: list[Clip] = []
    cells: list[Picture] = []
    for path in job.clips:
        clip = observe(path, makers, job, listener)
        clips.append(clip)
        if job.is_still:
            cells += [_with_name(cell, clip, job) for cell in _stills(clip, composer, job)]
        else:
            _write_clip(clip, _target(path, job), composer, job, listener)
    if job.is_still:
        write_image(job.out, lay_out(cells))
        listener.note(f"wrote {job.out}")
    return clips


def _maker(
    name: str, animator: Animator, source: Picture | None, job: VisualizeJob
) -> Callable[[Picture], Subject]:
    """Return what encodes the source for a model: the one given, or a clip's own first frame."""

    def make(first: Picture) -> Subject:
        picture = first if source is None else source
        view = View.of((picture.shape[0], picture.shape[1]), animator.size, job.fit, None, job.size)
        return Subject(name, animator, animator.set_source(view.for_model(picture)), view)

    return make


def _target(path: Path, job: VisualizeJob) -> Path:
    """Return where a clip's result goes."""
    if len(job.clips) == 1:
        return job.out
    job.out.mkdir(exist_ok=True)
    return job.out / f"{path.stem}{ENDINGS[is_picture(path)]}"


def is_picture(path: Path) -> bool:
    """Tell whether an input is one picture."""
    return sniff(path) is Kind.PICTURE


def _stills(clip: Clip, composer: Composer, job: VisualizeJob) -> list[Picture]:
    """Draw the frames that a picture shows of a clip."""
    chosen = _choose(clip, job)
    return [composer(steps) for steps in _steps(clip, composer, chosen)]


def _choose(clip: Clip, job: VisualizeJob) -> list[int]:
    count = clip.num_frames
    if job.frame is not None:
        if job.frame >= count:
            raise MediaError(f"{clip.path}: --frame {job.frame} is not there; it has {count} frames, from 0")
        return [job.frame]
    if not job.sheet or count == 1:
        return [clip.worst_frame]
    wanted = min(count, max(1, SHEET_FRAMES // len(job.clips)))
    return sorted({round(place) for place in np.linspace(0, count - 1, wanted)})


def _with_name(cell: Picture, clip: Clip, job: VisualizeJob) -> Picture:
    return caption(cell, clip.path.name) if len(job.clips) > 1 else cell


def lay_out(cells: list[Picture]) -> Picture:
    """Put cells of any size into rows, as near to a wide screen's shape as they go."""
    height, width = (max(cell.shape[axis] for cell in cells) for axis in (0, 1))
    columns = columns_for(len(cells), (height, width))
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    return tile([[_padded(cell, height, width) for cell in row] for row in rows], GAP)


def _padded(cell: Picture, height: int, width: int) -> Picture:
    below, beside = height - cell.shape[0], width - cell.shape[1]
    return np.pad(cell, [(0, below), (0, beside), (0, 0)], constant_values=255) if below or beside else cell


def _steps(clip: Clip, composer: Composer, chosen: Collection[int] | None = None) -> Iterator[list[Step]]:
    """Yield the chosen frames (None: all) as each model sees them, in order."""
    streams = [_rendered(seen, chosen) if composer.needs_rendering else repeat(None) for seen in clip.seen]
    with closing(ahead(_pictures(clip, chosen), capacity=2)) as pictures:
        for (index, picture), *rendered in zip(pictures, *streams, strict=False):
            yield [Step(seen, index, picture, made) for seen, made in zip(clip.seen, rendered, strict=True)]


def _pictures(clip: Clip, chosen: Collection[int] | None) -> Iterator[tuple[int, Picture]]:
    last = clip.num_frames - 1 if chosen is None else max(chosen)
    for index, frame in enumerate(clip.reader):
        if chosen is None or index in chosen:
            yield index, frame.image
        if index >= last:
            return


def _rendered(seen: Seen, chosen: Collection[int] | None) -> Iterator[Rendered]:
    pairs = (
        (motion, time)
        for index, (motion, time) in enumerate(zip(seen.motions, seen.times, strict=True))
        if chosen is None or index in chosen
    )
    subject = seen.subject
    return subject.animator.animate(subject.source, pairs, seen.reference, seen.options)


def _write_clip(clip: Clip, target: Path, composer: Composer, job: VisualizeJob, listener: Listener) -> None:
    """Draw every frame, and encode in a thread of its own; a picture is written as one."""
    steps = _steps(clip, composer)
    first = next(steps)
    picture = composer(first)
    if is_picture(clip.path) and not is_folder_output(target) and target.suffix.lower() == ".png":
        write_image(target, picture)
        listener.note(f"wrote {target}")
        return
    listener.begin(f"Drawing {clip.path.name}", clip.num_frames)
    times = iter(clip.seen[0].times)
    height, width = picture.shape[:2]
    with open_writer(
        target, width=width, height=height, fps=clip.reader.info.fps, audio=clip.reader.audio,
        overwrite=job.overwrite,
    ) as writer:  # fmt: skip

        def finish(step: list[Step]) -> None:
            writer.write(composer(step), next(times))
            listener.advance()

        with Behind(finish) as encoding:
            for step in chain([first], steps):
                encoding.put(step)
    for warning in writer.warnings:
        listener.warn(warning)
    listener.note(f"wrote {target}: {writer.num_frames} frames, {width}x{height}")
