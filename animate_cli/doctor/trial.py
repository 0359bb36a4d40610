"""The main job itself, on a few frames drawn on the spot."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from animate_cli.catalogue import DEFAULT_MODEL
from animate_cli.doctor.finding import Finding, note, ok, problem, reason
from animate_cli.doctor.folders import complaint_about_writing

FRAMES = 8
FREE_SPACE = "free some space there, or name another folder with TMPDIR"


class _Silent:
    """Lets a job run without a word."""

    def note(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def begin(self, label: str, total: int | None) -> None: ...

    def advance(self) -> None: ...


def check_main_job() -> Iterator[Finding]:
    """Animate a few frames at the model's size from files to a file, and say how long it took."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="animate-doctor-", ignore_cleanup_errors=True)
    except OSError as error:
        yield note("main job", f"not tried, for want of a temporary folder ({reason(error)})", FREE_SPACE)
        return
    with folder as name:
        complaint = complaint_about_writing(Path(name))
        if complaint:
            yield note("main job", f"not tried: {name} cannot be written ({complaint})", FREE_SPACE)
        else:
            yield try_main_job(Path(name))


def try_main_job(folder: Path, weights: str | Path = DEFAULT_MODEL) -> Finding:
    """Run the main job in a folder and report on it."""
    try:
        return _run(folder, weights)
    except Exception as error:  # whatever it is, this is what the user would meet
        return _failure(error)


def _failure(error: Exception) -> Finding:
    from animate_cli.errors import AnimateError

    if isinstance(error, AnimateError):
        return problem("main job", f"fails: {reason(error)}", "do what it says, then see the doctor again")
    words = f"fails: {type(error).__name__}: {reason(error)}"
    return problem("main job", words, "report this as a bug, with all of these lines")


def _run(folder: Path, weights: str | Path) -> Finding:
    from animate_cli.animator import Animator
    from animate_cli.data.sample_clip import write_sample_clip
    from animate_cli.media import open_reader
    from animate_cli.pipeline.checks import check_job
    from animate_cli.pipeline.job import AnimateJob
    from animate_cli.pipeline.run import run_job

    animator = Animator.from_weights(weights)
    clip = write_sample_clip(folder, max(animator.size), FRAMES)
    job = AnimateJob(clip.source, clip.driving, folder / "result.mp4")
    check_job(job)
    start = time.perf_counter()
    run_job(job, animator, _Silent(), lambda: "")
    seconds = time.perf_counter() - start
    with open_reader(job.out) as reader:
        written = sum(1 for _ in reader)
    if written != FRAMES:
        return problem("main job", f"wrote {written} frames of {FRAMES}", "report this with the lines above")
    text = f"animated {FRAMES} frames of {animator.size[1]}x{animator.size[0]} in {seconds:.1f} s"
    return ok("main job", f"{text} on {animator.acceleration}", frames=FRAMES, seconds=round(seconds, 3))
