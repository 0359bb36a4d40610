"""What can be known to be wrong before any heavy work: missing inputs, outputs that cannot be written."""

import os
from pathlib import Path

from animate_cli.errors import MediaError
from animate_cli.pipeline.background import parse_background
from animate_cli.pipeline.job import (
    PICTURE_ENDINGS,
    VIDEO_ENDINGS,
    AnimateJob,
    check_options,
)

KNOWN_ENDINGS = tuple(dict.fromkeys((*VIDEO_ENDINGS, *PICTURE_ENDINGS)))


def check_job(job: AnimateJob) -> None:
    """Make sure that a job can start: its options agree, its inputs exist, its outputs can be written.

    Raises:
        JobError: the options contradict each other.
        MediaError: an input is missing, or an output cannot be written there.
    """
    check_options(job)
    parse_background(job.background)
    for given in (job.source, job.driving):
        check_input(given)
    check_output(job.out, job.overwrite)
    if job.source.is_dir() and job.out.suffix:
        raise MediaError(
            f"{job.source} is a folder of pictures, so OUT must be a folder too, not {job.out.name!r}"
        )
    for output in filter(None, (job.out, job.save_motion)):
        check_apart(output, job.source, job.driving)
    if job.save_motion is not None:
        _check_parent(job.save_motion)


def check_input(path: Path) -> None:
    """Make sure that an input is there and holds something.

    Raises:
        MediaError: it is missing, empty or not to be read.
    """
    if not path.exists():
        raise MediaError(f"{path}: no such file or folder")
    if not os.access(path, os.R_OK):
        raise MediaError(f"{path}: not readable (permission denied)")
    if path.is_file() and path.stat().st_size == 0:
        raise MediaError(f"{path}: the file is empty")


def check_output(out: Path, overwrite: bool) -> None:
    """Make sure that OUT has a known ending, and a folder that can be written to.

    Raises:
        MediaError: it does not, or OUT is a folder that is not empty.
    """
    ending = out.suffix.lower()
    if ending and ending not in KNOWN_ENDINGS:
        known = " ".join(KNOWN_ENDINGS)
        raise MediaError(f"{out}: unknown ending {ending!r}; use {known}, or none for a folder of frames")
    if out.is_dir() and ending:
        raise MediaError(f"{out} is a folder; name a file in it")
    if not ending and out.exists() and not out.is_dir():
        raise MediaError(f"{out} is a file; a result without an ending is a folder of frames")
    if not ending and out.is_dir() and any(out.iterdir()) and not overwrite:
        raise MediaError(f"{out} is not empty; choose another folder, or give --overwrite")
    _check_parent(out)


def check_apart(output: Path, *inputs: Path) -> None:
    """Make sure that an output is not one of the inputs, nor inside an input folder's place.

    Raises:
        MediaError: it is.
    """
    for given in inputs:
        if output.resolve() == given.resolve():
            raise MediaError(f"{output} is an input; choose another name for the result")


def _check_parent(out: Path) -> None:
    parent = out.resolve().parent
    if not parent.is_dir():
        raise MediaError(f"{out}: the folder {out.parent} does not exist")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise MediaError(f"{out}: the folder {out.parent} cannot be written to")
