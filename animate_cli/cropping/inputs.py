"""Which files a run crops, and what their results are called."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from animate_cli.errors import MediaError
from animate_cli.files import same_place
from animate_cli.media.pictures import natural_order
from animate_cli.media.pillow import is_picture

VIDEO_ENDINGS = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg"),
    *(".wmv", ".flv", ".ts", ".mts", ".3gp", ".ogv"),
)
"""What is taken from a folder beside pictures; a file that is given by name may end in anything."""


@dataclass(frozen=True)
class Task:
    """One picture or clip.

    name: what its results' names begin with. split: folder in the output, or none. person: who is seen, where a
    file of boxes says so.
    """

    path: Path
    name: str
    split: str = ""
    person: str = ""

    @property
    def identity(self) -> str:
        """Who is seen: the part of the name before ``#``, unless it is known better."""
        return self.person or self.name.partition("#")[0]

    def result(self, number: int) -> str:
        """Return the name of the number-th result, without ending; its identity is the input's."""
        return f"{self.name}-{number}" if "#" in self.name else f"{self.name}#{number}"


def list_tasks(inputs: Iterable[Path], out: Path) -> list[Task]:
    """List the pictures and clips that are given, and those in the folders that are given.

    Raises:
        MediaError: there is no such file, the output lies in an input folder, or the folders hold nothing.
    """
    paths = list(dict.fromkeys(path for given in inputs for path in _files(given, out)))
    if not paths:
        raise MediaError(f"{', '.join(map(str, inputs))}: no pictures or videos in there")
    return [Task(path, name) for path, name in zip(paths, _names(paths), strict=True)]


def _files(given: Path, out: Path) -> Iterator[Path]:
    if not given.exists():
        raise MediaError(f"{given}: no such file or folder")
    if not given.is_dir():
        yield given
        return
    if same_place(given, out):
        raise MediaError(f"{out}: is also an input; choose another folder for the results")
    for entry in sorted(given.iterdir(), key=lambda entry: natural_order(entry.name)):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from () if same_place(entry, out) else _files(entry, out)
        elif entry.suffix.lower() in VIDEO_ENDINGS or (entry.stat().st_size and is_picture(entry)):
            yield entry


def _names(paths: list[Path]) -> list[str]:
    """Name each after its file; where files are called alike, after their folder and file, then by number."""
    names = [path.stem for path in paths]
    longer = [f"{path.parent.name}-{path.stem}" for path in paths]
    numbered = [f"{path.stem}-{number}" for number, path in enumerate(paths, start=1)]
    for others in (longer, numbered):
        counts = Counter(name.casefold() for name in names)
        pairs = zip(names, others, strict=True)
        names = [name if counts[name.casefold()] == 1 else other for name, other in pairs]
    return names
