"""What a weights file says about itself, and how that is written into safetensors metadata."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from animate_cli.catalogue import Domain, Style
from animate_cli.config import Framing, ModelConfig
from animate_cli.errors import ConfigError, WeightsError
from animate_cli.presets import model_from_mapping, to_mapping
from animate_cli.weights.sniff import show

FORMAT = "animate/1"
REQUIRED = {"format", "config", "domain", "style"}
OPTIONAL = {"framing", "keypoint_names", "licence", "training"}


@dataclass(frozen=True)
class WeightsInfo:
    """The facts that travel inside a weights file.

    framing says where the object usually sits, keypoint_names what each keypoint is, where that is known;
    training holds free facts such as steps, data and figures, of plain JSON values.
    """

    config: ModelConfig
    domain: Domain = "any"
    style: Style = "photo"
    framing: Framing | None = None
    keypoint_names: tuple[str, ...] | None = None
    licence: str = "unknown"
    training: Mapping[str, Any] = field(default_factory=dict)


def to_metadata(info: WeightsInfo) -> dict[str, str]:
    """Write the facts as JSON texts, one a key; what is None is left out.

    Raises:
        WeightsError: a fact cannot work, or is not plain JSON.
    """
    content: dict[str, Any] = {
        "format": FORMAT,
        "config": to_mapping(info.config),
        "domain": info.domain,
        "style": info.style,
        "framing": None if info.framing is None else asdict(info.framing),
        "keypoint_names": None if info.keypoint_names is None else list(info.keypoint_names),
        "licence": info.licence,
        "training": dict(info.training),
    }
    _read_content(content, "weights to be saved")
    try:
        return {key: json.dumps(value) for key, value in content.items() if value is not None}
    except (TypeError, ValueError):
        raise WeightsError("weights to be saved: training must be plain text, numbers and lists") from None


def from_metadata(metadata: Mapping[str, str], *, origin: str) -> WeightsInfo:
    """Read the facts back.

    Raises:
        WeightsError: they are not of this format, a key is unknown or missing, or a value cannot work; the
            message starts with ``origin`` and names the key.
    """
    unknown = sorted(metadata.keys() - REQUIRED - OPTIONAL)
    if unknown:
        raise WeightsError(f"{origin}: unknown metadata key {show(repr(unknown[0]))}; from a newer animate?")
    missing = sorted(REQUIRED - metadata.keys())
    if missing:
        raise WeightsError(f"{origin}: metadata key {missing[0]!r} is missing; save the weights again")
    return _read_content({key: _decode(value) for key, value in metadata.items()}, origin)


def _decode(text: str) -> Any:  # noqa: ANN401
    """Read a JSON text; a bare word stands for itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _read_content(content: Mapping[str, Any], origin: str) -> WeightsInfo:
    given = {key: value for key, value in content.items() if value is not None or key in REQUIRED}
    _expect(given["format"] == FORMAT, origin, "format", f"{FORMAT}, not {show(repr(given['format']))}")
    _expect_choice(given, "domain", get_args(Domain), origin)
    _expect_choice(given, "style", get_args(Style), origin)
    _expect(isinstance(given.get("licence", ""), str), origin, "licence", "a text")
    _expect(isinstance(given.get("training", {}), dict), origin, "training", "a mapping of facts")
    config = _read_config(given["config"], origin)
    return WeightsInfo(
        config=config,
        domain=given["domain"],
        style=given["style"],
        framing=_read_framing(given.get("framing"), origin),
        keypoint_names=_read_names(given.get("keypoint_names"), config.num_keypoints, origin),
        licence=given.get("licence", "unknown"),
        training=given.get("training", {}),
    )


def _read_config(mapping: Any, origin: str) -> ModelConfig:  # noqa: ANN401
    try:
        return model_from_mapping(mapping, origin=f"{origin}: config")
    except ConfigError as error:
        raise WeightsError(show(error, limit=500)) from None


def _read_framing(value: Any, origin: str) -> Framing | None:  # noqa: ANN401
    if value is None:
        return None
    fits = isinstance(value, dict) and value.keys() == {"share", "x", "y"}
    fits = fits and all(type(number) in {int, float} and 0 <= number <= 1 for number in value.values())
    _expect(fits, origin, "framing", "share, x and y between 0 and 1")
    return Framing(**value)


def _read_names(value: Any, num_keypoints: int, origin: str) -> tuple[str, ...] | None:  # noqa: ANN401
    if value is None:
        return None
    fits = isinstance(value, list) and all(isinstance(name, str) for name in value)
    fits = fits and len(value) == num_keypoints
    _expect(fits, origin, "keypoint_names", f"a list of {num_keypoints} texts, one a keypoint")
    return tuple(value)


def _expect_choice(given: Mapping[str, Any], key: str, choices: tuple[str, ...], origin: str) -> None:
    value = given[key]
    _expect(value in choices, origin, key, f"one of {', '.join(choices)}, not {show(repr(value))}")


def _expect(holds: bool, origin: str, key: str, words: str) -> None:
    if not holds:
        raise WeightsError(f"{origin}: metadata key {key!r} must be {words}")
