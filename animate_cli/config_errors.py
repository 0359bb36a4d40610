"""Put what is wrong with a configuration into one line: the key's path, what it must be, what is near."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_type_hints

EXPECTED = {
    "int_type": "a whole number",
    "int_parsing_size": "a whole number of ordinary size",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dataclass_type": "a section with keys of its own",
}
"""Kinds of problems, as pydantic names them, in words that follow "must be"."""


def describe_problems(kind: type, problems: Sequence[Mapping[str, Any]], renamed: Mapping[str, str]) -> str:
    """Describe the first problem, unknown keys before the rest, and count the others.

    Args:
        kind: the dataclass that was asked for.
        problems: as pydantic lists them; each location starts with one key that the user never wrote.
        renamed: paths of keys as the user's file has them, by our own path.
    """
    first = min(problems, key=lambda problem: problem["type"] != "unexpected_keyword_argument")
    location = [str(part) for part in first["loc"][1:]]
    path = ".".join(location)
    if first["type"] == "unexpected_keyword_argument":
        text = _describe_unknown_key(kind, location)
    else:
        text = f"{renamed.get(path, path)} {_describe_wrong_value(first)}"
    others = len(problems) - 1
    return " ".join(text.split()) + (f" (and {others} more)" if others else "")


def _describe_unknown_key(kind: type, location: Sequence[str]) -> str:
    *parents, last = location
    allowed = [entry.name for entry in fields(_section(kind, parents))]
    near = get_close_matches(last, allowed, n=1)
    hint = f"; did you mean {'.'.join([*parents, near[0]])}?" if near else ""
    return f"unknown key {'.'.join(location)}{hint} (known here: {', '.join(allowed)})"


def _section(kind: type, location: Sequence[str]) -> Any:  # noqa: ANN401 - some dataclass
    for key in location:
        inner = get_type_hints(kind).get(key)
        if not isinstance(inner, type) or not is_dataclass(inner):
            break
        kind = inner
    return kind


def _describe_wrong_value(problem: Mapping[str, Any]) -> str:
    sort, shown = problem["type"], _show(problem["input"])
    if sort == "literal_error":
        return f"must be {problem['ctx']['expected']}, not {shown}"
    if sort in {"missing", "too_long"}:
        return "has the wrong number of entries"
    if sort in EXPECTED:
        return f"must be {EXPECTED[sort]}, not {shown}"
    return f"cannot be {shown}: {problem['msg']}"


def _show(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a section"
    shown = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
