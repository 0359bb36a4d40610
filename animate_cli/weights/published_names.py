"""Names of tensors in published FOMM checkpoints, and ours for them.

A row pairs the beginnings of two names; what follows (``.0.conv.weight``) is the same in both.
"""

from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from animate_cli.errors import WeightsError
from animate_cli.weights.sniff import show

Prefixes = Sequence[tuple[str, str]]

MODEL_PREFIXES: Prefixes = (
    ("kp_detector.predictor.encoder.down_blocks.", "detector.unet.encoder."),
    ("kp_detector.predictor.decoder.up_blocks.", "detector.unet.decoder."),
    ("kp_detector.kp.", "detector.heatmap_head."),
    ("kp_detector.jacobian.", "detector.jacobian_head."),
    ("generator.dense_motion_network.hourglass.encoder.down_blocks.", "motion.unet.encoder."),
    ("generator.dense_motion_network.hourglass.decoder.up_blocks.", "motion.unet.decoder."),
    ("generator.dense_motion_network.mask.", "motion.mask_head."),
    ("generator.dense_motion_network.occlusion.", "motion.occlusion.heads.0."),
    ("generator.first.", "generator.first."),
    ("generator.down_blocks.", "generator.down_blocks."),
    ("generator.bottleneck.r", "generator.residual_blocks."),
    ("generator.up_blocks.", "generator.up_blocks."),
    ("generator.final.", "generator.final."),
)
DISCRIMINATOR_PREFIXES: Prefixes = (
    ("discriminator.discs.1.down_blocks.", "blocks."),
    ("discriminator.discs.1.conv.", "head."),
)
SPECTRAL_NORM_SUFFIXES: Prefixes = (
    (".weight_orig", ".parametrizations.weight.original"),
    (".weight_u", ".parametrizations.weight.0._u"),
    (".weight_v", ".parametrizations.weight.0._v"),
)
DETECTOR_KERNEL = "kp_detector.down.weight"
MOTION_KERNEL = "generator.dense_motion_network.down.weight"
KERNELS = (DETECTOR_KERNEL, MOTION_KERNEL)
"""The fixed filters of anti-aliased downscaling, which we compute."""


def flatten(networks: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Put the network's name before each tensor's, without the ``module.`` of data-parallel training."""
    return {
        f"{network}.{name.removeprefix('module.')}": tensor
        for network, state in networks.items()
        for name, tensor in state.items()
    }


def to_our_name(published: str, prefixes: Prefixes) -> str | None:
    """Return our name of a published tensor, or None where it has no place in our networks."""
    for theirs, ours in prefixes:
        if published.startswith(theirs):
            return _replace_suffix(ours + published.removeprefix(theirs), SPECTRAL_NORM_SUFFIXES)
    return None


def to_published_name(ours: str, prefixes: Prefixes) -> str:
    """Return the published name of one of our tensors: the way back, for messages."""
    for theirs, beginning in prefixes:
        if ours.startswith(beginning):
            backwards = [(after, before) for before, after in SPECTRAL_NORM_SUFFIXES]
            return _replace_suffix(theirs + ours.removeprefix(beginning), backwards)
    return ours


def rename(published: Mapping[str, Tensor], prefixes: Prefixes, *, origin: str) -> dict[str, Tensor]:
    """Give published tensors our names.

    Raises:
        WeightsError: one has no place in our networks.
    """
    return dict(_renamed(published, prefixes, origin))


def _renamed(
    published: Mapping[str, Tensor], prefixes: Prefixes, origin: str
) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in published.items():
        ours = to_our_name(name, prefixes)
        if ours is None:
            raise WeightsError(f"{origin}: tensor {show(name)} has no place in a first order motion model")
        yield ours, tensor


def _replace_suffix(name: str, suffixes: Prefixes) -> str:
    for before, after in suffixes:
        if name.endswith(before):
            return name.removesuffix(before) + after
    return name
