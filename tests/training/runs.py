"""Tiny configurations and runs that finish in moments."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from animate_cli.config import Config, DataConfig, LossConfig, OptimizerConfig
from animate_cli.data.pairs import PairBatch
from animate_cli.training.meter import StepReport
from animate_cli.training.run import train
from animate_cli.training.run_folder import RunFolder
from animate_cli.training.trainer import TrainOptions
from tests.tiny import pictures, tiny_config

NAMES = ("left_pupil", "right_pupil", "nose_tip", "chin")
PLAIN = LossConfig(perceptual=(), pyramid=(1.0, 0.5), reconstruction=10.0)
OPTIMIZER = OptimizerConfig(
    batch_size=2, max_steps=6, learning_rate=1e-3, detector_learning_rate=1e-3, test_every=0
)


def on_videos(**optimizer: Any) -> Config:
    """Return a config that trains on a folder of videos."""
    return Config("tiny", model=tiny_config(), loss=PLAIN, optimizer=replace(OPTIMIZER, **optimizer))


def on_toons(**optimizer: Any) -> Config:
    """Return a config that trains on toons with every truth in use."""
    loss = replace(PLAIN, keypoint_supervision=5.0, motion_supervision=5.0, detail_weight=2.0, edges=1.0)
    data = DataConfig(toons="toon-face", cross_identity=0.5, photometric=0.5, keypoint_landmarks=NAMES)
    plain = on_videos(**optimizer)
    return replace(plain, loss=loss, data=data, domain="face", style="toon", licence="MIT")


class FixedPairs:
    """A source of batches without files: the frames of a batch are decided by its number."""

    def __init__(self, batch_size: int = 2, *, relative: bool = False) -> None:
        self.batch_size = batch_size
        self.relative = relative
        self.asked: list[tuple[int, tuple[int, int]]] = []

    def batch(self, number: int, size: tuple[int, int]) -> PairBatch:
        self.asked.append((number, size))
        frames = pictures(4 * self.batch_size, *size, seed=number % 2**31)
        source, driving, target, initial = frames.chunk(4)
        if self.relative:
            return PairBatch(source, driving, target, initial)
        return PairBatch(source, driving, driving)


def write_videos(folder: Path, names: Sequence[str] = ("a#1", "a#2", "b#1"), frames: int = 5) -> Path:
    """Write folders of frames, which are videos to the trainer."""
    from animate_cli.media import write_image

    for seed, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        clip = (pictures(frames, 40, 48, seed=seed).permute(0, 2, 3, 1).numpy() * 255).astype(np.uint8)
        for index, frame in enumerate(clip):
            write_image(folder / name / f"{index:03}.png", frame)
    return folder


def start(config: Config, out: Path, **options: Any) -> Iterator[StepReport]:
    """Begin a run on the CPU with frequent checkpoints."""
    return train(config, TrainOptions(out, device="cpu", log_every=1, save_every=2, **options))


def resume(out: Path, **options: Any) -> list[StepReport]:
    """Go on with a run to its end."""
    options = {"save_every": 2, **options}
    return list(train(None, TrainOptions(out, device="cpu", log_every=1, resume=True, **options)))


def same(a: object, b: object) -> bool:
    """Tell whether two nested states are equal to the last bit."""
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(same, a, b))
    return a == b


def last_state(out: Path) -> dict[str, Any]:
    """Read the newest checkpoint of a run."""
    return RunFolder(out).load_checkpoint()
