"""The whole model for inference, made from a plain one."""

import copy

import torch
from torch import nn

from animate_cli.fast.byte_blocks import put_in_bytes
from animate_cli.fast.convolution import Convolution
from animate_cli.fast.dense_motion import FastDenseMotion
from animate_cli.fast.generator import FastGenerator
from animate_cli.fast.keypoint_detector import FastKeypointDetector
from animate_cli.model.motion_model import MotionModel, MovingModel

NETWORK_PARTS = (Convolution, nn.Conv2d, nn.Linear)
"""What a precision is for; blurs, and the norms that cannot be folded, stay in float32."""


class FastMotionModel(MovingModel):
    """The quick twin of `MotionModel`: batch norm folded, blocks merged and fused, channels last."""

    detector: FastKeypointDetector
    motion: FastDenseMotion
    generator: FastGenerator

    def __init__(self, model: MotionModel, *, eight_bits: bool = False) -> None:
        """Copy a model, its largest convolutions in 8 bits if wanted; the given one is left as it is."""
        super().__init__()
        plain = copy.deepcopy(model).eval().requires_grad_(False)
        self.config, self.sampling, self.downscale = plain.config, plain.sampling, plain.downscale
        self.detector = FastKeypointDetector(plain.detector)
        self.motion = FastDenseMotion(plain.motion)
        if eight_bits:
            put_in_bytes(plain.generator, gated=plain.config.occlusion.multiscale)
        self.generator = FastGenerator(plain.generator)
        self.eval().requires_grad_(False)

    def place(self, device: torch.device, dtype: torch.dtype) -> "FastMotionModel":
        """Move the model to a device and let its networks compute in a precision; keypoints stay in float32."""
        self.to(device)
        for module in self.modules():
            if isinstance(module, NETWORK_PARTS):
                module.to(dtype)
        return self
