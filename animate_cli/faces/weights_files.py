"""Where the detectors' own weights lie, and how they come there."""

import os
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from animate_cli.catalogue import cache_folder, mirrored
from animate_cli.download import Listener, Partial, Patience, fetch, show_url
from animate_cli.errors import DownloadError, WeightsError
from animate_cli.files import hash_file


@dataclass(frozen=True)
class WeightsFile:
    """A published file whose name ends in the first digits of its SHA-256.

    otherwise: what the user may do without it, the end of a sentence.
    """

    name: str
    url: str
    megabytes: int
    otherwise: str

    @property
    def hash_prefix(self) -> str:
        """The digits in the name."""
        return self.name.partition(".")[0].rpartition("-")[2]

    @property
    def places(self) -> tuple[Path, Path]:
        """Where it is looked for: the folder for weights, then torch's hub cache."""
        return cache_folder() / self.name, hub_folder() / self.name

    def find(self) -> Path | None:
        """Return the file, or None where it is not here."""
        return next((path for path in self.places if path.is_file()), None)

    def fetch(self, listener: Listener | None = None, patience: Patience | None = None) -> Path:
        """Return the file; where it is not here, download it, or go on with a download that was cut off.

        Raises:
            WeightsError: it cannot be had.
        """
        return self.find() or self._download(listener or Silence(), patience or Patience())

    def _download(self, listener: Listener, patience: Patience) -> Path:
        target = self.places[0]
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(target.with_name(f".{self.name}.lock")):
                if not target.is_file():  # another process may have brought it meanwhile
                    self._bring(target, listener, patience)
        except OSError as error:
            raise WeightsError(f"{target.parent}: cannot be written ({error.strerror or error})") from None
        return target

    def _bring(self, target: Path, listener: Listener, patience: Patience) -> None:
        failures = []
        for url in mirrored(self.name, (self.url,)):
            try:
                self._bring_from(url, Partial(target), listener, patience)
            except DownloadError as failure:
                failures.append(str(failure))
            else:
                Partial(target).move_to(target)
                return
        raise WeightsError(
            f"{self.name} cannot be downloaded ({'; '.join(failures)}); put the file from {self.url} "
            f"({self.megabytes} MB) into {target.parent}, or {self.otherwise}"
        )

    def _bring_from(self, url: str, partial: Partial, listener: Listener, patience: Patience) -> None:
        """Fetch the whole, right file; pieces of several tries that do not make it are fetched anew."""
        pieced = fetch(url, partial, listener, patience)
        if pieced and not self.is_right(partial.path):
            listener.note(
                f"{self.name}: the pieces of several tries do not make the right file; beginning again"
            )
            partial.discard()
            fetch(url, partial, listener, patience)
        if not self.is_right(partial.path):
            partial.discard()
            raise DownloadError(
                f"{show_url(url)}: gave another file; its SHA-256 does not begin with {self.hash_prefix}"
            )

    def is_right(self, path: Path) -> bool:
        """Tell whether a file's SHA-256 begins with the digits in the name."""
        return hash_file(path).startswith(self.hash_prefix)


class Silence:
    """A listener that says nothing."""

    def note(self, text: str) -> None:
        """Take no notice."""

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        """Take no notice."""

    def advance(self, count: int = 1) -> None:
        """Take no notice."""


def hub_folder() -> Path:
    """Return torch's hub cache as torch itself finds it, which takes seconds to import."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(os.environ.get("TORCH_HOME") or cache / "torch")
    return home.expanduser() / "hub" / "checkpoints"
