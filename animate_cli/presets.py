"""Load, check and save configurations: presets, YAML files, overrides, and mappings from weights' metadata.

Types come from the dataclasses of `animate_cli.config`, ranges from `animate_cli.config_rules`. Whatever is
wrong ends in a `ConfigError` of one line that names the file and the path of the key.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from animate_cli.config import Config, ModelConfig, with_variant
from animate_cli.config_errors import describe_problems
from animate_cli.config_rules import check_values
from animate_cli.errors import ConfigError
from animate_cli.published_config import is_published, translate_published
from animate_cli.strict_yaml import parse_yaml, read_mapping, write_mapping

CONFIG_FOLDER = Path(__file__).parent / "configs"

Kind = TypeVar("Kind", Config, ModelConfig)


def preset_names() -> list[str]:
    """Return the names of the presets that come with the package, sorted."""
    return sorted(path.stem for path in CONFIG_FOLDER.glob("*.yaml"))


def load_config(name_or_path: str, *, overrides: Sequence[str] = (), variant: str | None = None) -> Config:
    """Load a preset or a YAML file (ours or in the published FOMM layout).

    Args:
        name_or_path: a preset's name, or the path of a YAML file; a preset's name comes first.
        overrides: "key.path=value" texts whose values are YAML; they have the last word.
        variant: one of `animate_cli.config.VARIANTS`, applied to the model before the overrides.

    Raises:
        ConfigError: the preset, file, variant or a key is unknown, or a value cannot work.
    """
    path = _find_config(name_or_path)
    mapping = read_mapping(path)
    mapping = mapping if is_published(mapping) else {"name": path.stem, **mapping}
    config = config_from_mapping(mapping, origin=str(path), name=path.stem)
    if variant is not None:
        config = replace(config, model=with_variant(config.model, variant))
    return apply_overrides(config, overrides) if overrides else config


def config_from_mapping(mapping: Mapping[str, Any], *, origin: str = "config", name: str = "fomm") -> Config:
    """Check a mapping of plain values and turn it into a configuration; absent keys take their defaults.

    Args:
        mapping: in our layout, or in that of the published FOMM YAML files.
        origin: where the mapping comes from, for messages.
        name: of the result, where the mapping is in the published layout, which has none.

    Raises:
        ConfigError: a key is unknown, or a value has the wrong type or cannot work.
    """
    if not is_published(mapping):
        return _validate(Config, mapping, origin)
    translated, published_keys = translate_published(mapping, origin=origin)
    return _validate(Config, {"name": name, **translated}, origin, published_keys)


def model_from_mapping(mapping: Mapping[str, Any], *, origin: str = "model config") -> ModelConfig:
    """Check a mapping of plain values, such as weights carry, and turn it into a model's configuration.

    Raises:
        ConfigError: a key is unknown, or a value has the wrong type or cannot work.
    """
    return _validate(ModelConfig, mapping, origin)


def apply_overrides(config: Config, overrides: Iterable[str]) -> Config:
    """Return the configuration with each "key.path=value" set; a mapping is merged into its section.

    Raises:
        ConfigError: an override is malformed, names an unknown key, or its value cannot work.
    """
    for override in overrides:
        path, equals, text = override.partition("=")
        plain = override.isprintable() and len(override) <= 80
        origin = f"--set {override if plain else repr(override)[:80]}"
        if not equals or not path.strip():
            raise ConfigError(f"{origin}: expected key.path=value, such as optimizer.batch_size=8")
        value: Any = parse_yaml(text, origin=origin)
        for key in reversed(path.strip().split(".")):
            value = {key: value}
        config = _validate(Config, _merge(to_mapping(config), value), origin)
    return config


def to_mapping(config: Config | ModelConfig) -> dict[str, Any]:
    """Return a configuration as plain dictionaries, lists, numbers and texts, every key present."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return plain


def save_config(config: Config, path: str | Path) -> None:
    """Write a configuration whole, every key present, as YAML that `load_config` reads back the same.

    Raises:
        ConfigError: the file cannot be written.
    """
    write_mapping(to_mapping(config), Path(path))


def _find_config(name_or_path: str) -> Path:
    names = preset_names()
    if name_or_path in names:
        return CONFIG_FOLDER / f"{name_or_path}.yaml"
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"} or path.name != name_or_path or os.path.isfile(path):  # noqa: PTH113
        return path
    near = get_close_matches(name_or_path, names, n=1)
    hint = f"did you mean {near[0]}?" if near else "name a YAML file or one of the presets"
    raise ConfigError(f"no preset is called {name_or_path!r:.80}; {hint} (presets: {', '.join(names)})")


def _validate(
    kind: type[Kind],
    mapping: Mapping[str, Any],
    origin: str,
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> Kind:
    document = _serialise(mapping, origin)
    try:
        config = _parse(kind, document)
    except ValidationError as error:
        raise ConfigError(f"{origin}: {describe_problems(kind, error.errors(), renamed)}") from None
    check_values(config, origin=origin, renamed=renamed)
    return config


def _serialise(mapping: Mapping[str, Any], origin: str) -> str:
    if not isinstance(mapping, Mapping):
        raise ConfigError(f"{origin}: expected keys and values, not {type(mapping).__name__}")
    try:
        document = json.dumps({"content": dict(mapping)}, ensure_ascii=False)
        document.encode()  # halves of characters, such as in a name that is no UTF-8, are no text
        return document
    except (TypeError, ValueError, RecursionError):
        raise ConfigError(f"{origin}: holds values that are not plain text, numbers or lists") from None


def _parse(kind: type[Kind], document: str) -> Kind:
    """Validate strictly, once more with numbers in place of texts such as "2e-4" where a float belongs."""
    schema = _schema(kind)  # type: ignore[arg-type]  # mypy takes the class's hash for its instances'
    try:
        content = schema.model_validate_json(document)
    except ValidationError as error:
        content = schema.model_validate_json(_read_number_texts(document, error))
    config: Kind = content.__dict__["content"]
    return config


def _read_number_texts(document: str, error: ValidationError) -> str:
    content = json.loads(document)
    for problem in error.errors():
        if problem["type"] == "float_type" and isinstance(problem["input"], str):
            *parents, last = problem["loc"]
            section = content
            for key in parents:
                section = section[key]
            section[last] = _number_or_text(problem["input"])
    return json.dumps(content)


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _merge(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict)
        merged[key] = _merge(inner, value) if both else value  # type: ignore[arg-type]
    return merged


@cache
def _schema(kind: type[Any]) -> type[BaseModel]:
    """Return a strict pydantic model with one field of this kind; its strictness reaches every section.

    It validates JSON, since strict validation of Python values would refuse dictionaries for dataclasses.
    """
    strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    return create_model("Document", __config__=strict, content=(kind, ...))
