"""What an evaluation is asked to do, and how its parts are opened."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import torch

from animate_cli.animator import Animator
from animate_cli.data.toon_tests import NUM_CLIPS
from animate_cli.data.toons.families import FAMILIES
from animate_cli.faces.weights_files import WeightsFile
from animate_cli.metrics.evaluation.clips import DataSet
from animate_cli.metrics.evaluation.contenders import Contender, FilesContender, ModelContender
from animate_cli.metrics.evaluation.detecting import (
    advise_landmarks,
    family_of,
    missing_files,
    open_detectors,
)
from animate_cli.metrics.evaluation.folder import FolderClips
from animate_cli.metrics.evaluation.plan import Plan, make_plan
from animate_cli.metrics.evaluation.report import Report, build_report
from animate_cli.metrics.evaluation.run import Row, evaluate
from animate_cli.metrics.evaluation.store import Store
from animate_cli.metrics.evaluation.toons import ToonClips
from animate_cli.metrics.table import ALL, MEASURES, Protocol, choose_measures
from animate_cli.pipeline.job import JobError, Listener
from animate_cli.weights import load_model

PRECISION = "fp32"
"""What auto means here: figures should not depend on the machine."""


@dataclass(frozen=True)
class EvaluateJob:
    """What is compared with what, and how.

    dataset: a folder or a family of toons, reconstructed with each of weights; or truth and results, which are
    finished videos. drawn_at: side of the toons' pictures, instead of the frozen split's.
    """

    dataset: str | None = None
    weights: tuple[str, ...] = ()
    truth: Path | None = None
    results: tuple[Path, ...] = ()
    metrics: tuple[str, ...] | None = None
    protocol: Protocol = "both"
    detectors: tuple[Path, ...] = ()
    resume: Path | None = None
    limit: int | None = None
    drawn_at: int | None = None
    device: str = "auto"
    precision: str = "auto"
    batch_size: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The report, and what is needed to show clips from it."""

    report: Report
    rows: Sequence[Row]
    contenders: Sequence[Contender]
    plan: Plan


Fetch = Callable[[Sequence[WeightsFile]], None]
"""Downloads files, as far as it can."""


def run_job(job: EvaluateJob, listener: Listener, fetch: Fetch | None = None) -> Outcome:
    """Evaluate what was asked for.

    Args:
        job: says it.
        listener: is told how it is going.
        fetch: brings the published networks that the measures need; without it nothing is downloaded.

    Raises:
        JobError: the options contradict each other.
        AnimateError: an input cannot be used; names it.
    """
    check_job(job)
    measures = choose_measures(job.metrics, job.protocol)
    data_set = open_data_set(job)
    contenders = open_contenders(job, data_set, listener)
    animators = [one.animator for one in contenders if isinstance(one, ModelContender)]
    device = animators[0].acceleration.device if animators else torch.device("cpu")
    batch_size = animators[0].batch_size if animators else job.batch_size or 4
    if fetch is not None:
        fetch(missing_files(measures, job.detectors, data_set, contenders))
    needs = frozenset(need for measure in measures for need in measure.needs)
    detectors = open_detectors(job.detectors, needs, data_set, contenders, device)
    plan = make_plan(
        measures, data_set, contenders, detectors, device, batch_size, advise_landmarks(family_of(data_set))
    )
    with ExitStack() as stack:
        folder = job.resume or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="animate-evaluate-"))
        )
        rows = evaluate(data_set, contenders, plan, Store(folder, plan.setting), listener)
    return Outcome(build_report(data_set, contenders, plan, rows), rows, contenders, plan)


def check_job(job: EvaluateJob) -> None:
    """Make sure that the options can work together.

    Raises:
        JobError: they cannot.
    """
    finished = job.truth is not None or bool(job.results)
    if finished == (job.dataset is not None):
        raise JobError("give a DATASET to reconstruct it, or --truth and --result to compare videos")
    if finished and (job.truth is None or not job.results):
        raise JobError("--truth and --result go together: the true videos and those to compare with them")
    if finished and job.weights:
        raise JobError("--weights goes with a DATASET; finished videos need no model")
    if job.drawn_at and job.dataset not in FAMILIES:
        raise JobError(f"--drawn-at goes with {', '.join(FAMILIES)}, whose clips are drawn")
    unknown = [name for name in job.metrics or () if name not in MEASURES]
    if unknown and job.metrics != (ALL,):
        raise JobError(
            f"--metrics: no measure is called {unknown[0]!r}; there are {', '.join(MEASURES)}, or {ALL}"
        )


def open_data_set(job: EvaluateJob) -> DataSet:
    """Open what is evaluated on.

    Raises:
        DataError: it is missing or empty.
    """
    if job.dataset in FAMILIES:
        count = min(NUM_CLIPS, job.limit or NUM_CLIPS)
        return ToonClips(job.dataset, count, **({"size": job.drawn_at} if job.drawn_at else {}))
    path = Path(job.dataset) if job.dataset is not None else job.truth
    assert path is not None  # noqa: S101 - check_job
    return FolderClips(path, job.limit)


def open_contenders(job: EvaluateJob, data_set: DataSet, listener: Listener) -> list[Contender]:
    """Load the models, or list the finished videos; give each a name of its own.

    Raises:
        WeightsError: a model cannot be loaded.
        DataError: a folder of results is missing or empty.
    """
    if job.truth is not None:
        names = short_names([str(path) for path in job.results])
        lone = _is_lone(job.truth)
        pairs = zip(names, job.results, strict=True)
        return [FilesContender(path, name, lone=lone and _is_lone(path)) for name, path in pairs]
    precision = PRECISION if job.precision == "auto" else job.precision
    contenders: list[Contender] = []
    for name, weights in zip(short_names(job.weights), job.weights, strict=True):
        listener.begin(f"Loading {name}", None)
        loaded = load_model(weights)
        animator = Animator(
            loaded.model,
            device=job.device,
            precision=precision,
            batch_size=job.batch_size,
            info=loaded.info,
        )
        if not contenders and "auto" in (job.device, job.precision):
            listener.note(f"computing on {animator.acceleration}")
        contenders.append(ModelContender(name, animator, loaded.sha256))
    return contenders


def _is_lone(path: Path) -> bool:
    """Whether a path is a clip itself rather than a folder of clips."""
    return [one.path for one in FolderClips(path).clips()] == [path]


def short_names(paths: Sequence[str]) -> list[str]:
    """Name paths by their last part, or in full where two would be called the same; twins get a number."""
    short = {path: Path(path).stem if Path(path).suffix else Path(path).name or path for path in paths}
    clashing = [name for name in short.values() if list(short.values()).count(name) > 1]
    chosen = [path if short[path] in clashing else short[path] for path in paths]
    return [
        f"{name} ({chosen[:index].count(name) + 1})" if name in chosen[:index] else name
        for index, name in enumerate(chosen)
    ]
