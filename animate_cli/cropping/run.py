"""A whole run over many inputs: shared among processes, resumed where it was cut off, told in a manifest."""

import hashlib
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from animate_cli.cropping.boxes_file import BoxTable, GivenBox, read_boxes
from animate_cli.cropping.find import shared_detector
from animate_cli.cropping.inputs import Task, list_tasks
from animate_cli.cropping.job import CropJob, CropOptions, Listener, check_options
from animate_cli.cropping.records import Finished, Journal, Row, file_state, write_manifest
from animate_cli.cropping.work import Outcome, crop_input, crop_inputs
from animate_cli.errors import AnimateError, MediaError
from animate_cli.faces.detectors import advise, choose_detector
from animate_cli.media.check import check_folder, check_writable
from animate_cli.memory import return_memory
from animate_cli.temporary import remove_stale


@dataclass(frozen=True)
class CropReport:
    """What a run came to: all results that are there, and how many inputs could not be used."""

    rows: tuple[Row, ...]
    failed: int


def run_crop(job: CropJob, listener: Listener) -> CropReport:
    """Crop every input of a job.

    Raises:
        CropJobError: the options contradict each other.
        MediaError: an input is missing, or the output cannot be written there.
        DataError: the boxes cannot be read, or a run with other options is to be resumed.
        WeightsError: the detector cannot be had.
    """
    check_options(job)
    tasks = list_tasks(job.inputs, job.out)
    boxes = None if job.options.boxes is None else BoxTable(read_boxes(job.options.boxes))
    tasks = tasks if boxes is None else [_with_person(task, boxes) for task in tasks]
    options = _settle(job.options, listener)
    journal = _open_journal(job, options)
    tasks = _split(tasks, options, journal)
    left = [task for task in tasks if not _is_done(task, journal, job.out)]
    if len(left) < len(tasks):
        listener.note(f"{len(tasks) - len(left)} of {len(tasks)} inputs are done already")
    return_memory()
    failed = 0
    try:
        for outcome in _outcomes(left, boxes, replace(job, options=options), listener):
            failed += bool(outcome.problem)
            if not outcome.problem:
                _record(outcome, journal)  # before it is told: what was told holds after an interruption
            _tell(outcome, listener)
    finally:
        remove_stale(job.out)
        rows = tuple(row for one in journal.finished.values() for row in one.rows)
        write_manifest(job.out, rows)
    return CropReport(rows, failed)


def _settle(options: CropOptions, listener: Listener) -> CropOptions:
    """Choose the detector once for all inputs and processes, and fetch what it needs before they start."""
    if options.boxes is not None:
        return options
    advice = advise(options.detector)
    if advice:
        listener.note(advice)
    name = choose_detector(options.detector)
    shared_detector(name, options.device)
    return replace(options, detector=name)


def _open_journal(job: CropJob, options: CropOptions) -> Journal:
    """Make the output folder ready, and read what an earlier run has done there if it is to be resumed."""
    for folder in (job.out, options.preview):
        if folder is not None:
            check_folder(folder, overwrite=job.resume or job.overwrite or folder is options.preview)
            check_writable(folder)
            folder.mkdir(exist_ok=True)
    journal = Journal(job.out, options.results)
    if job.resume:
        journal.read()
    journal.begin()
    return journal


def _with_person(task: Task, boxes: BoxTable) -> Task:
    return replace(task, person=next((box.person for box in boxes.of(task)), ""))


def _split(tasks: Sequence[Task], options: CropOptions, journal: Journal) -> list[Task]:
    """Share the identities among train and test: always the same way, and as before in a resumed run."""
    if options.split is None:
        return list(tasks)
    train, test = options.split
    identities = dict.fromkeys(task.identity for task in tasks)
    order = sorted(identities, key=lambda name: hashlib.sha256(name.encode()).digest())
    tests = set(order[: round(len(order) * test / (train + test))])
    before = _placed(tasks, journal)
    return [
        replace(task, split=before.get(task.identity, "test" if task.identity in tests else "train"))
        for task in tasks
    ]


def _placed(tasks: Iterable[Task], journal: Journal) -> Mapping[str, str]:
    known = ((task.identity, journal.finished.get(str(task.path))) for task in tasks)
    return {identity: finished.split for identity, finished in known if finished}


def _is_done(task: Task, journal: Journal, out: Path) -> bool:
    finished = journal.finished.get(str(task.path))
    return finished is not None and finished.holds(task, out)


def _outcomes(
    tasks: Sequence[Task], boxes: BoxTable | None, job: CropJob, listener: Listener
) -> Iterator[Outcome]:
    work = [(task, None if boxes is None else boxes.of(task)) for task in tasks]
    if job.jobs == 1 or len(tasks) < 2:
        with closing(crop_inputs(work, job.out, job.options, listener)) as outcomes:
            yield from outcomes
        return
    yield from _in_processes(work, job, listener)


def _in_processes(
    work: Sequence[tuple[Task, list[GivenBox] | None]], job: CropJob, listener: Listener
) -> Iterator[Outcome]:
    """Share the inputs among processes; an interruption ends them all."""
    listener.begin("Cropping", len(work))
    count = min(job.jobs, len(work))
    context = multiprocessing.get_context("spawn")
    threads = max(1, (os.cpu_count() or 1) // count)
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_start_process, initargs=(threads,))
    try:
        largest_first = sorted(
            work, key=lambda one: -file_state(one[0].path)[0]
        )  # so that none is left for last
        waiting = [pool.submit(crop_input, *one, job.out, job.options, SILENT) for one in largest_first]
        for done in as_completed(waiting):
            listener.advance()
            yield done.result()
    except BrokenProcessPool as error:
        raise AnimateError(
            f"a process of --jobs {job.jobs} was ended, perhaps for lack of memory; go on with --resume and fewer"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
            process.join()


def _start_process(threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    return_memory()


class _Silence:
    """A listener for processes whose outcome tells all."""

    def note(self, text: str) -> None:
        """Take no notice."""

    warn = note

    def begin(self, label: str, total: int | None) -> None:
        """Take no notice."""

    def advance(self) -> None:
        """Take no notice."""


SILENT = _Silence()


def _tell(outcome: Outcome, listener: Listener) -> None:
    name = outcome.task.path.name
    if outcome.problem:
        listener.warn(outcome.problem)
        return
    for warning in outcome.warnings:
        listener.warn(warning)
    for one in outcome.dropped:
        frames = "" if one.end - one.start == 1 else f", frames {one.start} to {one.end}"
        listener.note(f"{name}: dropped track {one.track}{frames}: {one.why}")
    for note in outcome.notes:
        listener.note(note)
    if outcome.rows:
        listener.note(f"{name}: wrote {', '.join(row.output for row in outcome.rows)}")
    elif not outcome.dropped:
        listener.note(f"{name}: {outcome.nothing}")


def _record(outcome: Outcome, journal: Journal) -> None:
    path = outcome.task.path
    try:
        state = file_state(path)
    except OSError as error:
        raise MediaError(f"{path}: has gone ({error.strerror})") from error
    journal.add(Finished(str(path), state, outcome.task.split, tuple(outcome.rows)))
