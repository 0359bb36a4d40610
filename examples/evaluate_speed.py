"""Compare `animate evaluate` with the plain loop: a frame at a time, the source encoded anew for each.

``python examples/evaluate_speed.py --weights toon-face --clips 2 --frames 24`` prints frames a second of both,
measured in turns so that a busy machine slows both alike. Both give L1, PSNR and SSIM of the same toons.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from animate_cli.animator import Animator
from animate_cli.arrays import to_pictures
from animate_cli.metrics.detectors import Detectors
from animate_cli.metrics.evaluation.contenders import ModelContender
from animate_cli.metrics.evaluation.plan import make_plan
from animate_cli.metrics.evaluation.report import build_report
from animate_cli.metrics.evaluation.run import evaluate
from animate_cli.metrics.evaluation.store import Store
from animate_cli.metrics.evaluation.toons import ToonClips
from animate_cli.metrics.table import MEASURES, choose_measures
from animate_cli.metrics.values import Observation
from animate_cli.weights import LoadedModel, load_model

NAMES = ("l1", "psnr", "ssim")
TURNS = 3


class Silent:
    """Listens and says nothing."""

    def note(self, text: str) -> None:
        """Forget a note."""

    def warn(self, text: str) -> None:
        """Forget a warning."""

    def begin(self, label: str, total: int | None) -> None:
        """Forget a beginning."""

    def advance(self) -> None:
        """Forget a frame."""


def main() -> None:
    """Measure both in turns and print frames a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="toon-face")
    parser.add_argument("--clips", type=int, default=2)
    parser.add_argument("--frames", type=int, default=24)
    options = parser.parse_args()
    loaded, toons = load_model(options.weights), ToonClips(num_clips=options.clips, num_frames=options.frames)
    ways: dict[str, Callable[[LoadedModel, ToonClips], list[float]]] = {
        "plain": run_plainly,
        "engine": run_engine,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(TURNS):
        for name, way in ways.items():
            start = time.perf_counter()
            figures = way(loaded, toons)
            seconds[name].append(time.perf_counter() - start)
            print(name, [round(figure, 4) for figure in figures])
    rates = {name: options.clips * options.frames / min(times) for name, times in seconds.items()}
    ratio = rates["engine"] / rates["plain"]
    print(f"plain {rates['plain']:.2f} fps, evaluate {rates['engine']:.2f} fps, {ratio:.2f} times as fast")


def run_engine(loaded: LoadedModel, toons: ToonClips) -> list[float]:
    """Evaluate as the command does."""
    contender = ModelContender("model", Animator(loaded.model, precision="fp32"), "weights")
    batch = contender.animator.batch_size
    plan = make_plan(
        choose_measures(NAMES, "both"), toons, [contender], Detectors(), torch.device("cpu"), batch
    )
    with tempfile.TemporaryDirectory() as folder:
        rows = evaluate(toons, [contender], plan, Store(Path(folder), plan.setting), Silent())
    figures = build_report(toons, [contender], plan, rows).models[0].figures
    return [figures[name].mean for name in NAMES]


@torch.inference_mode()
def run_plainly(loaded: LoadedModel, toons: ToonClips) -> list[float]:
    """Evaluate frame by frame."""
    values = []
    for clip in toons.clips():
        source: torch.Tensor | None = None
        for frame in clip.frames():
            truth = torch.from_numpy(frame.picture).permute(2, 0, 1)[None].float() / 255
            source = truth if source is None else source
            painted = to_pictures(loaded.model(source, truth)[0].image)
            result = torch.from_numpy(painted).permute(0, 3, 1, 2).float() / 255
            seen = Observation(truth, result, source)
            values.append([float(MEASURES[name]().look(seen)[0]) for name in NAMES])
    return [float(value) for value in np.mean(values, axis=0)]


if __name__ == "__main__":
    main()
