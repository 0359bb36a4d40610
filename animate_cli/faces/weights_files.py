"""Where the detectors' own weights lie, and how they come there."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from animate_cli.catalogue import cache_folder
from animate_cli.errors import WeightsError


@dataclass(frozen=True)
class WeightsFile:
    """A published file whose name ends in the first digits of its SHA-256."""

    name: str
    url: str
    megabytes: int

    @property
    def hash_prefix(self) -> str:
        """The digits in the name."""
        return self.name.partition(".")[0].rpartition("-")[2]

    @property
    def places(self) -> tuple[Path, Path]:
        """Where it is looked for: the folder for weights, then torch's hub cache."""
        return cache_folder() / self.name, _hub_folder() / self.name

    def find(self) -> Path | None:
        """Return the file, or None where it is not here."""
        return next((path for path in self.places if path.is_file()), None)

    def fetch(self) -> Path:
        """Return the file; download it where it is not here.

        Raises:
            WeightsError: it cannot be had.
        """
        found = self.find()
        if found is not None:
            return found
        target = self.places[0]
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            download(self.url, target, self.hash_prefix)
        except (URLError, OSError, RuntimeError) as error:
            reason = getattr(error, "reason", None) or error
            raise WeightsError(
                f"{self.name} cannot be downloaded ({reason}); put the file from {self.url} "
                f"({self.megabytes} MB) into {target.parent}, or use --detector lbp"
            ) from error
        return target


def download(url: str, target: Path, hash_prefix: str) -> None:
    """Download a file whole or not at all, and check that its SHA-256 begins as said.

    Raises:
        URLError: the place cannot be reached.
        OSError: the file cannot be written.
        RuntimeError: what came is something else.
    """
    from torch.hub import download_url_to_file

    download_url_to_file(url, str(target), hash_prefix, progress=sys.stderr.isatty())


def _hub_folder() -> Path:
    """Return torch's hub cache as torch itself finds it, which takes seconds to import."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(os.environ.get("TORCH_HOME") or cache / "torch")
    return home.expanduser() / "hub" / "checkpoints"
