"""Translate the published FOMM YAML layout (dataset_params, model_params, train_params) into ours.

Only names and shapes are translated here; types and ranges are checked afterwards, like those of any other
configuration. Keys that mean nothing to us are known and ignored; every other unknown key is refused.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from animate_cli.errors import ConfigError

KEYS = {
    "dataset_params.frame_shape": "model.size",
    "dataset_params.id_sampling": "data.id_sampling",
    "dataset_params.augmentation_params.flip_param.horizontal_flip": "data.augmentation.horizontal_flip",
    "dataset_params.augmentation_params.flip_param.time_flip": "data.augmentation.time_flip",
    "dataset_params.augmentation_params.jitter_param.brightness": "data.augmentation.brightness",
    "dataset_params.augmentation_params.jitter_param.contrast": "data.augmentation.contrast",
    "dataset_params.augmentation_params.jitter_param.saturation": "data.augmentation.saturation",
    "dataset_params.augmentation_params.jitter_param.hue": "data.augmentation.hue",
    "dataset_params.augmentation_params.resize_param.ratio": "data.augmentation.resize",
    "model_params.common_params.num_kp": "model.num_keypoints",
    "model_params.kp_detector_params.temperature": "model.detector.temperature",
    "model_params.kp_detector_params.block_expansion": "model.detector.base_channels",
    "model_params.kp_detector_params.max_features": "model.detector.max_channels",
    "model_params.kp_detector_params.scale_factor": "model.detector.scale",
    "model_params.kp_detector_params.num_blocks": "model.detector.num_blocks",
    "model_params.kp_detector_params.single_jacobian_map": "model.detector.shared_jacobian",
    "model_params.generator_params.block_expansion": "model.generator.base_channels",
    "model_params.generator_params.max_features": "model.generator.max_channels",
    "model_params.generator_params.num_down_blocks": "model.generator.num_down_blocks",
    "model_params.generator_params.num_bottleneck_blocks": "model.generator.num_residual_blocks",
    "model_params.generator_params.dense_motion_params.block_expansion": "model.motion.base_channels",
    "model_params.generator_params.dense_motion_params.max_features": "model.motion.max_channels",
    "model_params.generator_params.dense_motion_params.num_blocks": "model.motion.num_blocks",
    "model_params.generator_params.dense_motion_params.scale_factor": "model.motion.scale",
    "model_params.generator_params.dense_motion_params.kp_variance": "model.motion.heatmap_variance",
    "model_params.discriminator_params.block_expansion": "discriminator.base_channels",
    "model_params.discriminator_params.max_features": "discriminator.max_channels",
    "model_params.discriminator_params.num_blocks": "discriminator.num_blocks",
    "model_params.discriminator_params.sn": "discriminator.spectral_norm",
    "model_params.discriminator_params.use_kp": "discriminator.keypoint_heatmaps",
    "train_params.num_epochs": "optimizer.epochs",
    "train_params.num_repeats": "data.repeats",
    "train_params.epoch_milestones": "optimizer.milestones",
    "train_params.lr_generator": "optimizer.learning_rate",
    "train_params.lr_kp_detector": "optimizer.detector_learning_rate",
    "train_params.batch_size": "optimizer.batch_size",
    "train_params.scales": "loss.pyramid",
    "train_params.transform_params.sigma_affine": "transform.sigma_affine",
    "train_params.transform_params.sigma_tps": "transform.sigma_tps",
    "train_params.transform_params.points_tps": "transform.points_tps",
    "train_params.loss_weights.generator_gan": "loss.generator_gan",
    "train_params.loss_weights.discriminator_gan": "loss.discriminator_gan",
    "train_params.loss_weights.feature_matching": "loss.feature_matching",
    "train_params.loss_weights.perceptual": "loss.perceptual",
    "train_params.loss_weights.equivariance_value": "loss.equivariance_value",
    "train_params.loss_weights.equivariance_jacobian": "loss.equivariance_jacobian",
}
"""Published key: our key."""

REQUIRED_VALUES = {
    "model_params.common_params.num_channels": 3,
    "model_params.common_params.estimate_jacobian": True,
    "model_params.kp_detector_params.pad": 0,
    "model_params.generator_params.estimate_occlusion_map": True,
    "model_params.discriminator_params.scales": [1],
    "model_params.discriminator_params.kp_variance": 0.01,
}
"""Keys whose other values are models of another kind."""

IGNORED = (
    "dataset_params.root_dir",
    "dataset_params.pairs_list",
    "train_params.checkpoint_freq",
    "train_params.dataloader_workers",
    "reconstruction_params",
    "animate_params",
    "visualizer_params",
    "train_avd_params",
)
"""Keys and whole sections that say nothing about the model or its training."""

REPEATED = {
    "train_params.lr_discriminator": "train_params.lr_generator",
    "dataset_params.augmentation_params.crop_param.size": "dataset_params.frame_shape",
}
"""Keys that must repeat what another key says, since here one key speaks for both."""

ABSENT = {
    "model_params.kp_detector_params.scale_factor": 1,
    "model_params.generator_params.dense_motion_params.scale_factor": 1,
    "dataset_params.augmentation_params.flip_param.horizontal_flip": False,
    "dataset_params.augmentation_params.flip_param.time_flip": False,
}
"""What an absent key means there, where that differs from our default."""

FOMM_MODEL = {
    "motion": {"attention": "none"},
    "occlusion": {"multiscale": False, "kernel_size": 7},
    "generator": {"upsampling": "nearest", "occlusion_before_residuals": True},
}
"""What makes the model the variant fomm, in which every published checkpoint was made."""


def is_published(mapping: Mapping[str, Any]) -> bool:
    """Tell whether a mapping is in the published layout."""
    return isinstance(mapping, Mapping) and "model_params" in mapping


def translate_published(mapping: Mapping[str, Any], *, origin: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Translate a mapping in the published layout.

    Returns:
        The mapping in our layout, of the variant fomm, and the published path of each of our keys.

    Raises:
        ConfigError: a key is unknown, or stands for a model that cannot be built here.
    """
    given = dict(_leaves(mapping, ""))
    for path, value in given.items():
        _check_key(path, value, origin)
    _check_repeated(given, origin)
    translated: dict[str, Any] = {}
    for path, value in (ABSENT | given).items():
        if path in KEYS:
            _set(translated, KEYS[path], value[:2] if _is_frame_shape(path, value) else value)
    for section, values in FOMM_MODEL.items():
        translated["model"].setdefault(section, {}).update(values)
    return translated, {ours: published for published, ours in KEYS.items()}


def _leaves(section: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in section.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{path}.")
        elif value is not None or not _is_section(path):
            yield path, value


def _check_key(path: str, value: object, origin: str) -> None:
    if path in REQUIRED_VALUES:
        required = REQUIRED_VALUES[path]
        if value != required or isinstance(value, bool) != isinstance(required, bool):
            raise ConfigError(f"{origin}: {path} must be {required}, not {value!r:.40}")
    elif _is_section(path):
        raise ConfigError(f"{origin}: {path} must be a section with keys of its own, not {value!r:.40}")
    elif path not in KEYS and path not in REPEATED and not _is_ignored(path):
        raise ConfigError(f"{origin}: {_describe_unknown(path)}")


def _check_repeated(given: Mapping[str, Any], origin: str) -> None:
    for path, other in REPEATED.items():
        if path in given and other in given and _comparable(given[path]) != _comparable(given[other]):
            raise ConfigError(f"{origin}: {path} must be the same as {other}")


def _comparable(value: object) -> object:
    """Return frame shapes without their channels, and numbers that YAML took for text as numbers."""
    if isinstance(value, list):
        return value[:2]
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return value


def _describe_unknown(path: str) -> str:
    section = path.rpartition(".")[0]
    known = [*KEYS, *REQUIRED_VALUES, *REPEATED, *IGNORED]
    near = get_close_matches(path, known, n=1, cutoff=0.8)
    allowed = {key[len(section) + 1 :].partition(".")[0] for key in known if key.startswith(f"{section}.")}
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"unknown key {path}{hint}" + (f" (known here: {', '.join(sorted(allowed))})" if allowed else "")


def _is_section(path: str) -> bool:
    return any(key.startswith(f"{path}.") for key in (*KEYS, *REQUIRED_VALUES, *REPEATED, *IGNORED))


def _is_ignored(path: str) -> bool:
    return any(path == ignored or path.startswith(f"{ignored}.") for ignored in IGNORED)


def _is_frame_shape(path: str, value: object) -> bool:
    return path == "dataset_params.frame_shape" and isinstance(value, list) and value[2:] == [3]


def _set(mapping: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    for key in parents:
        mapping = mapping.setdefault(key, {})
    mapping[last] = value
