"""The training loop: batches in, a run folder and weights out."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from animate_cli.acceleration import choose_device
from animate_cli.config import Config, ModelConfig
from animate_cli.data.pairs import PairBatch, PairSource
from animate_cli.errors import ConfigError, DataError
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.averaging import AveragedModel
from animate_cli.training.objective import Outcome, reconstruct
from animate_cli.training.run_folder import RunFolder


@dataclass(frozen=True)
class TrainOptions:
    """What a run needs beside its config. Intervals are in steps."""

    out: Path
    data: Path | None = None
    resume: bool = False
    init_from: str | None = None
    device: str = "auto"
    max_time: float | None = None
    seed: int = 0
    log_every: int = 50
    save_every: int = 500


@dataclass(frozen=True)
class StepReport:
    """How a run is going: losses are means since the last report."""

    step: int
    total_steps: int
    losses: dict[str, float]
    samples_per_second: float
