"""Download a published file from the first source that gives the right one."""

from collections.abc import Sequence
from pathlib import Path

from animate_cli.catalogue import ModelEntry
from animate_cli.download import Listener, Partial, Patience, fetch, show_url
from animate_cli.errors import DownloadError, WeightsError
from animate_cli.weights.inspection import inspect_file
from animate_cli.weights.trust import Approve, Doubt, UntrustedError, compute_sha256, judge, settle


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
    if len(failures) == 1:
        raise failures[0]
    raise DownloadError("; ".join(str(failure) for failure in failures))


class _Source:
    """One address that a published file may come from."""

    def __init__(
        self, entry: ModelEntry, url: str, target: Path, listener: Listener, patience: Patience
    ) -> None:
        self.entry, self.url, self.target = entry, url, target
        self.listener, self.patience = listener, patience
        self.partial = Partial(target)

    def download(self, approve: Approve | None) -> str:
        pieced, (sha256, doubt) = self._fetch(), self._judge()
        if pieced and doubt and doubt.is_contradicted:
            self.listener.note("the pieces of several tries do not make the right file; beginning again")
            self.partial.discard()
            self._fetch()
            sha256, doubt = self._judge()
        if doubt:
            self._settle(doubt, approve)
        self.partial.move_to(self.target)
        return sha256

    def _fetch(self) -> bool:
        pieced = fetch(self.url, self.partial, self.listener, self.patience)
        self.listener.begin("Checking", None)
        report = inspect_file(self.partial.path)
        if report.usable:
            return pieced
        self.partial.discard()
        misfit = f"; {report.advice}" if report.kind == "published checkpoint" else ""
        raise DownloadError(f"{show_url(self.url)}: the server sent {report.description}{misfit}")

    def _judge(self) -> tuple[str, Doubt | None]:
        sha256 = compute_sha256(self.partial.path)
        return sha256, judge(self.entry, sha256, self.target.parent)

    def _settle(self, doubt: Doubt, approve: Approve | None) -> None:
        """Keep a file that waits for an answer; one that was refused is of no use."""
        try:
            settle(doubt, self.target.parent, approve)
        except UntrustedError as error:
            if doubt.is_contradicted or not error.unanswered:
                self.partial.discard()
            raise
