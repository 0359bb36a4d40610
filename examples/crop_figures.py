"""Measure `animate crop`: how long it takes beside its detector, what two jobs gain, what searching seldom costs.

``python examples/crop_figures.py CLIP...`` prints Markdown: ``--part time`` clip by clip, ``--part together`` all
in one run, ``--part jobs`` the command with one job and with two, ``--part boxes`` how good interpolated boxes are.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from animate_cli.cropping import find
from animate_cli.cropping.inputs import Task
from animate_cli.cropping.job import CropOptions
from animate_cli.cropping.run import SILENT
from animate_cli.cropping.work import crop_inputs
from animate_cli.faces.detector import Detection, Detector, Picture
from animate_cli.faces.detectors import open_detector
from animate_cli.faces.follow import follow_faces, search_step
from animate_cli.faces.tracking import Track
from animate_cli.media import open_reader


class Timed:
    """A detector that adds up the seconds that it takes."""

    def __init__(self, detector: Detector) -> None:
        self.detector, self.name, self.seconds, self.searches = detector, detector.name, 0.0, 0

    def prepare(self) -> None:
        """See Detector."""

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector."""
        began = time.perf_counter()
        found = self.detector.detect(picture)
        self.seconds += time.perf_counter() - began
        self.searches += 1
        return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--detector", default="lbp")
    parser.add_argument("--part", choices=[*PARTS, "all"], default="all")
    options = parser.parse_args()
    for part in PARTS if options.part == "all" else [options.part]:
        PARTS[part](options.clips, options.detector)


def print_times(clips: Sequence[Path], name: str) -> None:
    """Print what each clip takes beside what its detector takes by itself."""
    print_table([[clip] for clip in clips], name)


def print_together(clips: Sequence[Path], name: str) -> None:
    """Print what all clips take in one run, in which the next one is searched while one is cut."""
    print_table([clips], name)


def print_table(runs: Sequence[Sequence[Path]], name: str) -> None:
    """Print a row for each run over some clips."""
    timed = Timed(open_detector(name))
    find.shared_detector = lambda name, device: timed  # type: ignore[assignment]
    print(
        "\n| clips | frames a second | detector alone, s | whole, s | beyond the detector |\n|---|---|---|---|---|"
    )
    for clips in runs:
        alone = sum(detector_seconds(clip, timed) for clip in clips)
        whole, frames = crop(clips, name)
        called = clips[0].name if len(clips) == 1 else f"{len(clips)} in one run"
        print(
            f"| {called} | {frames / whole:.0f} | {alone:.2f} | {whole:.2f} | {1 - alone / whole:.0%} |",
            flush=True,
        )


def print_jobs(clips: Sequence[Path], name: str) -> None:
    """Print what the whole command takes with one job and with two."""
    one, two = (run_seconds(clips, name, jobs) for jobs in (1, 2))
    print(f"\nall with --jobs 1: {one:.1f} s, with --jobs 2: {two:.1f} s, {one / two:.2f} times as fast")


def detector_seconds(clip: Path, timed: Timed) -> float:
    """Return what the detector takes for a clip while nothing is cut."""
    before = timed.seconds
    options = CropOptions(detector=timed.name)
    for _ in find.find(Task(clip, clip.stem), None, options, SILENT):
        pass
    return timed.seconds - before


def crop(clips: Sequence[Path], name: str) -> tuple[float, int]:
    """Return the seconds that cropping takes, and the frames that were cut."""
    with tempfile.TemporaryDirectory() as folder:
        options = CropOptions(detector=name, min_frames=1)
        work = [(Task(clip, clip.stem), None) for clip in clips]
        began = time.perf_counter()
        outcomes = list(crop_inputs(work, Path(folder), options, SILENT))
        seconds = time.perf_counter() - began
    return seconds, sum(row.frames for outcome in outcomes for row in outcome.rows)


def run_seconds(clips: Sequence[Path], name: str, jobs: int) -> float:
    """Return how long the command takes."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["crop", "-q", *map(str, clips), "--detector", name, "--jobs", str(jobs)]
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "animate_cli", *words, "-o", f"{folder}/out"], check=True)
        return time.perf_counter() - began


def print_boxes(clips: Sequence[Path], name: str) -> None:
    """Print how far boxes that are interpolated lie from those of a search in every frame."""
    print("\n| clip | searched every | IoU, mean | least |\n|---|---|---|---|")
    for clip in clips:
        step = search_step(open_reader(clip).info.fps)
        dense, sparse = (follow(clip, name, every) for every in (1, step))
        start, end = max(dense.start, sparse.start), min(dense.end, sparse.end)
        overlaps = iou(dense.between(start, end), sparse.between(start, end))
        print(f"| {clip.name} | {step} | {overlaps.mean():.3f} | {overlaps.min():.3f} |")


def follow(clip: Path, name: str, every: int) -> Track:
    """Follow a clip's main face."""
    with open_reader(clip) as reader:
        frames = (frame.image for frame in reader)
        tracks = follow_faces(frames, open_detector(name), reader.info.fps, every=every)
    return max(tracks, key=lambda track: track.presence)


def iou(
    one: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    other: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return the overlap of boxes [T, 4] with others, frame by frame."""
    sides = np.minimum(one[:, 2:], other[:, 2:]) - np.maximum(one[:, :2], other[:, :2])
    both = np.clip(sides, 0, None).prod(1)
    areas = (one[:, 2:] - one[:, :2]).prod(1) + (other[:, 2:] - other[:, :2]).prod(1)
    return np.asarray(both / (areas - both))


PARTS = {"time": print_times, "together": print_together, "jobs": print_jobs, "boxes": print_boxes}

if __name__ == "__main__":
    main()
