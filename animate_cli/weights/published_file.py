"""Download a published file from the first source that gives the right one."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from animate_cli.catalogue import ModelEntry
from animate_cli.download import Listener, Partial, Patience, fetch, show_url
from animate_cli.errors import DownloadError, WeightsError
from animate_cli.files import hash_file
from animate_cli.weights.inspection import inspect_file
from animate_cli.weights.trust import Approve, Doubt, UntrustedError, judge, settle


def download(
    entry: ModelEntry,
    sources: Sequence[str],
    target: Path,
    listener: Listener,
    approve: Approve | None,
    patience: Patience,
) -> str:
    """Bring a published file to ``target``, whole and trusted, and return its SHA-256.

    Args:
        entry: the model.
        sources: addresses, tried in order.
        target: the file; while it comes, it is TARGET.partial.
        listener: told how it is going.
        approve: asked about a file whose hash is not known.
        patience: with a slow server.

    Raises:
        DownloadError: no source gives the file.
        UntrustedError: the file's hash is not known, and was not accepted.
        WeightsError: the disk is full or cannot be written.
    """
    failures: list[WeightsError] = []
    for url in sources:
        if failures:
            listener.note(f"{failures[-1]}; trying {show_url(url)}")
        try:
            return _Source(entry, url, target, listener, patience).download(approve)
        except (DownloadError, UntrustedError) as failure:
            failures.append(failure)
    if len(failures) == 1 and isinstance(failures[0], UntrustedError):
        raise failures[0]
    advice = [] if Partial(target).size else ["name another address with --source"]
    raise DownloadError("; ".join([*map(str, failures), *advice]))


class _Source:
    """One address that a published file may come from."""

    def __init__(
        self, entry: ModelEntry, url: str, target: Path, listener: Listener, patience: Patience
    ) -> None:
        self.entry, self.url, self.target = entry, url, target
        self.listener, self.patience = listener, patience
        self.partial = Partial(target)

    def download(self, approve: Approve | None) -> str:
        sha256, doubt = self._bring()
        if doubt:
            self._settle(doubt, approve)
        self.partial.move_to(self.target)
        return sha256

    def _bring(self) -> tuple[str, Doubt | None]:
        """Fetch the file, once more where the pieces of several tries do not make the right one."""
        if self._fetch():
            with suppress(DownloadError):
                sha256, doubt = self._examine()
                if doubt is None or not doubt.is_contradicted:
                    return sha256, doubt
            self.listener.note("the pieces of several tries do not make the right file; beginning again")
            self.partial.discard()
            self._fetch()
        return self._examine()

    def _fetch(self) -> bool:
        return fetch(self.url, self.partial, self.listener, self.patience)

    def _examine(self) -> tuple[str, Doubt | None]:
        """Return the file's hash and the doubt about it; one that holds no model is removed."""
        self.listener.begin("Checking", None)
        report = inspect_file(self.partial.path)
        if report.usable:
            sha256 = hash_file(self.partial.path)
            return sha256, judge(self.entry, sha256, self.target.parent)
        self.partial.discard()
        misfit = f"; {report.advice}" if report.kind == "published checkpoint" else ""
        raise DownloadError(f"{show_url(self.url)}: the server sent {report.description}{misfit}")

    def _settle(self, doubt: Doubt, approve: Approve | None) -> None:
        """Keep a file that waits for an answer; one that was refused is of no use."""
        try:
            settle(doubt, self.target.parent, approve)
        except UntrustedError as error:
            if doubt.is_contradicted or not error.unanswered:
                self.partial.discard()
            raise
