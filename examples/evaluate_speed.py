"""Compare `animate evaluate` with the plain loop: a frame at a time, the source encoded anew for each.

``python examples/evaluate_speed.py --weights toon-face --clips 2 --frames 24`` prints frames a second of both,
measured in turns so that a busy machine slows both alike, and frames a second of processor time, which it hardly
slows. Both give L1, PSNR, SSIM (the loop's by torchmetrics), AKD and AED of the same toons.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torchmetrics.functional.image import structural_similarity_index_measure as ssim

from animate_cli.animator import Animator
from animate_cli.arrays import to_pictures
from animate_cli.metrics.detectors import Detectors
from animate_cli.metrics.evaluation.contenders import ModelContender
from animate_cli.metrics.evaluation.plan import make_plan
from animate_cli.metrics.evaluation.report import build_report
from animate_cli.metrics.evaluation.run import evaluate
from animate_cli.metrics.evaluation.store import Store
from animate_cli.metrics.evaluation.toons import ToonClips
from animate_cli.metrics.table import choose_measures
from animate_cli.metrics.toon_detectors import SURE, ToonIdentity, ToonLandmarks
from animate_cli.toon_networks import load_identity_network, load_landmark_network
from animate_cli.weights import LoadedModel, load_model

NAMES = ("l1", "psnr", "ssim", "akd", "aed")
FAMILY = "toon-face"
CPU = torch.device("cpu")


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
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    loaded, toons = load_model(options.weights), ToonClips(num_clips=options.clips, num_frames=options.frames)
    ways: dict[str, Callable[[LoadedModel, ToonClips], list[float]]] = {
        "plain": run_plainly,
        "engine": run_engine,
    }
    frames = options.clips * options.frames
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(options.turns):
        for name, way in ways.items():
            start = time.perf_counter(), time.process_time()
            figures = way(loaded, toons)
            rate = frames / (time.perf_counter() - start[0]), frames / (time.process_time() - start[1])
            rates[name].append(rate)
            print(f"{name} {rate[0]:.2f} fps", [round(figure, 4) for figure in figures], flush=True)
    for index, words in enumerate(("frames a second", "frames a second of processor time")):
        plain, engine = (max(rate[index] for rate in rates[name]) for name in ways)
        print(f"{words}: plain {plain:.2f}, evaluate {engine:.2f}, {engine / plain:.2f} times as fast")


def run_engine(loaded: LoadedModel, toons: ToonClips) -> list[float]:
    """Evaluate as the command does."""
    contender = ModelContender("model", Animator(loaded.model, precision="fp32"), "weights")
    batch = contender.animator.batch_size
    plan = make_plan(choose_measures(NAMES, "paper"), toons, [contender], open_toon_networks(), CPU, batch)
    with tempfile.TemporaryDirectory() as folder:
        rows = evaluate(toons, [contender], plan, Store(Path(folder), plan.setting), Silent())
    figures = build_report(toons, [contender], plan, rows).models[0].figures
    return [figures[name].mean for name in NAMES]


@torch.inference_mode()
def run_plainly(loaded: LoadedModel, toons: ToonClips) -> list[float]:
    """Evaluate frame by frame."""
    landmarks, identity = load_landmark_network(FAMILY), load_identity_network(FAMILY)
    values = []
    for clip in toons.clips():
        source: torch.Tensor | None = None
        for frame in clip.frames():
            truth = torch.from_numpy(frame.picture).permute(2, 0, 1)[None].float() / 255
            source = truth if source is None else source
            painted = to_pictures(loaded.model(source, truth)[0].image)
            result = torch.from_numpy(painted).permute(0, 3, 1, 2).float() / 255
            similar = ssim(result, truth, data_range=1.0)
            wanted, found = landmarks(truth), landmarks(result)
            both = (wanted.visibility >= SURE) & (found.visibility >= SURE)
            away = ((wanted.value - found.value) / 2 * (truth.shape[-1] - 1)).norm(dim=-1)[both].mean()
            apart = (identity(truth) - identity(result)).norm()
            error = (truth - result).square().mean()
            values.append([(truth - result).abs().mean(), -10 * error.log10(), similar, away, apart])
    return [float(value) for value in np.nanmean(values, axis=0)]


def open_toon_networks() -> Detectors:
    """Open the networks that toons are measured with."""
    return Detectors(ToonLandmarks(FAMILY, CPU), ToonIdentity(FAMILY, CPU))


if __name__ == "__main__":
    main()
