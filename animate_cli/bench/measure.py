"""Measure how fast a model animates here: the engine, the plain loop, and what the machine could do."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from animate_cli import machine
from animate_cli.animator import Animator
from animate_cli.bench.agreement import Agreement, measure_agreement
from animate_cli.bench.clip import BenchClip, prepare_clip
from animate_cli.bench.listener import RunListener
from animate_cli.bench.plain_loop import PlainLoop
from animate_cli.bench.report import BenchReport
from animate_cli.bench.rounds import run_rounds
from animate_cli.bench.settings import BenchSettings
from animate_cli.bench.stages import WatchedAnimator, stages_alone, stages_in_job
from animate_cli.errors import MediaError
from animate_cli.model.motion_model import MotionModel
from animate_cli.pipeline.job import Listener
from animate_cli.presets import load_config
from animate_cli.weights import load_model

COMPARED = 8
"""Frames on which both ways are compared; with them they also warm up."""


@dataclass(frozen=True)
class NamedModel:
    """A model in evaluation mode, float32, on the CPU, and what to call it."""

    model: MotionModel
    name: str


def from_weights(name_or_path: str) -> NamedModel:
    """Load weights.

    Raises:
        WeightsError: there are none, or they are not usable.
    """
    return NamedModel(load_model(name_or_path).model, name_or_path)


def from_preset(name: str, variant: str | None) -> NamedModel:
    """Build a preset's networks with random weights: as fast as trained ones, and no file is needed.

    Raises:
        ConfigError: the preset or variant is unknown.
    """
    config = load_config(name, variant=variant).model
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = MotionModel(config).eval()
    return NamedModel(model, " ".join(filter(None, [name, variant, "(random weights)"])))


def measure(named: NamedModel, settings: BenchSettings, listener: Listener) -> BenchReport:
    """Measure how fast a model animates here.

    Raises:
        MediaError: a file cannot be read or written.
        DeviceError: the device or precision is not available.
    """
    engine = Animator(named.model, **_options(settings))
    plain = PlainLoop(named.model, engine.acceleration.device)
    listener.note(f"measuring {named.name} on {engine.acceleration}, batches of {engine.batch_size}")
    with _temporary_folder() as name:
        folder = Path(name)
        clip = prepare_clip(settings, engine.size, folder, listener)
        agreement = _warm_up(plain, engine, clip, folder, listener)
        ways = run_rounds(plain, engine, clip, settings.rounds, folder, listener)
        watched = WatchedAnimator(named.model, **_options(settings))
        out = folder / "stages.mp4"
        stages = stages_in_job(watched, clip, out, RunListener(listener, "Stages"))
        alone = stages_alone(watched, clip, out)
    return BenchReport(_machine(engine), _model(named, clip), *ways, stages, alone, agreement)


def _options(settings: BenchSettings) -> dict[str, Any]:
    return {
        "device": settings.device,
        "precision": settings.precision,
        "batch_size": settings.batch_size,
    }


def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    try:
        return tempfile.TemporaryDirectory(prefix="animate-bench-")
    except OSError as error:
        raise MediaError(
            f"no temporary folder can be made ({error.strerror or error}); free some space there, or name "
            f"another with TMPDIR"
        ) from error


def _warm_up(
    plain: PlainLoop, engine: Animator, clip: BenchClip, folder: Path, listener: Listener
) -> Agreement:
    few = clip.first(COMPARED)
    return measure_agreement(plain, engine, few, folder, RunListener(listener, "Comparing"))


def _machine(engine: Animator) -> dict[str, Any]:
    device, processor = engine.acceleration.device, machine.processor_name()
    return {
        "processor": processor,
        "cores": machine.usable_cores(),
        "threads": torch.get_num_threads(),
        "memory_bytes": machine.memory_bytes(),
        "system": machine.system_name(),
        "python": machine.python_version(),
        "torch": torch.__version__,
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else processor,
        "precision": engine.acceleration.precision,
    }


def _model(named: NamedModel, clip: BenchClip) -> dict[str, Any]:
    return {
        "name": named.name,
        "parameters": sum(parameter.numel() for parameter in named.model.parameters()),
        "size": list(named.model.config.size),
        "frames": clip.num_frames,
    }
