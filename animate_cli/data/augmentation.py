"""Augmentations of training pairs: flips, resizing with a crop, colour jitter; one draw for both frames."""

import torch
from torch import Tensor
from torch.nn import functional

from animate_cli.config import AugmentationConfig
from animate_cli.data.jitter import random_jitter, uniform


def augment(frames: Tensor, config: AugmentationConfig, generator: torch.Generator) -> Tensor:
    """Change the frames of one video, source and driving, in the same random way.

    Args:
        frames: [T, 3 or more, H, W] in [0, 1], in the order of time; what follows the colours, such as a mask,
            moves with them and keeps its values.
        config: what is changed, and how much.
        generator: a CPU generator; its state alone decides.

    Returns:
        Frames of the same shape, in [0, 1].
    """
    frames = flip(frames, config, generator)
    if config.resize is not None:
        frames = resize_and_crop(frames, config.resize, generator)
    colours, beside = frames[:, :3], frames[:, 3:]
    for adjust, amount in random_jitter(config, generator):
        colours = adjust(colours, amount)
    return torch.cat([colours, beside], 1)


def flip(frames: Tensor, config: AugmentationConfig, generator: torch.Generator) -> Tensor:
    """Reverse time, and mirror left and right, each with probability 1/2 where the config has it."""
    in_time, sideways = (torch.rand(2, generator=generator) < 0.5).tolist()
    axes = [0] if in_time and config.time_flip else []
    axes += [3] if sideways and config.horizontal_flip else []
    return frames.flip(axes)


def resize_and_crop(frames: Tensor, factors: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Resize frames [T, C, H, W] by a random factor; pad by the edges, or crop at random, to the old size."""
    height, width = frames.shape[-2:]
    factor = uniform(*factors, generator)
    size = max(1, int(height * factor)), max(1, int(width * factor))
    resized = functional.interpolate(frames, size=size, mode="bilinear", antialias=True)
    padded = pad_to(resized.clamp(0, 1), height, width)
    return random_crop(padded, height, width, generator)


def pad_to(frames: Tensor, height: int, width: int) -> Tensor:
    """Repeat the edges of frames [T, C, h, w] evenly on both sides until they are at least height x width."""
    down, across = max(0, height - frames.shape[-2]), max(0, width - frames.shape[-1])
    sides = (across // 2, across - across // 2, down // 2, down - down // 2)
    return functional.pad(frames, sides, mode="replicate")


def random_crop(frames: Tensor, height: int, width: int, generator: torch.Generator) -> Tensor:
    """Cut height x width out of frames [T, C, h, w] at a random place."""
    top = _random_index(frames.shape[-2] - height + 1, generator)
    left = _random_index(frames.shape[-1] - width + 1, generator)
    return frames[..., top : top + height, left : left + width]


def _random_index(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (), generator=generator))
