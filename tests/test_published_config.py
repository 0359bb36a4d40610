"""The published YAML layout: what each key becomes, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from animate_cli.config import Config, with_variant
from animate_cli.errors import ConfigError
from animate_cli.presets import config_from_mapping, load_config
from animate_cli.published_config import IGNORED, KEYS, REPEATED, REQUIRED_VALUES

PUBLISHED = """
dataset_params:
  root_dir: data/mgif
  frame_shape: [96, 64, 3]
  id_sampling: true
  pairs_list: null
  augmentation_params:
    flip_param: {horizontal_flip: true}
    jitter_param: {hue: 0.5}
    resize_param: {ratio: [0.9, 1.1]}
    crop_param: {size: [96, 64]}
model_params:
  common_params: {num_kp: 5, num_channels: 3, estimate_jacobian: true}
  kp_detector_params:
    {temperature: 0.2, block_expansion: 6, max_features: 24, num_blocks: 2, single_jacobian_map: true}
  generator_params:
    block_expansion: 8
    max_features: 64
    num_down_blocks: 1
    num_bottleneck_blocks: 2
    estimate_occlusion_map: true
    dense_motion_params: {block_expansion: 12, max_features: 32, num_blocks: 3, scale_factor: 0.25}
  discriminator_params:
    {scales: [1], block_expansion: 4, max_features: 16, num_blocks: 2, sn: true, use_kp: true}
train_params:
  num_epochs: 7
  num_repeats: 9
  epoch_milestones: [3, 5]
  lr_generator: 2.0e-3
  lr_discriminator: 2e-3
  lr_kp_detector: 0
  batch_size: 3
  scales: [1, 0.5]
  checkpoint_freq: 50
  transform_params: {sigma_affine: 0.1, sigma_tps: 0.01, points_tps: 4}
  loss_weights:
    generator_gan: 2
    discriminator_gan: 3
    feature_matching: [4, 5]
    perceptual: [1, 2, 3, 4, 5]
    equivariance_value: 6
    equivariance_jacobian: 7
animate_params: {anything: {goes: here}}
visualizer_params: {kp_size: 5}
"""
"""A whole file, every value other than our default."""

EXPECTED: dict[str, Any] = {
    "name": "old",
    "model": {
        "num_keypoints": 5,
        "size": [96, 64],
        "detector": {
            "base_channels": 6,
            "max_channels": 24,
            "num_blocks": 2,
            "scale": 1,
            "temperature": 0.2,
            "shared_jacobian": True,
        },
        "motion": {"base_channels": 12, "max_channels": 32, "num_blocks": 3, "attention": "none"},
        "occlusion": {"multiscale": False, "kernel_size": 7},
        "generator": {
            "base_channels": 8,
            "max_channels": 64,
            "num_down_blocks": 1,
            "num_residual_blocks": 2,
            "upsampling": "nearest",
            "occlusion_before_residuals": True,
        },
    },
    "discriminator": {
        "base_channels": 4,
        "max_channels": 16,
        "num_blocks": 2,
        "spectral_norm": True,
        "keypoint_heatmaps": True,
    },
    "data": {
        "id_sampling": True,
        "repeats": 9,
        "augmentation": {"time_flip": False, "hue": 0.5, "resize": [0.9, 1.1]},
    },
    "loss": {
        "pyramid": [1, 0.5],
        "generator_gan": 2,
        "discriminator_gan": 3,
        "feature_matching": [4, 5],
        "perceptual": [1, 2, 3, 4, 5],
        "equivariance_value": 6,
        "equivariance_jacobian": 7,
    },
    "transform": {"sigma_affine": 0.1, "sigma_tps": 0.01, "points_tps": 4},
    "optimizer": {
        "epochs": 7,
        "milestones": [3, 5],
        "learning_rate": 2e-3,
        "detector_learning_rate": 0,
        "batch_size": 3,
    },
}


def test_every_key_is_translated(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(PUBLISHED)
    config = load_config(str(tmp_path / "old.yaml"))
    assert config == config_from_mapping(EXPECTED)
    assert config.model == with_variant(config.model, "fomm")


def test_absent_keys_mean_what_they_meant() -> None:
    config = config_from_mapping({"model_params": {}})
    assert (config.model.detector.scale, config.model.motion.scale) == (1, 1)
    assert not config.data.augmentation.horizontal_flip
    assert config.model.generator.base_channels == Config().model.generator.base_channels


def test_no_key_stands_in_two_tables() -> None:
    tables = [*KEYS, *REQUIRED_VALUES, *REPEATED, *IGNORED]
    assert len(tables) == len(set(tables))
    assert len(set(KEYS.values())) == len(KEYS)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (
            "model_params.kp_detector_params.num_blok",
            2,
            "did you mean model_params.kp_detector_params.num_blocks?",
        ),
        ("model_params.colour", {"a": 1}, "unknown key model_params.colour.a"),
        (
            "model_params.kp_detector_params.num_blocks",
            "two",
            "kp_detector_params.num_blocks must be a whole number",
        ),
        (
            "model_params.kp_detector_params.num_blocks",
            0,
            "kp_detector_params.num_blocks must be a whole number",
        ),
        ("model_params.kp_detector_params", 3, "kp_detector_params must be a section"),
        ("model_params.common_params.estimate_jacobian", False, "estimate_jacobian must be True, not False"),
        ("model_params.common_params.num_channels", 1, "num_channels must be 3, not 1"),
        ("train_params.lr_discriminator", 1e-4, "must be the same as train_params.lr_generator"),
        (
            "dataset_params.augmentation_params.crop_param.size",
            [64, 64],
            "same as dataset_params.frame_shape",
        ),
        ("dataset_params.frame_shape", [96, 64, 1], "frame_shape has the wrong number of entries"),
        ("train_params.scales", "big", "train_params.scales must be a list"),
        ("extra", 1, "unknown key extra"),
    ],
)
def test_wrong_key_is_refused_by_its_published_path(path: str, value: object, words: str) -> None:
    mapping = yaml.safe_load(PUBLISHED)
    section = mapping
    *parents, last = path.split(".")
    for key in parents:
        section = section[key]
    section[last] = value
    with pytest.raises(ConfigError, match=r"^old\.yaml: ") as caught:
        config_from_mapping(mapping, origin="old.yaml")
    assert words in str(caught.value)


def test_an_empty_section_is_an_absent_one() -> None:
    mapping = yaml.safe_load(PUBLISHED)
    mapping["dataset_params"]["augmentation_params"] = None
    assert config_from_mapping(mapping).data.augmentation.hue == 0
