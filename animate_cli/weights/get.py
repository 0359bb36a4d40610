"""Get a published model: download its file or take the one that is here, and turn it into our format."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from animate_cli.catalogue import ModelEntry, cache_folder, list_sources
from animate_cli.download import Listener, Patience
from animate_cli.errors import WeightsError
from animate_cli.files import hash_file
from animate_cli.weights.inspection import inspect_file
from animate_cli.weights.load import LoadedModel, load_model
from animate_cli.weights.published_file import download
from animate_cli.weights.storage import Precision, save_weights
from animate_cli.weights.trust import Approve, judge, remember, settle


@dataclass(frozen=True)
class GetOptions:
    """How to get a model.

    half stores it in float16, keep leaves the published file in the cache folder, force gets the model although
    it is here; sources are addresses of the published file to try before those that are known.
    """

    half: bool = False
    keep: bool = False
    force: bool = False
    sources: tuple[str, ...] = ()
    patience: Patience = field(default_factory=Patience)


def get_model(
    entry: ModelEntry, options: GetOptions, listener: Listener, approve: Approve | None = None
) -> Path | None:
    """Bring a model into the cache folder as NAME.safetensors.

    A published file that the user put there is taken instead of downloading one, and stays.

    Args:
        entry: a model that is not bundled.
        options: how.
        listener: told how it is going.
        approve: asked about a file whose hash is not known; without it, such a file is refused.

    Returns:
        Our file, or None where it was there already.

    Raises:
        DownloadError: no source gives the file.
        UntrustedError: the file's hash is not known, and was not accepted.
        WeightsError: the file holds no model, its hash is not the one accepted before, or the disk is full or
            cannot be written.
    """
    folder = _make_folder()
    with _alone(folder, entry, listener):
        return _Get(entry, folder, options, listener, approve).run()


@dataclass(frozen=True)
class _Get:
    """The steps from nothing to our file."""

    entry: ModelEntry
    folder: Path
    options: GetOptions
    listener: Listener
    approve: Approve | None

    def run(self) -> Path | None:
        target, published = self.folder / f"{self.entry.name}.safetensors", self.folder / self.entry.file
        if target.is_file() and not self.options.force:
            return None
        if published.is_file() and not self.options.force:
            self.listener.note(f"taking {published}, which is here already")
            self._save(self._load(published, self._check(published)), target)
        else:
            self._save(self._load_downloaded(published), target)
            if not self.options.keep:
                published.unlink()
        return target

    def _check(self, published: Path) -> str:
        report = inspect_file(published)
        if not report.usable:
            raise WeightsError(f"{published}: {report.description}; {report.advice}")
        sha256 = hash_file(published)
        if doubt := judge(self.entry, sha256, self.folder):
            settle(doubt, self.folder, self.approve)
        return sha256

    def _load_downloaded(self, published: Path) -> LoadedModel:
        sources = self.options.sources + list_sources(self.entry)
        sha256 = download(self.entry, sources, published, self.listener, self.approve, self.options.patience)
        try:
            return self._load(published, sha256)
        except WeightsError:
            published.unlink()
            raise

    def _load(self, published: Path, sha256: str) -> LoadedModel:
        self.listener.begin("Importing", None)
        loaded = load_model(published)
        if sha256 != self.entry.sha256:
            remember(self.entry, sha256, self.folder)
        return loaded

    def _save(self, loaded: LoadedModel, target: Path) -> None:
        precision: Precision = "float16" if self.options.half else "float32"
        save_weights(target, loaded.model, loaded.info, precision=precision)


def _make_folder() -> Path:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{folder}: the folder cannot be made ({error.strerror or error}); name another in "
            "ANIMATE_WEIGHTS_DIR"
        ) from None
    return folder


@contextmanager
def _alone(folder: Path, entry: ModelEntry, listener: Listener) -> Iterator[None]:
    """Keep other processes from getting the same model meanwhile."""
    lock = FileLock(folder / f".{entry.name}.lock")
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            listener.note(f"another animate is getting {entry.name}; waiting for it")
            lock.acquire()
    except OSError as error:
        raise WeightsError(f"{folder}: cannot be written ({error.strerror or error})") from None
    try:
        yield
    finally:
        lock.release()
