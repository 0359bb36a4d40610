"""What a job reads, tried before the model is loaded, so that what cannot be read is told at once."""

from pathlib import Path

from animate_cli.media import FrameReader, open_reader, read_image
from animate_cli.media.sniff import Kind, sniff
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.visualize.job import VisualizeJob
from animate_cli.pipeline.visualize.masks import find_masks


def try_inputs(job: VisualizeJob) -> None:
    """Open everything that the job reads.

    Raises:
        MediaError: something cannot be read, or the selected range holds no frame.
    """
    if job.source is not None:
        first_picture(job.source)
    for path in job.clips:
        open_clip(path, job).close()
        masks = find_masks(path, job.mask, alone=len(job.clips) == 1)
        if masks.path is not None:
            open_reader(masks.path).close()


def open_clip(path: Path, job: VisualizeJob) -> FrameReader:
    """Open the selected range of a clip or picture.

    Raises:
        MediaError: it cannot be read, or the range holds no frame.
    """
    return open_reader(path, start=job.cut.start, end=job.cut.end, fps=job.cut.fps)


def first_picture(path: Path) -> Picture:
    """Read a picture, or the first frame of any clip.

    Raises:
        MediaError: nothing can be read there.
    """
    if sniff(path) is not Kind.STACKED:
        return read_image(path)
    with open_reader(path) as frames:
        return next(iter(frames)).image
