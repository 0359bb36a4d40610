"""Sources: which pictures a job moves, and one of them made ready for the model."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from animate_cli.animator import Animator, Source
from animate_cli.errors import MediaError
from animate_cli.media import open_reader, read_image
from animate_cli.media.pictures import picture_files
from animate_cli.media.sniff import Kind, sniff
from animate_cli.pipeline.background import parse_background, split_alpha
from animate_cli.pipeline.checks import is_still
from animate_cli.pipeline.fitting import Picture, fit_picture, place_canvas
from animate_cli.pipeline.job import FOLDER_ENDING, AnimateJob
from animate_cli.pipeline.layout import Stage


@dataclass(frozen=True)
class Task:
    """One picture of a job and where its result goes. still: the result is one picture."""

    source: Path
    out: Path
    still: bool = False


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


def read_source(path: Path) -> Picture:
    """Read a source, [H, W, 3] or with alpha [H, W, 4]: a picture, or the first frame of any clip.

    Raises:
        MediaError: nothing can be read there.
    """
    if sniff(path) is not Kind.STACKED:
        return read_image(path, alpha=True)
    with open_reader(path, alpha=True) as frames:
        return next(iter(frames)).image


def encode_source(picture: Picture, job: AnimateJob, animator: Animator) -> tuple[Source, Stage]:
    """Lay a picture [H, W, 3 or 4] out on its canvas and encode it."""
    background = parse_background(job.background)
    opaque, alpha = split_alpha(picture, background)
    step = 2**animator.info.config.generator.num_down_blocks
    size = opaque.shape[0], opaque.shape[1]
    placement = place_canvas(size, animator.size, job.fit, job.size, step)
    canvas = fit_picture(opaque, placement)
    image = fit_picture(opaque, placement.at(animator.size))
    layer = fit_picture(alpha, placement) if job.transparent and alpha is not None else None
    source = animator.set_source(image, canvas, layer)
    return source, Stage(canvas, placement, source.motion, animator.size, background)
