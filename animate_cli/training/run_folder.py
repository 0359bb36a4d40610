"""What a training run leaves behind: config, metrics, sample grids, checkpoints, weights."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from animate_cli.config import Config
from animate_cli.errors import DataError
from animate_cli.files import atomic_path
from animate_cli.model.motion_model import MotionModel
from animate_cli.presets import load_config, save_config
from animate_cli.weights import WeightsInfo, save_weights

KEPT_CHECKPOINTS = 2


class RunFolder:
    """The folder of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = path / "checkpoints"
        self.samples = path / "samples"
        self.weights = path / "weights.safetensors"

    def create(self, config: Config) -> None:
        """Make the folder and write the config that reproduces the run.

        Raises:
            DataError: the folder already holds a run.
        """
        if (self.path / "config.yaml").exists():
            raise DataError(
                f"{self.path} already holds a run; continue it with --resume, or choose another --out"
            )
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        self.samples.mkdir(exist_ok=True)
        save_config(config, self.path / "config.yaml")

    def config(self) -> Config:
        """Read the run's config.

        Raises:
            DataError: the folder holds no run.
        """
        path = self.path / "config.yaml"
        if not path.exists():
            raise DataError(f"{self.path} holds no run to resume: config.yaml is missing")
        return load_config(str(path))

    def log(self, row: Mapping[str, float]) -> None:
        """Append a row to metrics.csv; the first row's keys are its columns."""
        path = self.path / "metrics.csv"
        columns = _header(path) or list(row)
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow({key: f"{value:.6g}" for key, value in row.items()})

    def save_checkpoint(self, step: int, state: Mapping[str, Any]) -> None:
        """Write checkpoints/step-N and drop all but the last two."""
        target = self.checkpoints / f"step-{step}"
        with atomic_path(target) as temporary:
            torch.save(dict(state), temporary)
        for old in self.saved_checkpoints()[:-KEPT_CHECKPOINTS]:
            old.unlink()

    def save_weights(self, model: MotionModel, config: Config, facts: Mapping[str, Any]) -> None:
        """Write weights.safetensors, which any command takes as ``--weights``."""
        info = WeightsInfo(
            model.config,
            domain=config.domain,
            style=config.style,
            keypoint_names=config.data.keypoint_landmarks or None,
            licence=config.licence,
            training=facts,
        )
        save_weights(self.weights, model, info)

    def load_checkpoint(self) -> dict[str, Any]:
        """Read the newest checkpoint, tensors and plain values only.

        Raises:
            DataError: there is none.
        """
        saved = self.saved_checkpoints()
        if not saved:
            raise DataError(f"{self.checkpoints} holds no checkpoint to resume from; start a new run instead")
        state: dict[str, Any] = torch.load(saved[-1], weights_only=True, map_location="cpu")
        return state

    def saved_checkpoints(self) -> list[Path]:
        """List the checkpoints, oldest first."""
        return sorted(self.checkpoints.glob("step-*"), key=lambda path: int(path.name.removeprefix("step-")))


def _header(path: Path) -> list[str]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return next(csv.reader(file), [])
