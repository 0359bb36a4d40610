"""What can be known to be wrong before any heavy work: missing inputs, outputs that cannot be written."""

import os
from pathlib import Path

from animate_cli.errors import MediaError
from animate_cli.files import same_place
from animate_cli.media.check import check_output, check_writable, is_folder_output
from animate_cli.media.formats import STILLS, codec_for
from animate_cli.media.sniff import Kind, sniff
from animate_cli.media.video_writer import quality_options
from animate_cli.motion_file import is_motion_file
from animate_cli.pipeline.background import parse_background
from animate_cli.pipeline.job import FOLDER_ENDING, AnimateJob, JobError, check_options


def check_job(job: AnimateJob) -> None:
    """Make sure that a job can start: its options agree, its inputs exist, its outputs can be written.

    Raises:
        JobError: the options contradict each other.
        MediaError: an input is missing, or an output cannot be written there.
    """
    check_options(job)
    parse_background(job.background)
    for given in job.given:
        check_input(given)
    if job.also and job.source.is_dir():
        raise JobError("--also-source shows one source again; it does not go with a folder of sources")
    if is_motion_file(job.driving) and job.layout != "result":
        raise JobError(
            f"--layout {job.layout} shows the driving's pictures, which a saved motion does not have"
        )
    if is_motion_file(job.driving) and job.keypoints == "landmarks":
        raise JobError(
            f"--driving-keypoints landmarks needs pictures of a face; {job.driving} is a saved motion"
        )
    _check_result(job)
    if job.save_motion is not None:
        _check_motion_target(job.save_motion, job)


def check_also_read(job: AnimateJob, path: Path) -> None:
    """Make sure that no output takes the place of another file that is read, such as the weights.

    Raises:
        MediaError: one does.
    """
    for written in (job.out, job.save_motion):
        if written is not None and same_place(written, path):
            raise MediaError(f"{written}: is also an input; choose another name for the output")


def check_input(path: Path) -> None:
    """Make sure that an input is there and holds something.

    Raises:
        MediaError: it is missing, empty or not to be read.
    """
    if not path.exists():
        raise MediaError(f"{path}: no such file or folder")
    if not os.access(path, os.R_OK):
        raise MediaError(f"{path}: not readable (permission denied)")
    sniff(path)


def is_still(job: AnimateJob) -> bool:
    """Tell whether the result is one picture: driven by a picture, into a picture's ending."""
    if job.source.is_dir() or job.out.suffix.lower() not in STILLS or is_motion_file(job.driving):
        return False
    return sniff(job.driving) is Kind.PICTURE


def _check_result(job: AnimateJob) -> None:
    if job.source.is_dir() and not is_folder_output(job.out):
        raise MediaError(f"{job.out}: {job.source} is a folder of pictures, so OUT must be a folder too")
    if job.source.is_dir() and job.transparent:
        raise JobError(
            f"--background transparent: a folder of sources gives {FOLDER_ENDING} files, which hold no alpha; "
            f"animate its pictures one by one into .webm, .mov or .png"
        )
    still = is_still(job)
    check_output(job.out, job.given, still=still, overwrite=job.overwrite)
    written = job.out / f"NAME{FOLDER_ENDING}" if job.source.is_dir() else job.out
    if still or (written is job.out and is_folder_output(job.out)):
        _refuse_encoding(job)
    else:
        codec = codec_for(written, job.encoding.codec, alpha=job.transparent)
        quality_options(written, codec, job.encoding.crf)


def _refuse_encoding(job: AnimateJob) -> None:
    if job.encoding.crf is not None or job.encoding.codec is not None:
        raise JobError(f"--crf and --codec are for videos; {job.out} is written as pictures")


def _check_motion_target(path: Path, job: AnimateJob) -> None:
    if any(same_place(path, other) for other in (*job.given, job.out)):
        raise MediaError(f"{path}: is also an input or the result; choose another name for the motion")
    if path.is_dir():
        raise MediaError(f"{path}: is a folder; give the name of a file in it")
    check_writable(path)
