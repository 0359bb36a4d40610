"""Import checkpoints in the published layout of the first order motion model (FOMM).

The file is a dictionary: state dicts ``generator`` (which holds ``dense_motion_network``), ``kp_detector``
and ``discriminator``, optimiser states, and ``epoch``. The networks' sizes are read from the tensors.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from animate_cli.catalogue import Domain, entry_of_file
from animate_cli.config import Config, DiscriminatorConfig, ModelConfig
from animate_cli.errors import WeightsError
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.motion_model import MotionModel
from animate_cli.presets import load_config
from animate_cli.weights.checkpoint import read_checkpoint
from animate_cli.weights.info import WeightsInfo
from animate_cli.weights.published_names import (
    DETECTOR_KERNEL,
    DISCRIMINATOR_PREFIXES,
    KERNELS,
    MODEL_PREFIXES,
    MOTION_KERNEL,
    flatten,
    rename,
    to_published_name,
)
from animate_cli.weights.published_sizes import (
    Shapes,
    read_discriminator_config,
    read_model_config,
    read_scale,
)
from animate_cli.weights.sniff import BadFileError, show
from animate_cli.weights.storage import build_model, check_tensors, empty_model

NETWORKS = ("generator", "kp_detector")
NOT_PUBLISHED = "a PyTorch file, but not a first order motion model"


@dataclass(frozen=True)
class PublishedTensors:
    """The tensors of a published model under our names, and the config that their shapes tell."""

    config: ModelConfig
    state: Mapping[str, Tensor]
    epoch: int | None


@dataclass(frozen=True)
class DiscriminatorWeights:
    """A published discriminator: its config, how many keypoints it was built for, and its state dict."""

    config: DiscriminatorConfig
    num_keypoints: int
    state: Mapping[str, Tensor]


def import_published(
    path: Path, *, config: str | Path | None = None, domain: Domain | None = None
) -> tuple[MotionModel, WeightsInfo]:
    """Read a published checkpoint into a model in evaluation mode, float32, on the CPU.

    Args:
        path: a file that `sniff` calls a torch file.
        config: YAML in the published layout or ours; adds temperature, heatmap variance, size and
            align_corners, which tensors cannot tell (the usual ones without it).
        domain: what the model animates; without it, that of the named model whose file is called so, or any.

    Raises:
        WeightsError: the file is another or damaged, a tensor does not fit, or the config contradicts them.
        ConfigError: the config cannot be read.
    """
    tensors = select_networks(read_checkpoint(path), path)
    model_config = tensors.config
    if config is not None:
        model_config = complete(model_config, load_config(str(config)), origin=str(config))
    model = build_model(model_config, tensors.state, origin=str(path))
    return model, _describe(path, model_config, tensors.epoch, domain)


def select_networks(checkpoint: Mapping[str, Any], path: Path) -> PublishedTensors:
    """Take the model's networks out of a published checkpoint; its tensors may be without values.

    Raises:
        WeightsError: it holds something else, or a tensor is missing, left over or ill-shaped.
    """
    if not is_published_layout(checkpoint):
        keys = show(", ".join(map(str, list(checkpoint)[:5]))) or "nothing"
        raise BadFileError(path, "torch file", f"{NOT_PUBLISHED} (it holds {keys})")
    published = flatten({network: checkpoint[network] for network in NETWORKS})
    kernels = {name: published.pop(name, None) for name in KERNELS}
    scales = [read_scale(kernels[name], name, origin=str(path)) for name in (DETECTOR_KERNEL, MOTION_KERNEL)]
    state = _with_counters(rename(published, MODEL_PREFIXES, origin=str(path)))
    shapes = Shapes(state, str(path), lambda name: to_published_name(name, MODEL_PREFIXES))
    config = read_model_config(shapes, *scales)
    _check(empty_model(config, origin=str(path)), shapes)
    epoch = checkpoint.get("epoch")
    return PublishedTensors(config, state, epoch if isinstance(epoch, int) else None)


def import_discriminator(path: Path) -> DiscriminatorWeights:
    """Read the discriminator of a published checkpoint, its spectral norm under our names.

    Raises:
        WeightsError: the file holds none, or a tensor is missing, left over or ill-shaped.
    """
    checkpoint = read_checkpoint(path)
    if not _is_state(checkpoint.get("discriminator")):
        raise WeightsError(f"{path}: holds no discriminator")
    published = flatten({"discriminator": checkpoint["discriminator"]})
    state = rename(published, DISCRIMINATOR_PREFIXES, origin=str(path))
    shapes = Shapes(state, str(path), lambda name: to_published_name(name, DISCRIMINATOR_PREFIXES))
    config = read_discriminator_config(shapes)
    suffix = ".parametrizations.weight.original" if config.spectral_norm else ".weight"
    num_keypoints = shapes.size(f"blocks.0.conv{suffix}", 1) - 3
    with torch.device("meta"):
        network = Discriminator(config, num_keypoints)
    _check(network, shapes)
    return DiscriminatorWeights(
        config, num_keypoints, {name: tensor.clone() for name, tensor in state.items()}
    )


def complete(found: ModelConfig, given: Config, *, origin: str) -> ModelConfig:
    """Add to the config that tensors tell what only a written one can.

    Raises:
        WeightsError: the written one describes networks of other sizes.
    """
    model = given.model
    for key, written, told in _sizes(model, found):
        if written != told:
            raise WeightsError(f"{origin}: {key} is {written}, but the checkpoint's tensors say {told}")
    return replace(
        found,
        size=model.size,
        align_corners=model.align_corners,
        detector=replace(found.detector, temperature=model.detector.temperature),
        motion=replace(found.motion, heatmap_variance=model.motion.heatmap_variance),
    )


def _sizes(written: ModelConfig, told: ModelConfig) -> list[tuple[str, Any, Any]]:
    rows = [("model.num_keypoints", written.num_keypoints, told.num_keypoints)]
    for section, keys in {
        "detector": ("base_channels", "num_blocks", "scale", "shared_jacobian"),
        "motion": ("base_channels", "num_blocks", "scale"),
        "generator": ("base_channels", "num_down_blocks", "num_residual_blocks"),
    }.items():
        pair = getattr(written, section), getattr(told, section)
        rows += [(f"model.{section}.{key}", getattr(pair[0], key), getattr(pair[1], key)) for key in keys]
    return rows


def is_published_layout(checkpoint: Mapping[str, Any]) -> bool:
    """Tell whether a PyTorch file holds the networks of a first order motion model."""
    return all(_is_state(checkpoint.get(network)) for network in NETWORKS)


def _is_state(value: Any) -> bool:  # noqa: ANN401
    if not isinstance(value, dict) or not value:
        return False
    return all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in value.items())


def _with_counters(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Add the batch norms' counters of batches, which files of the first PyTorch versions lack."""
    suffix = "running_mean"
    counters = [name.removesuffix(suffix) + "num_batches_tracked" for name in state if name.endswith(suffix)]
    return {name: torch.zeros((), dtype=torch.int64) for name in counters} | state


def _check(network: torch.nn.Module, shapes: Shapes) -> None:
    names = [*network.state_dict(), *shapes.state]
    shown = {name: shapes.shown(name) for name in names}
    check_tensors(network, shapes.state, origin=shapes.origin, shown=shown)


def _describe(path: Path, config: ModelConfig, epoch: int | None, domain: Domain | None) -> WeightsInfo:
    entry = entry_of_file(path)
    training: dict[str, Any] = {"imported_from": path.name}
    training |= {} if epoch is None else {"epoch": epoch}
    training |= {} if entry is None else {"data": entry.trained_on}
    return WeightsInfo(
        config=config,
        domain=domain or (entry.domain if entry else "any"),
        style=entry.style if entry else "photo",
        licence=entry.licence if entry else "unknown",
        training=training,
    )
