"""Clips worth a look, made again after the measuring: the worst and the best, as small videos with keypoints."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from animate_cli.media import open_writer
from animate_cli.metrics.evaluation.clips import Clip
from animate_cli.metrics.evaluation.contenders import Contender, Take, resized
from animate_cli.metrics.evaluation.job import Outcome
from animate_cli.metrics.evaluation.run import Row
from animate_cli.metrics.values import Numbers, Picture
from animate_cli.overlay import draw_points, tile
from animate_cli.pipeline.job import Listener

EACH = 2
"""Clips shown of the worst, and of the best."""

MOST_FRAMES = 250
QUALITY = 23
PLOTTED = ("l1", "psnr", "ssim", "lpips", "akd", "aed", "sharpness", "stability", "leak")


@dataclass(frozen=True)
class Plot:
    """A measure's value of every frame [T], of each contender."""

    measure: str
    lines: Sequence[Numbers]


@dataclass(frozen=True)
class Show:
    """A clip to look at. video: mp4. tiles: what stands side by side in it. shortened: only its beginning."""

    verdict: str
    name: str
    video: bytes
    tiles: Sequence[str]
    plots: Sequence[Plot]
    shortened: bool


def show_clips(outcome: Outcome, listener: Listener) -> Iterator[Show]:
    """Make the videos of the clips on which the first contender did worst and best."""
    for verdict, row in choose_rows(outcome):
        listener.begin(f"Showing {row.clip.name}", None)
        plots = [
            Plot(name, lines)
            for name in PLOTTED
            if name in row.scores[0].scores
            for lines in [[scored.scores[name].frames for scored in row.scores]]
            if any(np.isfinite(line).any() for line in lines)
        ]
        video = encode(row.clip, outcome.contenders, listener)
        tiles = ["truth", *[contender.name for contender in outcome.contenders]]
        yield Show(verdict, row.clip.name, video, tiles, plots, row.scores[0].num_frames > MOST_FRAMES)


def choose_rows(outcome: Outcome) -> list[tuple[str, Row]]:
    """Return the worst and the best clips by the first measure that ranks them."""
    for measure in outcome.plan.measures:
        values = [float(measure.combine(row.scores[0].scores[measure.name].parts)) for row in outcome.rows]
        ranked = [index for index in np.argsort(values) if np.isfinite(values[index])]
        if measure.better == "one" or not ranked:
            continue
        if measure.better == "lower":
            ranked.reverse()
        count = min(EACH, max(1, len(ranked) // 2))
        worst = [(f"worst by {measure.title}", outcome.rows[index]) for index in ranked[:count]]
        best = [(f"best by {measure.title}", outcome.rows[index]) for index in ranked[count:][::-1][:count]]
        return worst + best
    return [("clip", outcome.rows[0])]


def encode(clip: Clip, contenders: Sequence[Contender], listener: Listener) -> bytes:
    """Perform a clip again with everyone and encode it, tiles side by side."""
    with tempfile.TemporaryDirectory(prefix="animate-show-") as folder:
        path = Path(folder) / "clip.mp4"
        performances = [contender.perform(clip, clip.frames(), []) for contender in contenders]
        sheets = (sheet(takes) for takes in islice(zip(*performances, strict=False), MOST_FRAMES))
        first = next(sheets)
        height, width = first.shape[:2]
        with (
            open_writer(path, width=width, height=height, fps=clip.fps, crf=QUALITY) as writer,
            closing(sheets),
        ):
            writer.write(first)
            for picture in sheets:
                writer.write(picture)
                listener.advance()
        for performance in performances:
            performance.close()
        return path.read_bytes()


def sheet(takes: Sequence[Take]) -> Picture:
    """Lay out one frame: truth and results; below them the same with keypoints, where a model has them."""
    size = takes[0].result.shape[:2]
    truth = resized(takes[0].frame.picture, size)
    rows = [[truth, *[resized(take.result, size) for take in takes]]]
    if takes[0].keypoints is not None:
        marked = [
            picture if take.keypoints is None else draw_points(picture, take.keypoints)
            for picture, take in zip(rows[0], [takes[0], *takes], strict=True)
        ]
        rows.append(marked)
    return tile(rows)
