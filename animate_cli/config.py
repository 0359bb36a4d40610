"""Frozen, typed configuration of models, data and training.

The defaults are those of the published vox-256 preset with the paper's variant; a preset in ``configs/``
says only what differs. Loading and validation of YAML is in `animate_cli.presets`.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from animate_cli.errors import ConfigError

Attention = Literal["none", "cbam", "max"]
Upsampling = Literal["nearest", "bilinear"]


@dataclass(frozen=True)
class DetectorConfig:
    """Keypoint detector: a U-Net on the downscaled picture with two heads.

    ``padded_heads`` pads the heads, so that heatmaps cover the picture to its edges; off in the paper's variants,
    whose ``head_kernel_size`` is 7.
    """

    base_channels: int = 32
    max_channels: int = 1024
    num_blocks: int = 5
    scale: float = 0.25
    temperature: float = 0.1
    shared_jacobian: bool = False
    padded_heads: bool = False
    head_kernel_size: int = 7


@dataclass(frozen=True)
class DenseMotionConfig:
    """Dense motion: a U-Net on heatmaps and warped sources, attention, and the mask head.

    ``mask_kernel_size`` is 7 in the paper's variants; a smaller head costs less.
    """

    base_channels: int = 64
    max_channels: int = 1024
    num_blocks: int = 5
    scale: float = 0.25
    heatmap_variance: float = 0.01
    attention: Attention = "max"
    mask_kernel_size: int = 7


@dataclass(frozen=True)
class OcclusionConfig:
    """Occlusion maps: one at the motion's resolution, or one more at each finer scale of the generator."""

    multiscale: bool = True
    kernel_size: int = 1
    base_channels: int = 64


@dataclass(frozen=True)
class GeneratorConfig:
    """Generator: encoder, warp, residual blocks, decoder.

    ``skips`` also warps and gates the encoder's finer features and hands them to the decoder; ``blend`` mixes
    the painted picture with the warped source by a full-size mask; ``hints`` tells the decoder where the keypoints
    are to be, at each size but the full one; ``context`` lets the residual blocks know of the whole picture. All
    are off in the paper's variants.
    """

    base_channels: int = 64
    max_channels: int = 512
    num_down_blocks: int = 2
    num_residual_blocks: int = 6
    final_kernel_size: int = 7
    upsampling: Upsampling = "bilinear"
    occlusion_before_residuals: bool = False
    skips: bool = False
    blend: bool = False
    hints: bool = False
    context: bool = False


@dataclass(frozen=True)
class ModelConfig:
    """Everything that determines the networks' shapes and arithmetic. ``size`` is (height, width).

    ``aligned_resize`` keeps the corners when a deformation is resized, so that standing still changes nothing;
    off in the paper's variants, as in the reference.
    """

    num_keypoints: int = 10
    size: tuple[int, int] = (256, 256)
    align_corners: bool = True
    aligned_resize: bool = False
    detector: DetectorConfig = field(default_factory=DetectorConfig)
    motion: DenseMotionConfig = field(default_factory=DenseMotionConfig)
    occlusion: OcclusionConfig = field(default_factory=OcclusionConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Patch discriminator, used where the generator's GAN weight is above zero."""

    base_channels: int = 32
    max_channels: int = 512
    num_blocks: int = 4
    spectral_norm: bool = False
    keypoint_heatmaps: bool = False


@dataclass(frozen=True)
class LossConfig:
    """Weights of the loss terms; zero turns a term off.

    The terms of FOMM come first. ``perceptual`` compares features of VGG-19, with torchvision's weights from the
    file ``perceptual_weights`` or from torch's cache, or of a narrow network of its shape whose weights are random
    and fixed, which needs no file. ``feature_matching`` counts only where ``generator_gan`` does. Those from
    ``reconstruction`` on are extras: ``reconstruction`` and ``edges`` (differences of neighbouring pixels)
    are L1 pyramids and ``crispness`` one of the contrast in small windows, wherever in them a line is; these
    need no downloaded network, the rest need data whose truth is known (toons):
    ``occlusion_supervision`` wants the maps to tell what the source shows, ``deformed`` wants the warped source
    to be right there.
    ``painted`` is how much ``reconstruction`` and ``edges``, those that are on, count once more for what a blending
    generator painted alone, which otherwise learns only where little of the warped source is kept.
    ``detail_weight`` adds to the pixels' weight in all of them where the data marks detail.
    ``adversarial_from`` is the share of the run's steps after which ``generator_gan`` begins to count.
    """

    perceptual: tuple[float, ...] = (10.0, 10.0, 10.0, 10.0, 10.0)
    perceptual_network: Literal["vgg19", "random"] = "vgg19"
    perceptual_weights: str | None = None
    pyramid: tuple[float, ...] = (1.0, 0.5, 0.25, 0.125)
    equivariance_value: float = 10.0
    equivariance_jacobian: float = 10.0
    generator_gan: float = 0.0
    discriminator_gan: float = 1.0
    feature_matching: tuple[float, ...] = (10.0, 10.0, 10.0, 10.0)
    reconstruction: float = 0.0
    edges: float = 0.0
    crispness: float = 0.0
    keypoint_supervision: float = 0.0
    motion_supervision: float = 0.0
    occlusion_supervision: float = 0.0
    deformed: float = 0.0
    painted: float = 0.0
    detail_weight: float = 0.0
    adversarial_from: float = 0.0


@dataclass(frozen=True)
class TransformConfig:
    """Random affine and thin-plate warp of the equivariance loss."""

    sigma_affine: float = 0.05
    sigma_tps: float = 0.005
    points_tps: int = 5


@dataclass(frozen=True)
class AugmentationConfig:
    """Augmentations, the same for both frames of a pair. ``resize`` is a range of factors."""

    horizontal_flip: bool = True
    time_flip: bool = True
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    resize: tuple[float, float] | None = None


@dataclass(frozen=True)
class DataConfig:
    """Where training pairs come from: a folder of videos, or an endless stream of toons.

    ``cross_identity`` is the share of toon pairs driven by another identity with the exact target known;
    ``expressive`` that of pairs whose mouth, lids and gaze change much (toon-face);
    ``photometric`` the strength in [0, 1] of colour changes on the driving side only. ``keypoint_landmarks``
    names the toons' landmark that each keypoint is supervised to follow.
    """

    toons: Literal["none", "toon-face", "toon-body", "toon-animal"] = "none"
    id_sampling: bool = False
    repeats: int = 1
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    cross_identity: float = 0.0
    expressive: float = 0.0
    photometric: float = 0.0
    keypoint_landmarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class OptimizerConfig:
    """Adam with a step schedule.

    ``milestones`` are epochs at which the learning rate falls to a tenth. ``max_steps`` fixes the run's length
    and stretches the epochs to it; an endless stream of toons needs it. ``half_size_steps`` first steps run at
    half the model's size, the motion networks' resolution kept. ``keypoint_steps`` first steps train the detector
    alone, by ``loss.keypoint_supervision``, which takes a fraction of a step's time. ``average_decay`` keeps an
    exponential moving average of the weights, which is what the run saves as its result; 0 turns it off.
    ``warmup_steps`` first steps raise the learning rate from nothing, for runs that go on from weights without
    their optimizer's state. ``accumulation`` works a batch off in so many equal parts, which need less memory.
    ``precision`` auto is what the device computes natively: bf16, fp16 on older GPUs, else fp32.
    Every ``test_every`` steps the L1 of test pictures is measured, and the weights of the lowest are kept as
    checkpoints/best; 0 turns it off. ``compile`` has the networks compiled by torch.compile, which takes minutes
    at the beginning.
    """

    epochs: int = 100
    batch_size: int = 40
    learning_rate: float = 2e-4
    detector_learning_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    milestones: tuple[int, ...] = (60, 90)
    max_steps: int | None = None
    half_size_steps: int = 0
    keypoint_steps: int = 0
    warmup_steps: int = 0
    average_decay: float = 0.0
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "fp32"
    accumulation: int = 1
    test_every: int = 1000
    clip_norm: float = 0.0
    compile: bool = False


@dataclass(frozen=True)
class Framing:
    """Where a face usually sits in the training pictures: side and centre of its box, as shares of the picture."""

    share: float
    x: float
    y: float


@dataclass(frozen=True)
class Config:
    """A whole experiment: what `animate train` reads from YAML and writes beside its results.

    ``domain``, ``style``, ``framing`` and ``licence`` say what the training pictures show; they travel in the
    weights.
    """

    name: str = "vox-256"
    domain: Literal["any", "face", "body", "animal"] = "any"
    style: Literal["photo", "toon"] = "photo"
    framing: Framing | None = None
    licence: str = "unknown"
    init_from: str | None = None
    model: ModelConfig = field(default_factory=ModelConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    data: DataConfig = field(default_factory=DataConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    transform: TransformConfig = field(default_factory=TransformConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)


VARIANTS: dict[str, tuple[Attention, bool]] = {
    "fomm": ("none", False),
    "fomm-cbam": ("cbam", False),
    "fomm-max": ("max", False),
    "fomm-cbam-multiscale": ("cbam", True),
    "paper": ("max", True),
}
"""The five variants of the paper's table 2: attention on xi, and whether occlusion is multi-scale."""


def with_variant(model: ModelConfig, variant: str) -> ModelConfig:
    """Return the model turned into a variant of the ablation, its sizes kept.

    Raises:
        ConfigError: the variant is unknown.
    """
    if variant not in VARIANTS:
        raise ConfigError(f"unknown variant {variant!r}; choose one of {', '.join(VARIANTS)}")
    attention, multiscale = VARIANTS[variant]
    return replace(
        model,
        motion=replace(model.motion, attention=attention),
        occlusion=replace(model.occlusion, multiscale=multiscale, kernel_size=1 if multiscale else 7),
        generator=replace(
            model.generator,
            upsampling="bilinear" if multiscale else "nearest",
            occlusion_before_residuals=not multiscale,
        ),
    )
