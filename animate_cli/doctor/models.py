"""Weights: those that come with the package, named ones in the cache folder, and those of detectors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from animate_cli.catalogue import DEFAULT_MODEL, MODELS, ModelEntry, cache_folder, find_file
from animate_cli.doctor.finding import Finding, note, ok, problem, reason
from animate_cli.files import hash_file

AGAIN = "install animate again, which brings the file along"


@dataclass(frozen=True)
class DetectorFile:
    """A network of others that is used where its file is there. Its name ends in the hash it begins with."""

    name: str
    url: str
    purpose: str

    @property
    def wanted_hash(self) -> str:
        """The first digits of the file's SHA-256, as torch's hub writes them into names."""
        found = re.search(r"-([0-9a-f]{8,})\.", self.name)
        return found[1] if found else ""


FACES = "https://www.adrianbulat.com/downloads/python-fan"
DETECTORS = (
    DetectorFile("s3fd-619a316812.pth", f"{FACES}/s3fd-619a316812.pth", "finding faces"),
    DetectorFile("2DFAN4-11f355bf06.pth.tar", f"{FACES}/2DFAN4-11f355bf06.pth.tar", "landmarks of faces"),
    DetectorFile(
        "vgg19-dcbb9e9d.pth",
        "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
        "the perceptual loss of training",
    ),
)


def check_bundled() -> Iterator[Finding]:
    """Report the models that come with the package: there, unchanged, and loadable."""
    for entry in MODELS:
        if entry.bundled:
            yield _check_entry(entry)


def _check_entry(entry: ModelEntry) -> Finding:
    say = problem if entry.name == DEFAULT_MODEL else note
    path = find_file(entry)
    if path is None:
        return say("weights", f"{entry.name}: {entry.file} is missing", AGAIN)
    try:
        found = hash_file(path)
    except OSError as error:
        return say("weights", f"{entry.name}: {path} cannot be read ({reason(error)})", AGAIN)
    if entry.sha256 and found != entry.sha256:
        return say("weights", f"{entry.name}: {path} is damaged or was changed (SHA-256 {found})", AGAIN)
    from animate_cli.errors import AnimateError
    from animate_cli.weights import load_model

    try:
        load_model(path)
    except AnimateError as error:
        return say("weights", f"{entry.name}: {reason(error)}", AGAIN)
    return ok("weights", f"{entry.name}: {path}, unchanged, loads", path=str(path), sha256=found)


def check_named() -> Iterator[Finding]:
    """Report the named models in the cache folder, and which are not there."""
    from animate_cli.weights import inspect_file

    absent = []
    for entry in MODELS:
        path = find_file(entry)
        if entry.bundled:
            continue
        if path is None:
            absent.append(entry.name)
            continue
        report = inspect_file(path)
        text = f"{entry.name}: {path}, {report.description}"
        yield ok("models", text, path=str(path)) if report.usable else note("models", text, report.advice)
    if absent:
        text = f"not here: {', '.join(absent)}"
        advice = f"`animate weights get NAME` downloads one into {cache_folder()}"
        yield note("models", text, advice, absent=absent)


def check_detectors() -> Iterator[Finding]:
    """Report the files of detectors, and where to put those that are missing."""
    import torch

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    for file in DETECTORS:
        yield check_detector(file, folder)


def check_detector(file: DetectorFile, folder: Path) -> Finding:
    """Report one file of a detector."""
    path = folder / file.name
    advice = f"for {file.purpose}, put {file.url} into {folder}"
    if not path.is_file():
        return note("detectors", f"{file.name} is not here", advice, file=file.name, path=None)
    try:
        right = hash_file(path).startswith(file.wanted_hash)
    except OSError as error:
        return note("detectors", f"{path} cannot be read ({reason(error)})", advice, file=file.name)
    if not right:
        return note("detectors", f"{path} is damaged or another file", advice, file=file.name)
    return ok("detectors", f"{path}, for {file.purpose}", file=file.name, path=str(path))
