"""Presets against the published facts, and what strict loading takes and refuses."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from animate_cli.config import VARIANTS, AugmentationConfig, Config, ModelConfig, TransformConfig
from animate_cli.errors import ConfigError
from animate_cli.presets import (
    CONFIG_FOLDER,
    config_from_mapping,
    load_config,
    model_from_mapping,
    preset_names,
    save_config,
    to_mapping,
)
from animate_cli.strict_yaml import read_mapping

GENTLE = {"brightness": 0.1, "contrast": 0.1, "saturation": 0.1, "hue": 0.1}
FACTS: dict[str, dict[str, Any]] = {
    "bair": {"length": (20, 1, 36), "fall": (12, 18), "gan": 1, "jitter": GENTLE, "spectral": True},
    "fashion": {"length": (100, 50, 27), "gan": 1, "jitter": {"hue": 0.1}},
    "mgif": {
        "length": (100, 25, 36),
        "gan": 1,
        "jitter": {"hue": 0.5, "resize": (0.9, 1.1)},
        "spectral": True,
        "one_map": True,
    },
    "nemo": {"length": (100, 8, 36), "gan": 1, "spectral": True},
    "taichi": {"length": (100, 150, 30), "ids": True, "jitter": GENTLE},
    "taichi-adv": {
        "length": (150, 150, 27),
        "fall": (),
        "gan": 1,
        "frozen": True,
        "ids": True,
        "jitter": GENTLE,
        "heatmaps": True,
        "from": "taichi",
    },
    "vox": {"length": (100, 75, 40), "ids": True, "jitter": GENTLE, "spectral": True},
    "vox-adv": {
        "length": (150, 75, 36),
        "fall": (),
        "gan": 1,
        "frozen": True,
        "ids": True,
        "jitter": GENTLE,
        "heatmaps": True,
        "from": "vox",
    },
}
"""What sets the published presets apart; an absent fact is the commonest: see each test's default."""


@pytest.fixture(params=FACTS)
def preset(request: pytest.FixtureRequest) -> tuple[Config, dict[str, Any]]:
    return load_config(f"{request.param}-256"), FACTS[request.param]


def test_every_published_preset_is_there() -> None:
    assert {f"{name}-256" for name in FACTS} <= set(preset_names())


def test_schedule(preset: tuple[Config, dict[str, Any]]) -> None:
    config, facts = preset
    assert (config.optimizer.epochs, config.data.repeats, config.optimizer.batch_size) == facts["length"]
    assert config.optimizer.milestones == facts.get("fall", (60, 90))
    assert config.optimizer.learning_rate == 2e-4
    assert config.optimizer.detector_learning_rate == (0 if facts.get("frozen") else 2e-4)
    assert config.optimizer.betas == (0.5, 0.999)
    assert config.init_from == facts.get("from")


def test_data(preset: tuple[Config, dict[str, Any]]) -> None:
    config, facts = preset
    assert config.data.id_sampling == facts.get("ids", False)
    assert config.data.augmentation == AugmentationConfig(
        horizontal_flip=True, time_flip=True, **facts.get("jitter", {})
    )
    assert config.transform == TransformConfig(sigma_affine=0.05, sigma_tps=0.005, points_tps=5)


def test_losses(preset: tuple[Config, dict[str, Any]]) -> None:
    loss, facts = preset[0].loss, preset[1]
    assert loss.generator_gan == facts.get("gan", 0)
    assert (loss.perceptual, loss.feature_matching) == ((10,) * 5, (10,) * 4)
    assert loss.pyramid == (1, 0.5, 0.25, 0.125)
    assert (loss.equivariance_value, loss.equivariance_jacobian, loss.discriminator_gan) == (10, 10, 1)
    assert loss.reconstruction == loss.keypoint_supervision == loss.motion_supervision == 0


def test_networks(preset: tuple[Config, dict[str, Any]]) -> None:
    config, facts = preset
    detector, motion, generator = config.model.detector, config.model.motion, config.model.generator
    assert (config.model.size, config.model.num_keypoints) == ((256, 256), 10)
    assert (detector.base_channels, detector.max_channels, detector.num_blocks) == (32, 1024, 5)
    assert (detector.scale, detector.temperature) == (0.25, 0.1)
    assert detector.shared_jacobian == facts.get("one_map", False)
    assert (motion.base_channels, motion.max_channels, motion.num_blocks, motion.scale) == (64, 1024, 5, 0.25)
    assert (generator.base_channels, generator.max_channels) == (64, 512)
    assert (generator.num_down_blocks, generator.num_residual_blocks) == (2, 6)


def test_discriminator(preset: tuple[Config, dict[str, Any]]) -> None:
    discriminator, facts = preset[0].discriminator, preset[1]
    assert (discriminator.base_channels, discriminator.max_channels) == (32, 512)
    assert discriminator.num_blocks == 4
    assert discriminator.spectral_norm == facts.get("spectral", False)
    assert discriminator.keypoint_heatmaps == facts.get("heatmaps", False)


@pytest.mark.parametrize("name", preset_names())
def test_preset_file_says_only_what_differs(name: str) -> None:
    written = _leaves(read_mapping(CONFIG_FOLDER / f"{name}.yaml"))
    defaults = _leaves(to_mapping(Config()))
    assert load_config(name).name == name
    assert not [path for path, value in written.items() if value == defaults.get(path, "no default")]


@pytest.mark.parametrize("name", preset_names())
def test_saved_config_is_read_back_the_same(name: str, tmp_path: Path) -> None:
    config = load_config(name)
    save_config(config, tmp_path / "config.yaml")
    assert load_config(str(tmp_path / "config.yaml")) == config
    assert config_from_mapping(json.loads(json.dumps(to_mapping(config)))) == config
    assert model_from_mapping(to_mapping(config.model)) == config.model


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_changes_the_model_before_overrides(variant: str) -> None:
    config = load_config("mgif-256", variant=variant, overrides=["model.motion.attention=cbam"])
    assert config.model.occlusion.multiscale == VARIANTS[variant][1]
    assert config.model.detector.shared_jacobian
    assert config.model.motion.attention == "cbam"


def test_overrides_reach_every_kind_of_value() -> None:
    texts = [
        "optimizer.learning_rate=1e-3",
        "optimizer.milestones=[3, 5]",
        "model={detector: {num_blocks: 4}, size: [64, 96]}",
        "data.augmentation.resize=",
        "name=2026-01-01",
    ]
    config = load_config("mgif-256", overrides=texts)
    assert config.optimizer.learning_rate == 1e-3
    assert config.optimizer.milestones == (3, 5)
    assert config.model.size == (64, 96)
    assert (config.model.detector.num_blocks, config.model.detector.shared_jacobian) == (4, True)
    assert (config.data.augmentation.resize, config.name) == (None, "2026-01-01")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("model.detektor.scale=1", "unknown key model.detektor; did you mean model.detector?"),
        ("colour=1", "unknown key colour (known here: name, domain"),
        ("model.detector.num_blocks=true", "model.detector.num_blocks must be a whole number, not true"),
        ("model.detector.num_blocks=0", "model.detector.num_blocks must be a whole number from 1"),
        ("optimizer.half_size_steps=-1", "optimizer.half_size_steps must be a whole number from 0"),
        ("model.detector.num_blocks='5'", "model.detector.num_blocks must be a whole number"),
        ("model.detector.scale=0.3", "model.detector.scale must be 1 over a whole number"),
        ("model.detector.temperature=warm", "model.detector.temperature must be a number, not 'warm'"),
        ("model.detector.temperature=.inf", "model.detector.temperature must be a finite number"),
        ("model.detector.shared_jacobian=1", "must be true or false, not 1"),
        ("model.motion.attention=maximum", "must be 'none', 'cbam' or 'max'"),
        ("model.size=[256]", "model.size.1 has the wrong number of entries"),
        ("model=", "model must be a section with keys of its own, not nothing"),
        ("optimizer.learning_rate=-1", "optimizer.learning_rate must be above 0"),
        ("optimizer.epochs=10000000000000", "must be a whole number from 1 to a billion"),
        ("optimizer.milestones=[90, 60]", "must be epochs in rising order"),
        ("optimizer", "expected key.path=value"),
        ("name=../x", "must be a name without slashes"),
        ("loss={generator_gan: 1, feature_matching: [1]}", "discriminator.num_blocks is 4"),
        ("model.size=[", "expected the node content"),
    ],
)
def test_wrong_override_is_refused_by_its_path(override: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("vox-256", overrides=[override])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pickle.dumps({"name": "x"}), "not a text file"),
        (b"\0" * 300_000, "larger than 256 KiB"),
        (b"\x00\x01", "not a YAML file"),
        (b"just a line", "expected `key: value` lines"),
        (b"- a\n- b\n", "expected `key: value` lines"),
        (b"name: a\nname: b\n", "line 2: the key 'name' stands here twice"),
        (b"a: &a [1]\nb: *a\n", "aliases are not accepted"),
        (b"name: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
        (b"a: " + b"[" * 20_000, "not a YAML file"),
        (b"name: !!binary aGVsbG8=\n", "not plain"),
        (b"modle: {}\n", "did you mean model?"),
    ],
)
def test_odd_file_is_refused_in_one_line(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["vox", "missing.yaml", ".", "", "a\0b", "a\nb", "x" * 5000])
def test_missing_config_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(name)
    assert "\n" not in str(caught.value)


def test_numbers_that_yaml_takes_for_text_are_numbers(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("optimizer: {learning_rate: 2e-4, betas: ['0.9', 1e-1]}\n")
    config = load_config(str(tmp_path / "mine.yaml"))
    assert (config.name, config.optimizer.learning_rate, config.optimizer.betas) == ("mine", 2e-4, (0.9, 0.1))


def test_defaults_pass_their_own_check() -> None:
    assert config_from_mapping({}) == Config()
    assert model_from_mapping({}) == ModelConfig()


def test_model_metadata_is_checked() -> None:
    with pytest.raises(ConfigError, match=r"toon\.safetensors: unknown key sise; did you mean size\?"):
        model_from_mapping({"sise": [64, 64]}, origin="toon.safetensors")


def test_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write"):
        save_config(Config(), tmp_path / "missing" / "config.yaml")
    with pytest.raises(ConfigError, match="cannot write"):
        save_config(replace(Config(), name="new"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def _leaves(mapping: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for key, value in mapping.items():
        path = f"{prefix}{key}"
        leaves |= _leaves(value, f"{path}.") if isinstance(value, dict) else {path: value}
    return leaves


def test_text_that_is_none_is_refused_in_one_line() -> None:
    mapping = {"name": "half a character: \ud800"}
    with pytest.raises(ConfigError, match=r"c\.yaml: holds values that are not plain text"):
        config_from_mapping(mapping, origin="c.yaml")
