"""What can be known to be wrong before any heavy work."""

from collections.abc import Iterable
from pathlib import Path

from animate_cli.errors import MediaError
from animate_cli.files import is_special, same_place
from animate_cli.media.check import check_output, check_writable, is_folder_output
from animate_cli.media.formats import codec_for
from animate_cli.pipeline.checks import check_input
from animate_cli.pipeline.visualize.job import VisualizeJob


def check_job(job: VisualizeJob, reports: Iterable[Path] = ()) -> None:
    """Make sure that a job can start: its inputs exist, its outputs can be written.

    Args:
        job: whose options agree (`check_options`).
        reports: other files that will be written.

    Raises:
        MediaError: an input is missing, or an output cannot be written there.
    """
    inputs = [*job.clips, *([job.source] if job.source else []), *([job.mask] if job.mask else [])]
    for path in inputs:
        check_input(path)
    check_output(job.out, inputs, still=job.is_still, overwrite=job.overwrite)
    if not job.is_still and not is_folder_output(job.out):
        codec_for(job.out, None, alpha=False)
    _check_names(job)
    for report in reports:
        _check_report(report, [*inputs, job.out])


def check_also_read(job: VisualizeJob, paths: Iterable[Path]) -> None:
    """Make sure that the result does not take the place of other files that are read, such as the weights.

    Raises:
        MediaError: it does.
    """
    if any(same_place(job.out, path) for path in paths):
        raise MediaError(f"{job.out}: is also an input; choose another name for the output")


def _check_names(job: VisualizeJob) -> None:
    """Refuse inputs whose results would have one name."""
    if job.is_still or len(job.clips) == 1:
        return
    seen: dict[str, Path] = {}
    for path in job.clips:
        other = seen.setdefault(path.stem.casefold(), path)
        if other is not path:
            raise MediaError(f"{path}: its result would be called like that of {other}; give them one by one")


def _check_report(path: Path, others: list[Path]) -> None:
    if any(same_place(path, other) for other in others):
        raise MediaError(f"{path}: is also an input or the result; choose another name for the report")
    if path.is_dir():
        raise MediaError(f"{path}: is a folder; give the name of a file in it")
    if not is_special(path):
        check_writable(path)
