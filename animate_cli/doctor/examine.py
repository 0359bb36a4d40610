"""All checks, one after the other; none can stop the next."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from animate_cli.doctor.compute import check_device, check_torch
from animate_cli.doctor.finding import Finding, note, reason
from animate_cli.doctor.folders import check_cache, check_temporary
from animate_cli.doctor.models import check_bundled, check_detectors, check_named
from animate_cli.doctor.software import check_packages, check_python
from animate_cli.doctor.trial import check_main_job
from animate_cli.doctor.video import check_decoding, check_encoders, check_ffmpeg


@dataclass(frozen=True)
class Check:
    """Something to look at. needs: the subjects without which that is in vain, or would end this process."""

    subject: str
    look: Callable[[], Iterable[Finding]]
    needs: tuple[str, ...] = ()


CHECKS: tuple[Check, ...] = (
    Check("python", check_python),
    Check("packages", check_packages),
    Check("torch", check_torch),
    Check("device", check_device, ("torch",)),
    Check("ffmpeg", check_ffmpeg),
    Check("decoding", check_decoding),
    Check("encoders", check_encoders, ("ffmpeg", "decoding")),
    Check("weights", check_bundled, ("torch",)),
    Check("models", check_named, ("torch",)),
    Check("detectors", check_detectors, ("torch",)),
    Check("cache folder", check_cache),
    Check("temporary folder", check_temporary),
    Check("main job", check_main_job, ("torch", "ffmpeg", "decoding", "weights")),
)
"""To add one, write a function that gives findings, and a row."""


def examine(checks: Iterable[Check] = CHECKS) -> Iterator[Finding]:
    """Run every check and yield what it finds, as it is found."""
    broken: list[str] = []
    for check in checks:
        for finding in _look(check, [subject for subject in check.needs if subject in broken]):
            if finding.status == "problem":
                broken.append(check.subject)
            yield finding


def _look(check: Check, missing: Sequence[str]) -> Iterator[Finding]:
    if missing:
        yield note(check.subject, f"not looked at, for the problem with {' and '.join(missing)}")
        return
    try:
        yield from check.look()
    except Exception as error:  # a doctor reports what it meets
        yield note(check.subject, f"cannot be looked at: {type(error).__name__}: {reason(error)}")


def works(findings: Iterable[Finding]) -> bool:
    """Tell whether the main job can run."""
    return not any(finding.status == "problem" for finding in findings)
