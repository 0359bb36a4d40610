"""The YAML that describes a network as a detector: what it takes and what it gives."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from animate_cli.errors import ConfigError
from animate_cli.metrics.detectors import Kind
from animate_cli.strict_yaml import read_mapping

Form = Literal["points", "heatmaps"]
Coordinates = Literal["pixels", "unit", "centred"]
Channels = Literal["rgb", "bgr"]
KEEP = "keep"


@dataclass(frozen=True)
class NetworkSpec:
    """What the YAML says.

    kind: landmarks, identity or features. network: .pt, .pth, .ts (TorchScript) or .onnx, a path that counts
    from the YAML's folder. size: (height, width) of the input, None keeps the picture's. range: what black and
    white become. mean, deviation: subtracted and divided by after that. channels: rgb or bgr. output: index of
    the output that counts. form, of landmarks: points [N, L, 2 or 3], the third a score, or heatmaps
    [N, L, h, w]. coordinates, of points: pixels of the input, unit (0 to 1) or centred (-1 to 1). threshold: a
    landmark scored lower is not present. names: of the landmarks. options: keywords of a TorchScript network's
    forward. sha256: refuses another file. floor: the detector's own error in pixels at 256.
    """

    kind: Kind
    network: str
    size: tuple[int, int] | None
    name: str = ""
    range: tuple[float, float] = (0.0, 1.0)
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)
    channels: Channels = "rgb"
    output: int = 0
    form: Form = "points"
    coordinates: Coordinates = "pixels"
    threshold: float = 0.0
    names: tuple[str, ...] = ()
    options: Mapping[str, bool] = field(default_factory=dict)
    sha256: str = ""
    floor: float | None = None


class Rule(NamedTuple):
    """What a key's value must be: a test, its words, and how the value is then kept."""

    fits: Callable[[Any], bool]
    words: str
    keep: Callable[[Any], Any] = lambda value: value


def _one_of(choices: tuple[str, ...]) -> Rule:
    return Rule(lambda value: value in choices, f"one of {', '.join(choices)}")


def _numbers(count: int) -> Rule:
    return Rule(
        lambda value: isinstance(value, list) and len(value) == count and all(map(_is_number, value)),
        f"a list of {count} numbers",
        lambda value: tuple(map(float, value)),
    )


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _is_side(value: object) -> bool:
    return type(value) is int and value > 0


def _is_size(value: Any) -> bool:  # noqa: ANN401 - YAML holds anything
    pair = isinstance(value, list) and len(value) == 2 and all(map(_is_side, value))
    return value == KEEP or _is_side(value) or pair


def _to_size(value: Any) -> tuple[int, int] | None:  # noqa: ANN401
    if value == KEEP:
        return None
    return (value, value) if isinstance(value, int) else (value[0], value[1])


_TEXT = Rule(lambda value: isinstance(value, str), "a text")
_NUMBER = Rule(_is_number, "a number", float)
_RULES: Mapping[str, Rule] = {
    "kind": _one_of(get_args(Kind)),
    "network": _TEXT,
    "size": Rule(_is_size, f"N, [N, N] or {KEEP}", _to_size),
    "name": _TEXT,
    "range": _numbers(2),
    "mean": _numbers(3),
    "deviation": _numbers(3)._replace(
        fits=lambda value: _numbers(3).fits(value) and all(value), words="a list of 3 numbers without a zero"
    ),
    "channels": _one_of(get_args(Channels)),
    "output": Rule(lambda value: type(value) is int and value >= 0, "a number that counts from 0"),
    "form": _one_of(get_args(Form)),
    "coordinates": _one_of(get_args(Coordinates)),
    "threshold": _NUMBER,
    "names": Rule(
        lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
        "a list of names",
        tuple,
    ),
    "options": Rule(
        lambda value: isinstance(value, dict) and all(isinstance(one, bool) for one in value.values()),
        "keywords that are true or false",
    ),
    "sha256": _TEXT,
    "floor": _NUMBER,
}


def read_spec(yaml: Path) -> NetworkSpec:
    """Read and check a YAML file.

    Raises:
        ConfigError: a key is unknown, missing, or has a value that cannot work.
    """
    given = read_mapping(yaml)
    unknown = sorted(given.keys() - _RULES.keys())
    if unknown:
        raise ConfigError(f"{yaml}: unknown key {unknown[0]!r}; there are {', '.join(_RULES)}")
    required = [one.name for one in fields(NetworkSpec) if one.default is one.default_factory is MISSING]
    missing = [key for key in required if key not in given]
    if missing:
        raise ConfigError(f"{yaml}: the key {missing[0]!r} is missing")
    for key, value in given.items():
        if not _RULES[key].fits(value):
            raise ConfigError(f"{yaml}: {key} must be {_RULES[key].words}, not {value!r}")
    return NetworkSpec(**{key: _RULES[key].keep(value) for key, value in given.items()})
