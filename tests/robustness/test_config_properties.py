"""Any mapping near a configuration's either loads or is refused by the path of a key; never anything else."""

import copy
import random
import tempfile
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from animate_cli.config import Config
from animate_cli.errors import ConfigError
from animate_cli.presets import (
    CONFIG_FOLDER,
    config_from_mapping,
    load_config,
    preset_names,
    save_config,
    to_mapping,
)

QUICK = settings(
    max_examples=80, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def leaves(mapping: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """List the paths of all keys, sections among them."""
    found = []
    for key, value in mapping.items():
        found.append((*path, key))
        if isinstance(value, dict):
            found += leaves(value, (*path, key))
    return found


PATHS = leaves(to_mapping(Config()))
ODD = [
    0,
    1,
    -1,
    10**9 + 1,
    10**30,
    0.5,
    1e-4,
    "2e-4",
    "paper",
    "cbam",
    "bf16",
    "toon-face",
    "",
    "\0",
    "\ud800",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(ODD)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(PATHS), st.sampled_from(["set", "drop", "rename"]), VALUES),
    min_size=1,
    max_size=4,
)
STARTS = st.sampled_from(preset_names())


def changed(mapping: dict[str, Any], changes: list[tuple[tuple[str, ...], str, Any]]) -> dict[str, Any]:
    """Return a copy with keys set, dropped or renamed, as far as they are still there."""
    result = copy.deepcopy(mapping)
    for path, way, value in changes:
        section: Any = result
        for key in path[:-1]:
            section = section.get(key) if isinstance(section, dict) else None
        if not isinstance(section, dict):
            continue
        old = section.pop(path[-1], None)
        if way == "set":
            section[path[-1]] = value
        elif way == "rename":
            section[f"{path[-1]}{value if isinstance(value, str) else ''}_"] = old
    return result


def require_line(error: ConfigError, place: str) -> str:
    """Assert that a refusal is one line that begins with a place, or tells that it cannot be read."""
    message = str(error)
    assert message.removeprefix("cannot read ").startswith(place)
    assert "\n" not in message
    return message


def require_typed(value: object) -> None:
    """Assert that a configuration holds values of the kinds that it declares, down to its sections."""
    assert is_dataclass(value)
    for entry in fields(value):
        held = getattr(value, entry.name)
        if is_dataclass(entry.default_factory):
            require_typed(held)
        else:
            assert not isinstance(held, dict | list), entry.name


@QUICK
@given(STARTS, CHANGES)
def test_a_changed_config_loads_or_is_refused_by_its_key(name: str, changes: list[Any]) -> None:
    mapping = changed(to_mapping(load_config(name)), changes)
    try:
        config = config_from_mapping(mapping, origin="c.yaml")
    except ConfigError as error:
        message = require_line(error, "c.yaml: ")
        tops = {path[0] for path, _, _ in changes} | {
            "holds values that are not plain",
            "discriminator.num_blocks",
        }
        assert any(top in message for top in tops), message
        return
    require_typed(config)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        save_config(config, path)
        assert load_config(str(path)) == config


@QUICK
@given(VALUES)
def test_any_value_is_a_config_or_refused(value: Any) -> None:
    try:
        config_from_mapping(value, origin="c.yaml")
    except ConfigError as error:
        require_line(error, "c.yaml: ")


@QUICK
@given(st.sampled_from(PATHS), st.text(max_size=30))
def test_any_override_is_taken_or_refused(path: tuple[str, ...], text: str) -> None:
    override = f"{'.'.join(path)}={text}"
    try:
        config = load_config("toon-face", overrides=[override])
    except ConfigError as error:
        require_line(error, "--set ")
    else:
        require_typed(config)


@QUICK
@given(st.text(max_size=60))
def test_any_text_is_a_config_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            require_typed(load_config(str(path)))
        except ConfigError as error:
            require_line(error, str(path))


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_preset_loads_or_is_refused(seed: int, tmp_path: Path) -> None:
    numbers = random.Random(seed)
    content = bytearray((CONFIG_FOLDER / f"{numbers.choice(preset_names())}.yaml").read_bytes())
    for _ in range(numbers.randint(1, 3)):
        content[numbers.randrange(len(content))] = numbers.choice(b"\t\n:-[]{}&*!|>'\"%@`#0aZ\xff\x00")
    (tmp_path / "c.yaml").write_bytes(content)
    try:
        require_typed(load_config(str(tmp_path / "c.yaml")))
    except ConfigError as error:
        require_line(error, str(tmp_path / "c.yaml"))


def test_a_published_config_changed_anywhere_loads_or_is_refused() -> None:
    published = yaml.safe_load(PUBLISHED)
    for path in leaves(published):
        for value in (None, 0, -1, "x", [], {}, [1, "a"], {"a": 1}, 1e300, True):
            mapping = changed(published, [(path, "set", value)])
            try:
                require_typed(config_from_mapping(mapping, origin="c.yaml"))
            except ConfigError as error:
                require_line(error, "c.yaml: ")


PUBLISHED = """
dataset_params: {root_dir: data, frame_shape: [256, 256, 3], id_sampling: true,
  augmentation_params: {flip_param: {horizontal_flip: true, time_flip: true},
    jitter_param: {brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.1}}}
model_params:
  common_params: {num_kp: 10, num_channels: 3, estimate_jacobian: true}
  kp_detector_params: {temperature: 0.1, block_expansion: 32, max_features: 1024, scale_factor: 0.25, num_blocks: 5}
  generator_params: {block_expansion: 64, max_features: 512, num_down_blocks: 2, num_bottleneck_blocks: 6,
    estimate_occlusion_map: true,
    dense_motion_params: {block_expansion: 64, max_features: 1024, num_blocks: 5, scale_factor: 0.25}}
  discriminator_params: {scales: [1], block_expansion: 32, max_features: 512, num_blocks: 4, sn: true}
train_params:
  {num_epochs: 100, num_repeats: 75, epoch_milestones: [60, 90], lr_generator: 2.0e-4, lr_discriminator: 2.0e-4,
   lr_kp_detector: 2.0e-4, batch_size: 40, scales: [1, 0.5, 0.25, 0.125], checkpoint_freq: 50,
   transform_params: {sigma_affine: 0.05, sigma_tps: 0.005, points_tps: 5},
   loss_weights: {generator_gan: 0, discriminator_gan: 1, feature_matching: [10, 10, 10, 10],
     perceptual: [10, 10, 10, 10, 10], equivariance_value: 10, equivariance_jacobian: 10}}
"""
