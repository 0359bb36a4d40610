"""Read the sizes of published networks from the shapes of their tensors, under our names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from animate_cli.config import (
    DenseMotionConfig,
    DetectorConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    ModelConfig,
    with_variant,
)
from animate_cli.errors import WeightsError
from animate_cli.model.blocks import AntiAliasDownscale
from animate_cli.model.motion_model import size_step

Section = TypeVar("Section", DetectorConfig, DenseMotionConfig)
KERNEL_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Shapes:
    """Shapes of tensors under our names.

    origin is where they come from, shown turns a name into the published one for messages.
    """

    state: Mapping[str, Tensor]
    origin: str
    shown: Callable[[str], str]

    def size(self, name: str, axis: int) -> int:
        """Return one side of a tensor.

        Raises:
            WeightsError: there is no such tensor, or it has no such side.
        """
        if name not in self.state:
            raise WeightsError(f"{self.origin}: tensor {self.shown(name)} is missing")
        if self.state[name].ndim != 4:
            raise WeightsError(f"{self.origin}: tensor {self.shown(name)} is not a convolution's")
        return self.state[name].shape[axis]

    def count(self, prefix: str, suffix: str) -> int:
        """Count the blocks 0, 1, … that have a tensor called prefix, number, suffix."""
        number = 0
        while f"{prefix}{number}{suffix}" in self.state:
            number += 1
        return number

    def widths(self, prefix: str, suffix: str = ".conv.weight") -> list[int]:
        """List the output channels of the blocks 0, 1, …; maybe none."""
        return [self.size(f"{prefix}{i}{suffix}", 0) for i in range(self.count(prefix, suffix))]


def read_model_config(shapes: Shapes, detector_scale: float, motion_scale: float) -> ModelConfig:
    """Return a config of the variant fomm whose networks have these shapes, as far as shapes tell.

    Raises:
        WeightsError: a tensor that tells a size is missing.
    """
    plain = with_variant(ModelConfig(), "fomm")
    num_keypoints = shapes.size("detector.heatmap_head.weight", 0)
    shared_jacobian = shapes.size("detector.jacobian_head.weight", 0) == 4 != 4 * num_keypoints
    detector = _with_unet_sizes(plain.detector, shapes, "detector.unet")
    motion = _with_unet_sizes(plain.motion, shapes, "motion.unet")
    model = replace(
        plain,
        num_keypoints=num_keypoints,
        detector=replace(detector, scale=detector_scale, shared_jacobian=shared_jacobian),
        motion=replace(motion, scale=motion_scale),
        occlusion=replace(plain.occlusion, kernel_size=shapes.size("motion.occlusion.heads.0.weight", 2)),
        generator=_generator_config(shapes, plain.generator),
    )
    return _with_fitting_size(model)


def _with_unet_sizes(section: Section, shapes: Shapes, prefix: str) -> Section:
    shapes.size(f"{prefix}.encoder.0.conv.weight", 0)
    widths = shapes.widths(f"{prefix}.encoder.")
    base = shapes.size(f"{prefix}.decoder.{len(widths) - 1}.conv.weight", 0)
    largest = _largest(widths, 2 * base, section.max_channels)
    return replace(section, base_channels=base, max_channels=largest, num_blocks=len(widths))


def _generator_config(shapes: Shapes, plain: GeneratorConfig) -> GeneratorConfig:
    first = shapes.size("generator.first.conv.weight", 0)
    widths = shapes.widths("generator.down_blocks.")
    return replace(
        plain,
        base_channels=first,
        max_channels=_largest([first, *widths], first, plain.max_channels),
        num_down_blocks=len(widths),
        num_residual_blocks=shapes.count("generator.residual_blocks.", ".conv1.weight"),
        final_kernel_size=shapes.size("generator.final.weight", 2),
    )


def read_discriminator_config(shapes: Shapes) -> DiscriminatorConfig:
    """Return the config of a discriminator with these shapes.

    Raises:
        WeightsError: a tensor that tells a size is missing.
    """
    spectral_norm = "head.parametrizations.weight.original" in shapes.state
    suffix = ".conv.parametrizations.weight.original" if spectral_norm else ".conv.weight"
    channels = shapes.size(f"blocks.0{suffix}", 1)
    widths = shapes.widths("blocks.", suffix)
    base = (widths[0] + 1) // 2
    return DiscriminatorConfig(
        base_channels=base,
        max_channels=_largest(widths, 2 * base, DiscriminatorConfig().max_channels),
        num_blocks=len(widths),
        spectral_norm=spectral_norm,
        keypoint_heatmaps=channels > 3,
    )


def read_scale(kernel: Tensor | None, name: str, *, origin: str) -> float:
    """Return the factor of an anti-aliased downscale from its stored filter [3, 1, n, n]; 1 where none is.

    Raises:
        WeightsError: the filter is not the one that our networks compute.
    """
    if kernel is None:
        return 1.0
    taps = kernel.shape[-1] if kernel.ndim == 4 else 0
    if taps < 5 or taps % 4 != 1 or kernel.shape != (3, 1, taps, taps):
        raise WeightsError(
            f"{origin}: tensor {name} has shape {tuple(kernel.shape)}, of no known downscaling"
        )
    scale = 1 / ((taps - 1) // 4 + 1)
    ours = AntiAliasDownscale(scale).kernel
    if not kernel.is_meta and not _same(kernel.float(), ours[:, None] * ours):
        raise WeightsError(f"{origin}: tensor {name} is not the filter of a downscaling by {scale:g}")
    return scale


def _same(kernel: Tensor, ours: Tensor) -> bool:
    return bool(torch.isclose(kernel, ours.expand_as(kernel), rtol=0, atol=KERNEL_TOLERANCE).all())


def _largest(widths: list[int], start: int, usual: int) -> int:
    """Return the limit of widths that double from start on: where they stop, else the usual limit or more."""
    uncapped = [start * 2**i for i in range(len(widths))]
    return max(widths) if widths != uncapped else max(usual, *widths)


def _with_fitting_size(model: ModelConfig) -> ModelConfig:
    """Raise the usual size to the next that the networks can halve."""
    step = size_step(model)
    height, width = (-(-side // step) * step for side in model.size)
    return replace(model, size=(height, width))
