"""What values can work: ranges and shapes that types alone cannot say.

A number must be at least 0, and a whole number at least 1 unless its default is 0, which stands for "off"; a
row of the tables may say otherwise.
Rows are named by class and field, so one row serves a section wherever it stands.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from animate_cli.config import Config, ModelConfig
from animate_cli.errors import ConfigError


class Rule(NamedTuple):
    """What a value must be, in words that follow "must be", and the test of it."""

    words: str
    holds: Callable[[Any], bool]


LARGEST_INTEGER = 10**9
COUNT = Rule("a whole number from 1 to a billion", lambda value: 1 <= value <= LARGEST_INTEGER)
COUNT_OR_OFF = Rule("a whole number from 0 to a billion", lambda value: 0 <= value <= LARGEST_INTEGER)
AMOUNT = Rule("at least 0", lambda value: value >= 0)
CHANNELS = Rule("a whole number from 1 to 8192", lambda value: 1 <= value <= 8192)
DEPTH = Rule("a whole number from 1 to 8", lambda value: 1 <= value <= 8)
SIDE = Rule("a whole number of pixels from 16 to 4096", lambda value: 16 <= value <= 4096)
POSITIVE = Rule("above 0", lambda value: value > 0)
SHARE = Rule("between 0 and 1", lambda value: 0 <= value <= 1)
DECAY = Rule("at least 0 and below 1", lambda value: 0 <= value < 1)
KERNEL = Rule("an odd whole number", lambda value: value % 2 == 1 and 1 <= value <= 31)
UNIT_FRACTION = Rule("1 over a whole number, such as 1, 0.5 or 0.25", lambda value: _is_unit_fraction(value))
MOST_STEPS_DOWN = 64
"""No picture is made smaller than by this factor."""
FILE_STEM = Rule(
    "a name without slashes", lambda value: bool(value.strip()) and not set(value) & set("/\\\0\n")
)

NUMBER_RULES = {
    "Framing.share": Rule("above 0 and at most 1", lambda value: 0 < value <= 1),
    "Framing.x": SHARE,
    "Framing.y": SHARE,
    "ModelConfig.num_keypoints": Rule("a whole number from 1 to 1000", lambda value: 1 <= value <= 1000),
    "ModelConfig.size": SIDE,
    "DetectorConfig.base_channels": CHANNELS,
    "DetectorConfig.max_channels": CHANNELS,
    "DetectorConfig.num_blocks": DEPTH,
    "DenseMotionConfig.base_channels": CHANNELS,
    "DenseMotionConfig.max_channels": CHANNELS,
    "DenseMotionConfig.num_blocks": DEPTH,
    "OcclusionConfig.base_channels": CHANNELS,
    "GeneratorConfig.base_channels": CHANNELS,
    "GeneratorConfig.max_channels": CHANNELS,
    "GeneratorConfig.num_down_blocks": DEPTH,
    "DiscriminatorConfig.base_channels": CHANNELS,
    "DiscriminatorConfig.max_channels": CHANNELS,
    "DiscriminatorConfig.num_blocks": DEPTH,
    "OptimizerConfig.batch_size": Rule(
        "a whole number from 1 to 100000", lambda value: 1 <= value <= 100_000
    ),
    "DetectorConfig.scale": UNIT_FRACTION,
    "DetectorConfig.head_kernel_size": KERNEL,
    "DetectorConfig.temperature": POSITIVE,
    "DenseMotionConfig.scale": UNIT_FRACTION,
    "DenseMotionConfig.heatmap_variance": POSITIVE,
    "DenseMotionConfig.mask_kernel_size": KERNEL,
    "OcclusionConfig.kernel_size": KERNEL,
    "GeneratorConfig.final_kernel_size": KERNEL,
    "GeneratorConfig.num_residual_blocks": Rule(
        "a whole number from 0 to 100", lambda value: 0 <= value <= 100
    ),
    "LossConfig.pyramid": UNIT_FRACTION,
    "LossConfig.adversarial_from": SHARE,
    "TransformConfig.points_tps": Rule("at least 2", lambda value: 2 <= value <= 1000),
    "AugmentationConfig.hue": Rule("between 0 and 0.5", lambda value: 0 <= value <= 0.5),
    "AugmentationConfig.resize": POSITIVE,
    "DataConfig.cross_identity": SHARE,
    "DataConfig.expressive": SHARE,
    "DataConfig.photometric": SHARE,
    "OptimizerConfig.learning_rate": POSITIVE,
    "OptimizerConfig.betas": DECAY,
    "OptimizerConfig.average_decay": DECAY,
    "OptimizerConfig.test_every": COUNT_OR_OFF,
}
"""Ranges of numbers, and of each number of a list."""

WHOLE_RULES = {
    "Config.name": FILE_STEM,
    "LossConfig.perceptual": Rule(
        "empty or 5 numbers, one a VGG-19 layer", lambda value: len(value) in {0, 5}
    ),
    "LossConfig.pyramid": Rule("a list of at least one scale", lambda value: len(value) > 0),
    "AugmentationConfig.resize": Rule(
        "a smallest and a largest factor", lambda value: value is None or value[0] <= value[1]
    ),
    "OptimizerConfig.milestones": Rule(
        "epochs in rising order", lambda value: list(value) == sorted(set(value))
    ),
}
"""Rules on a value as a whole."""


def check_values(
    config: Config | ModelConfig, *, origin: str, renamed: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Check every value of a configuration.

    Args:
        config: whose types are right already.
        origin: what the configuration is or where it comes from, for the message.
        renamed: paths of keys as the user's file has them, by our own path.

    Raises:
        ConfigError: a value cannot work; the message names its key.
    """
    for path, section, entry in _walk(config, ()):
        value = getattr(section, entry.name)
        rule = _broken_rule(f"{type(section).__name__}.{entry.name}", value, entry.default)
        if rule is not None:
            raise ConfigError(f"{origin}: {renamed.get(path, path)} must be {rule.words}, not {_show(value)}")
    if isinstance(config, Config):
        _check_feature_matching(config, origin)
        _check_pyramid(config, origin)


def _walk(section: Any, prefix: tuple[str, ...]) -> Iterator[tuple[str, object, Field[Any]]]:  # noqa: ANN401
    for entry in fields(section):
        path = (*prefix, entry.name)
        if is_dataclass(value := getattr(section, entry.name)):
            yield from _walk(value, path)
        else:
            yield ".".join(path), section, entry


def _broken_rule(place: str, value: object, default: object) -> Rule | None:
    whole = WHOLE_RULES.get(place)
    if whole is not None and not whole.holds(value):
        return whole
    for number in value if isinstance(value, tuple) else (value,):
        usual = AMOUNT if type(number) is float else COUNT if default != 0 else COUNT_OR_OFF
        rule = NUMBER_RULES.get(place, usual)
        if type(number) in {int, float} and not rule.holds(number):
            return rule
    return None


def _check_feature_matching(config: Config, origin: str) -> None:
    given, needed = len(config.loss.feature_matching), config.discriminator.num_blocks
    if config.loss.generator_gan > 0 and given not in {0, needed}:
        raise ConfigError(
            f"{origin}: loss.feature_matching has {given} numbers, but discriminator.num_blocks is {needed}; "
            "give one number a block"
        )


def _check_pyramid(config: Config, origin: str) -> None:
    side, smallest = min(config.model.size), min(config.loss.pyramid)
    if side * smallest < 1:
        raise ConfigError(f"{origin}: loss.pyramid {smallest:g} leaves nothing of pictures of {side} pixels")


def _is_unit_fraction(value: float) -> bool:
    return 1 / MOST_STEPS_DOWN <= value <= 1 and math.isclose(1 / value, round(1 / value), rel_tol=1e-6)


def _show(value: object) -> str:
    shown = str(list(value)) if isinstance(value, tuple) else repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
