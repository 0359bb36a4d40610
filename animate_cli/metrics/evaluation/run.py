"""Run an evaluation: clip by clip, every contender on each, with little memory however long the clips are."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field

import numpy as np

from animate_cli.arrays import batches
from animate_cli.errors import DataError, MediaError
from animate_cli.memory import keep_memory
from animate_cli.metrics.evaluation.clips import Clip, ClipFrame, DataSet
from animate_cli.metrics.evaluation.contenders import Contender, Take
from animate_cli.metrics.evaluation.observing import Observer
from animate_cli.metrics.evaluation.plan import Plan
from animate_cli.metrics.evaluation.replay import MOST_KEPT, Replay
from animate_cli.metrics.evaluation.store import ClipScores, Store
from animate_cli.metrics.fid import Fid
from animate_cli.metrics.restyling import RESTYLES
from animate_cli.metrics.values import Numbers
from animate_cli.pipeline.job import Listener
from animate_cli.pipeline.lanes import choose_lanes, in_lanes
from animate_cli.pipeline.stages import Behind, ahead
from animate_cli.pipeline.stop import Stop


@dataclass(frozen=True)
class Row:
    """A clip and what each contender scored on it, in their order."""

    clip: Clip
    scores: tuple[ClipScores, ...]


def evaluate(
    data_set: DataSet,
    contenders: Sequence[Contender],
    plan: Plan,
    store: Store,
    listener: Listener,
    lanes: int | None = None,
) -> list[Row]:
    """Score every contender on every clip, several clips at once on a CPU; figures do not depend on how many.

    A clip that one of them fails on is left out for all, so that figures stay comparable; the listener is told.

    Raises:
        DataError: no clip could be scored, or nothing can be measured.
    """
    if not plan.measures:
        wanting = "; ".join(f"{one.name} needs {one.needs}" for one in plan.missing)
        raise DataError(f"there is nothing to measure: {wanting}")
    keep_memory()
    clips = data_set.clips()
    for contender in contenders:
        for note in contender.check(clips):
            listener.warn(note)
    listener.begin(f"Evaluating on {data_set.facts['name']}", count_frames(clips, len(contenders)))
    rows = []
    lanes = lanes or choose_lanes(len(clips), plan.device)
    scorer = Scorer(contenders, plan, store, listener, overlapping=lanes == 1)
    for row, notes in in_lanes(scorer.score_all, clips, lanes, scorer.stop):
        for note in notes:
            listener.warn(note)
        rows += [row] if row else []
    if not rows:
        raise DataError(f"{data_set.facts['name']}: no clip could be evaluated")
    return rows


def count_frames(clips: Sequence[Clip], contenders: int) -> int | None:
    """Count the frames that contenders have to make; None where a clip does not tell."""
    total = 0
    for clip in clips:
        with suppress(MediaError):  # told when its turn comes
            count = clip.num_frames
            if count is None:
                return None
            total += count * contenders
    return total


@dataclass(frozen=True)
class Scorer:
    """Scores clips, in whatever thread; the scores of finished ones come from the store.

    overlapping: whether frames are made and looked at in threads of their own, which is of use where one clip at
    a time is scored.
    """

    contenders: Sequence[Contender]
    plan: Plan
    store: Store
    listener: Listener
    overlapping: bool
    stop: Stop = field(default_factory=Stop)

    def score_all(self, clip: Clip) -> tuple[Row | None, list[str]]:
        """Return every contender's scores on a clip, None where one has none, and what is to be told."""
        scores: list[ClipScores] = []
        notes: list[str] = []
        frames = Replay(clip, needed_drivers(self.plan), most=MOST_KEPT if len(self.contenders) > 1 else 0)
        for contender in self.contenders:
            try:
                scored, remarks = self._score(clip, frames, contender)
            except (MediaError, DataError) as error:
                return None, [*notes, f"{clip.name} is left out: {error}"]
            scores.append(scored)
            notes += remarks
        return Row(clip, tuple(scores)), notes

    def _score(
        self, clip: Clip, frames: Iterable[ClipFrame], contender: Contender
    ) -> tuple[ClipScores, list[str]]:
        made_from = f"{contender.fingerprint(clip)}\n{clip.fingerprint}"
        found = self.store.load(made_from)
        if found is not None:
            for _ in range(found.num_frames):
                self.listener.advance()
            return found, []
        scores = self._examine(clip, frames, contender)
        self.store.save(made_from, scores)
        return scores, contender.remark(clip)

    def _examine(self, clip: Clip, frames: Iterable[ClipFrame], contender: Contender) -> ClipScores:
        """Perform a clip and measure it."""
        examiner, drivers = Examiner(self.plan, self.listener), needed_drivers(self.plan)
        with ExitStack() as stack:
            examine: Callable[[list[Take]], None] = examiner.take
            if self.overlapping:
                frames = stack.enter_context(closing(ahead(frames)))
                examine = stack.enter_context(Behind(examiner.take, capacity=1)).put
            takes = stack.enter_context(closing(contender.perform(clip, frames, drivers)))
            for batch in batches(takes, self.plan.batch_size):
                self.stop.check()
                examine(batch)
        if not examiner.num_frames:
            raise DataError(f"{clip.name}: there is no frame to compare")
        return examiner.finish()


def needed_drivers(plan: Plan) -> list[str]:
    """List the other drivers that the measures ask for."""
    others = ["other"] if "other" in plan.needs else []
    return [*others, *(RESTYLES if "restyled" in plan.needs else ())]


class Examiner:
    """Shows the frames of one clip to every measure, and scores it at the end."""

    def __init__(self, plan: Plan, listener: Listener) -> None:
        self.plan, self.listener = plan, listener
        self.observer = Observer(plan.detectors, plan.needs, plan.device)
        self.kept: dict[str, list[Numbers]] = {measure.name: [] for measure in plan.measures}
        self.num_frames = 0

    def take(self, takes: list[Take]) -> None:
        """Look at a batch of frames."""
        seen = self.observer.observe(takes)
        for measure in self.plan.measures:
            self.kept[measure.name].append(measure.look(seen))
        self.num_frames += len(takes)
        for _ in takes:
            self.listener.advance()

    def finish(self) -> ClipScores:
        """Score the clip."""
        kept = {name: np.concatenate(parts) for name, parts in self.kept.items()}
        scores = {measure.name: measure.score(kept[measure.name]) for measure in self.plan.measures}
        pooled = {one.name: kept[one.name] for one in self.plan.measures if isinstance(one, Fid)}
        return ClipScores(self.num_frames, scores, pooled)
