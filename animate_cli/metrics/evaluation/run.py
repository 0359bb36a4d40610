"""Run an evaluation: clip by clip, every contender on each, with little memory however long the clips are."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from animate_cli.arrays import batches
from animate_cli.errors import DataError, MediaError
from animate_cli.memory import keep_memory
from animate_cli.metrics.evaluation.clips import Clip, DataSet
from animate_cli.metrics.evaluation.contenders import Contender, Take
from animate_cli.metrics.evaluation.observing import Observer
from animate_cli.metrics.evaluation.plan import Plan
from animate_cli.metrics.evaluation.store import ClipScores, Store
from animate_cli.metrics.fid import Fid
from animate_cli.metrics.restyling import RESTYLES
from animate_cli.metrics.values import Numbers
from animate_cli.pipeline.job import Listener
from animate_cli.pipeline.stages import Behind


@dataclass(frozen=True)
class Row:
    """A clip and what each contender scored on it, in their order."""

    clip: Clip
    scores: tuple[ClipScores, ...]


def evaluate(
    data_set: DataSet, contenders: Sequence[Contender], plan: Plan, store: Store, listener: Listener
) -> list[Row]:
    """Score every contender on every clip.

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
    rows = [row for clip in clips if (row := _score_all(clip, contenders, plan, store, listener))]
    if not rows:
        raise DataError(f"{data_set.facts['name']}: no clip could be evaluated")
    return rows


def _score_all(
    clip: Clip, contenders: Sequence[Contender], plan: Plan, store: Store, listener: Listener
) -> Row | None:
    scores = []
    for contender in contenders:
        try:
            scores.append(_score(clip, contender, plan, store, listener))
        except (MediaError, DataError) as error:
            listener.warn(f"{clip.name} is left out: {error}")
            return None
    return Row(clip, tuple(scores))


def _score(clip: Clip, contender: Contender, plan: Plan, store: Store, listener: Listener) -> ClipScores:
    """Return a contender's scores on a clip, from the store where they are there."""
    made_from = f"{contender.fingerprint(clip)}\n{clip.fingerprint}"
    found = store.load(made_from)
    if found is not None:
        return found
    listener.begin(f"{contender.name}: {clip.name}", clip.num_frames)
    scores = score_clip(clip, contender, plan, listener)
    for note in contender.remark(clip):
        listener.warn(note)
    store.save(made_from, scores)
    return scores


def score_clip(clip: Clip, contender: Contender, plan: Plan, listener: Listener) -> ClipScores:
    """Perform a clip and measure it in a thread of its own, while the next frames are computed."""
    examiner = Examiner(plan, listener)
    takes = contender.perform(clip, needed_drivers(plan))
    with closing(takes), Behind(examiner.take, capacity=1) as examining:
        for batch in batches(takes, plan.batch_size):
            examining.put(batch)
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
