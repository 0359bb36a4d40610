"""Read and write small YAML files strictly: plain values, no tags, no anchors, no key twice.

Every failure is a `ConfigError` of one line; nothing in a file is ever executed.
"""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from animate_cli.errors import ConfigError
from animate_cli.files import atomic_path, explain

MAX_BYTES = 1 << 18
"""More than this is no configuration; a checkpoint or a video named by mistake is not read whole."""


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses repeated keys and aliases (which can blow a small file up without end).

    Dates stay text.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - as in the base class
        first: [row for row in rows if row[0] != "tag:yaml.org,2002:timestamp"]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not accepted", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else id(key_node)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands here twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file whose top level is a mapping; an empty file is an empty mapping.

    Raises:
        ConfigError: the file is missing, too large, not text, not YAML, or no mapping.
    """
    content = parse_yaml(_read_text(path), origin=str(path))
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: not a configuration: expected `key: value` lines at the top level")
    return {str(key): value for key, value in content.items()}


def parse_yaml(text: str, *, origin: str) -> Any:  # noqa: ANN401 - YAML holds anything
    """Parse YAML into plain values.

    Raises:
        ConfigError: the text is not YAML, or uses tags, aliases or repeated keys.
    """
    try:
        return yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        raise ConfigError(f"{origin}: {_describe(error)}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"{origin}: not a YAML file that can be read: {reason}") from None


def write_mapping(mapping: Mapping[str, Any], path: Path) -> None:
    """Write a mapping as YAML, in its own order; the file appears whole or not at all.

    Raises:
        ConfigError: the file cannot be written.
    """
    text = yaml.safe_dump(dict(mapping), sort_keys=False, allow_unicode=True)
    try:
        with atomic_path(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {explain(error)}") from None


def _read_text(path: Path) -> str:
    try:
        if not path.is_file():
            reason = "is a folder" if path.is_dir() else "no such file"
            raise ConfigError(f"{path}: {reason}; expected a YAML file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than {MAX_BYTES // 1024} KiB, so not a YAML configuration")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text file, so not a YAML configuration") from None


def _describe(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}: " if mark else ""
    return f"{place}{' '.join((error.problem or 'not YAML').split())}"
