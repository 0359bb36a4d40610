"""Let `animate SOURCE DRIVING -o OUT` mean `animate animate SOURCE DRIVING -o OUT`.

The group looks at the words as they were typed: when the first one that is neither an option nor an option's
value is not a command's name, the main job's name is put in front.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Context
    from typer._click.shell_completion import CompletionItem

MAIN_JOB = "animate"

CUTOFF = 0.7
"""How alike a word and a command must be for the word to be a slip of the finger."""


class UnknownCommandError(typer.TyperException):
    """The first word is neither a command nor a file, but nearly a command."""

    exit_code = 2


class AnimateGroup(TyperGroup):
    """A group whose main job needs no name."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Name the main job where the words leave it out, then parse as any group."""
        own = _own_options(self)
        if not (args and args[0].split("=")[0] in own):
            args = name_command(args, list(self.commands), options_with_value(self))
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: "Context") -> list[str]:
        """Show the main job in the usage line."""
        return ["SOURCE DRIVING -o OUT | COMMAND [OPTIONS] ..."]

    def shell_complete(self, ctx: "Context", incomplete: str) -> "list[CompletionItem]":
        """Offer files beside the commands: the first word may be a SOURCE."""
        items = super().shell_complete(ctx, incomplete)
        if incomplete and not incomplete.startswith("-"):
            items += [type(items[0])(name) for name in _files(incomplete)] if items else []
        return items


def name_command(args: Sequence[str], commands: Sequence[str], takes_value: Mapping[str, bool]) -> list[str]:
    """Return the words with a command's name first.

    Options typed before a command's name are moved behind it.

    Raises:
        UnknownCommandError: the first word looks like a mistyped command and no such file exists.
    """
    index = first_word(args, takes_value)
    if index is None:
        return [MAIN_JOB, *args] if args else []
    word = args[index]
    if "--" in args[:index]:
        return [MAIN_JOB, *args]
    if word in commands:
        return [word, *args[:index], *args[index + 1 :]]
    if suggestion := mistyped_command(word, commands):
        raise UnknownCommandError(
            f"no command and no file is called {word!r}; did you mean `{suggestion}`? "
            f"(`animate --help` lists the commands)"
        )
    return [MAIN_JOB, *args]


def first_word(args: Sequence[str], takes_value: Mapping[str, bool]) -> int | None:
    """Return the index of the first word that is neither an option nor an option's value."""
    index = 0
    while index < len(args):
        word = args[index]
        if word == "--":
            return index + 1 if index + 1 < len(args) else None
        if not word.startswith("-") or word == "-":
            return index
        index += 2 if _consumes_next(word, takes_value) else 1
    return None


def mistyped_command(word: str, commands: Sequence[str]) -> str | None:
    """Return the command that was probably meant, if the word cannot be a file's name."""
    if "." in word or "/" in word or "\\" in word or Path(word).exists():
        return None
    close = get_close_matches(word.lower(), commands, n=1, cutoff=CUTOFF)
    return close[0] if close else None


def options_with_value(group: TyperGroup) -> dict[str, bool]:
    """Tell for every option of every command whether a value follows it; the main job's win."""
    table: dict[str, bool] = {}
    for option, follows in _options(group):
        table.setdefault(option, follows)
    return table


def _options(group: TyperGroup) -> Iterator[tuple[str, bool]]:
    for command in sorted(group.commands.values(), key=lambda command: command.name != MAIN_JOB):
        if isinstance(command, TyperGroup):
            yield from _options(command)
        for parameter in command.params:
            for name in _names(parameter):
                yield name, not getattr(parameter, "is_flag", False)


def _own_options(group: TyperGroup) -> set[str]:
    return {"--help", "-h"} | {name for parameter in group.params for name in _names(parameter)}


def _names(parameter: Any) -> Iterable[str]:  # noqa: ANN401  (typer's own class has moved between versions)
    return [name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("-")]


def _consumes_next(word: str, takes_value: Mapping[str, bool]) -> bool:
    if word.startswith("--"):
        return "=" not in word and takes_value.get(word, False)
    for position, letter in enumerate(word[1:], start=1):
        if takes_value.get(f"-{letter}", False):
            return position == len(word) - 1
    return False


def _files(incomplete: str) -> list[str]:
    start = Path(incomplete)
    folder, prefix = (start, "") if incomplete.endswith("/") else (start.parent, start.name)
    if not folder.is_dir():
        return []
    return sorted(str(path) for path in folder.iterdir() if path.name.startswith(prefix))[:200]
