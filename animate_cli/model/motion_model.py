"""The whole model: detector, dense motion and generator built from one config."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from torch import Tensor, nn

from animate_cli.config import ModelConfig
from animate_cli.errors import ConfigError
from animate_cli.model.blocks import AntiAliasDownscale
from animate_cli.model.dense_motion import DenseMotionNetwork
from animate_cli.model.enlarging import at_size_of
from animate_cli.model.generator import Generator, Painted, generator_step
from animate_cli.model.grid import Sampling
from animate_cli.model.keypoint_detector import KeypointDetector
from animate_cli.model.moved_sources import MovedSource, MovedSources
from animate_cli.model.values import Keypoints, Prediction, SourceFeatures


class EncodedSource(NamedTuple):
    """All that depends on the source alone, computed once.

    image: [B, 3, H, W] of the model's size. small: [B, 3, h, w]. canvas: [B, 3, H', W'], the same picture at the
    result's size, where that is another.
    """

    image: Tensor
    small: Tensor
    keypoints: Keypoints
    features: SourceFeatures
    canvas: Tensor | None = None

    def expand(self, batch: int) -> "EncodedSource":
        """Repeat a batch of one ``batch`` times without copying."""

        def repeat(x: Tensor) -> Tensor:
            return x.expand(batch, *x.shape[1:])

        return EncodedSource(
            repeat(self.image),
            repeat(self.small),
            Keypoints(*map(repeat, self.keypoints)),
            SourceFeatures(tuple(map(repeat, self.features.levels))),
            None if self.canvas is None else repeat(self.canvas),
        )


class Painter(Protocol):
    """A generator, plain or quick."""

    def encode(self, image: Tensor) -> SourceFeatures:
        """See Generator."""

    def __call__(self, moved: MovedSources, places: Tensor) -> Painted:
        """See Generator."""


class MovingModel(nn.Module):
    """What a plain and a quick model share: how their networks work together."""

    config: ModelConfig
    sampling: Sampling
    downscale: nn.Module
    detector: nn.Module
    motion: nn.Module
    generator: Painter

    def detect(self, image: Tensor) -> Keypoints:
        """Find the keypoints of image [B, 3, H, W] in [0, 1]."""
        keypoints: Keypoints = self.detector(image)
        return keypoints

    def encode(self, image: Tensor, canvas: Tensor | None = None) -> EncodedSource:
        """Encode the source image [B, 3, H, W] in [0, 1] of the model's size.

        ``canvas`` [B, 3, H', W'] is the same picture at the size that results are to have, if not the model's.
        """
        features = self.generator.encode(image)
        return EncodedSource(image, self.downscale(image), self.detect(image), features, canvas)

    def predict(
        self, source: EncodedSource, keypoints: Keypoints, also: Sequence[EncodedSource] = ()
    ) -> Prediction:
        """Move the source to the keypoints [B, K], giving pictures of the canvas's size, else the model's.

        ``also`` are other pictures of the same figure, with canvases of the same size; they show what is hidden
        in it.
        """
        moved = MovedSources(
            [
                MovedSource(one.image, one.features, self.motion(one.small, one.keypoints, keypoints))
                for one in (source, *also)
            ]
        )
        image, deformed, kept, alone = self.generator(moved, keypoints.value)
        prediction = Prediction(image, deformed, moved.motion, kept, alone)
        canvases = [one.canvas for one in (source, *also) if one.canvas is not None]
        if not canvases:
            return prediction
        warped = [
            self.sampling.warp(canvas, one.motion.deformation)
            for canvas, one in zip(canvases, moved.sources, strict=True)
        ]
        return at_size_of(prediction, moved.merge(warped))


class MotionModel(MovingModel):
    """First order motion model with the paper's attention and multi-scale occlusion, by config."""

    detector: KeypointDetector
    motion: DenseMotionNetwork
    generator: Generator

    def __init__(self, config: ModelConfig) -> None:
        """Build the networks.

        Raises:
            ConfigError: the config's size does not fit its networks.
        """
        super().__init__()
        check_size(config, *config.size)
        self.config = config
        self.detector = KeypointDetector(config.detector, config.num_keypoints)
        self.downscale = AntiAliasDownscale(config.motion.scale)
        self.motion = DenseMotionNetwork(config)
        self.sampling = Sampling(config.align_corners, config.aligned_resize)
        self.generator = Generator(config.generator, self.sampling, config.num_keypoints)

    def forward(self, source: Tensor, driving: Tensor) -> tuple[Prediction, Keypoints, Keypoints]:
        """Reconstruct driving from source [B, 3, H, W]; also return the keypoints of source and driving."""
        encoded = self.encode(source)
        driving_keypoints = self.detect(driving)
        return self.predict(encoded, driving_keypoints), encoded.keypoints, driving_keypoints


def check_size(config: ModelConfig, height: int, width: int) -> None:
    """Make sure that pictures of this size survive every halving, and the heads' kernels.

    Raises:
        ConfigError: a side is too short, or not a multiple of the step; then the next size that is is named.
    """
    step = size_step(config)
    if height < 1 or width < 1 or height % step or width % step:
        fitting = [max(step, math.ceil(side / step) * step) for side in (height, width)]
        raise ConfigError(
            f"a picture of {height}x{width} does not fit this model: sides must be multiples of {step}, "
            f"the next size is {fitting[0]}x{fitting[1]}"
        )
    detector = config.detector
    if min(height, width) * detector.scale < detector.head_kernel_size:
        shortest = math.ceil(detector.head_kernel_size / detector.scale)
        raise ConfigError(
            f"a picture of {height}x{width} does not fit this model: sides must be at least {shortest} pixels"
        )


def size_step(config: ModelConfig) -> int:
    """Return the number that both sides of a picture must be a multiple of: 2^blocks / scale."""
    return math.lcm(
        round(2**config.detector.num_blocks / config.detector.scale),
        round(2**config.motion.num_blocks / config.motion.scale),
        generator_step(config.generator),
    )
