"""One thing that was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Finding:
    """What was found about a subject.

    status: ``note`` where something beside the main job is missing, ``problem`` where the main job cannot run
    or its result cannot be trusted. advice: what to do. facts: the same as plain values, for scripts.
    """

    subject: str
    status: Status
    text: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def ok(subject: str, text: str, **facts: object) -> Finding:
    """Say that all is well."""
    return Finding(subject, "ok", text, facts=facts)


def note(subject: str, text: str, advice: str = "", **facts: object) -> Finding:
    """Say that something beside the main job is missing or unusual."""
    return Finding(subject, "note", text, advice, facts)


def problem(subject: str, text: str, advice: str, **facts: object) -> Finding:
    """Say what keeps the main job from being done."""
    return Finding(subject, "problem", text, advice, facts)


def reason(error: BaseException) -> str:
    """Return an error's words in one line."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(words.split()) or type(error).__name__
