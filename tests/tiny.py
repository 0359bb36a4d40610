"""Tiny model configs, for tests that run the real networks in milliseconds."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from animate_cli.config import ModelConfig, with_variant
from animate_cli.model.motion_model import MotionModel

needs_bfloat16 = pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this CPU's convolutions take no bfloat16"
)


def tiny_config(variant: str = "paper") -> ModelConfig:
    """Return a config of 64x64 pictures and 4 keypoints."""
    plain = with_variant(ModelConfig(num_keypoints=4, size=(64, 64)), variant)
    return replace(
        plain,
        detector=replace(plain.detector, base_channels=4, max_channels=16, num_blocks=2),
        motion=replace(plain.motion, base_channels=4, max_channels=16, num_blocks=3),
        occlusion=replace(plain.occlusion, base_channels=8),
        generator=replace(plain.generator, base_channels=4, max_channels=16, num_residual_blocks=2),
    )


def tiny_model(variant: str = "paper", seed: int = 0) -> MotionModel:
    """Return a seeded model in evaluation mode, its batch norms' statistics and jacobians not trivial."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = MotionModel(tiny_config(variant))
        nn.init.normal_(model.detector.jacobian_head.weight, std=0.02)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(std=0.1)
                module.running_var.uniform_(0.5, 1.5)
    return model.eval()


def pictures(count: int, height: int = 64, width: int = 64, seed: int = 0) -> torch.Tensor:
    """Return random smooth pictures [count, 3, height, width] in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, height // 8, width // 8, generator=generator)
    return nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)
