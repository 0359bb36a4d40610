"""What was found, as numbers: for JSON and CSV."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from animate_cli.diagnosis.bounds import BOUNDS
from animate_cli.errors import AnimateError
from animate_cli.files import atomic_path, explain
from animate_cli.pipeline.visualize.observe import Clip, Seen

COLUMNS = (
    "input", "model", "frame", "time", "keypoint", "name", "x", "y", "misplaced", "problems", "certainty",
)  # fmt: skip


def misplaced_share(clips: Sequence[Clip]) -> float:
    """Return the largest share of misplaced keypoints, over all frames, of any input with any model."""
    return max(seen.diagnosis.misplaced_share for clip in clips for seen in clip.seen)


def describe(clips: Sequence[Clip]) -> dict[str, Any]:
    """Describe all that was found as plain values."""
    found = [_describe(clip, seen) for clip in clips for seen in clip.seen]
    return {"schema": 1, "bounds": asdict(BOUNDS), "misplaced_share": misplaced_share(clips), "clips": found}


def _describe(clip: Clip, seen: Seen) -> dict[str, Any]:
    diagnosis = seen.diagnosis
    height, width = seen.view.picture
    keypoints = [
        {
            "index": health.index,
            "name": name_of(seen, health.index),
            "share": round(health.share, 4),
            "worst_frame": health.worst_frame,
            "problems": {name: round(share, 4) for name, share in health.problems.items()},
        }
        for health in diagnosis.keypoints
    ]
    return {
        "input": str(clip.path),
        "model": seen.subject.name,
        "width": width,
        "height": height,
        "object": clip.masks,
        "misplaced_share": diagnosis.misplaced_share,
        "not_judged": dict(diagnosis.not_judged),
        "keypoints": keypoints,
        "frames": [_describe_frame(seen, index) for index in range(clip.num_frames)],
    }


def _describe_frame(seen: Seen, index: int) -> dict[str, Any]:
    diagnosis = seen.diagnosis
    bad = np.flatnonzero(diagnosis.bad[index]).tolist()
    return {
        "frame": index,
        "time": round(float(seen.times[index]), 6),
        "places": [[round(x, 2), round(y, 2)] for x, y in diagnosis.places[index].tolist()],
        "misplaced": {str(keypoint): diagnosis.problems_at(index, keypoint) for keypoint in bad},
    }


def name_of(seen: Seen, keypoint: int) -> str | None:
    """Return what a keypoint is called, where the weights say it."""
    names = seen.subject.keypoint_names
    return names[keypoint] if names else None


def write_csv(clips: Sequence[Clip], path: Path) -> None:
    """Write a row for each keypoint in each frame, with its place in pixels of the input.

    Raises:
        AnimateError: the file cannot be written.
    """
    try:
        with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for clip in clips:
                for seen in clip.seen:
                    writer.writerows(_rows(clip, seen))
    except OSError as error:
        raise AnimateError(f"cannot write {path}: {explain(error)}") from error


def _rows(clip: Clip, seen: Seen) -> Iterator[list[object]]:
    diagnosis = seen.diagnosis
    for index, keypoint in np.ndindex(*diagnosis.bad.shape):
        x, y = diagnosis.places[index, keypoint]
        problems = diagnosis.problems_at(index, keypoint)
        sure = "" if diagnosis.certainty is None else f"{diagnosis.certainty[index, keypoint]:.2f}"
        yield [
            str(clip.path), seen.subject.name, index, f"{float(seen.times[index]):.4f}", keypoint,
            name_of(seen, keypoint) or "", f"{x:.2f}", f"{y:.2f}", int(bool(problems)), "; ".join(problems), sure,
        ]  # fmt: skip
