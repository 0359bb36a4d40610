"""The models that have a name: what each was trained on, and where its file is looked for.

To add one, give it a row in `MODELS`. Bundled models come with the package; the published ones of the first
order motion model are downloaded into the cache folder, or put there by the user. Nothing here loads torch.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from animate_cli.errors import WeightsError
from animate_cli.files import show_bytes

Domain = Literal["any", "face", "body", "animal"]
Style = Literal["photo", "toon"]

DEFAULT_MODEL = "toon-face"
OR_FILE = "; or give a file's path"
PACKAGE = Path(__file__).parent
BUNDLED_FOLDERS = (PACKAGE / "bundled_weights", PACKAGE.parent / "weights")
RELEASE = "https://github.com/graphemecluster/first-order-model-demo/releases/download/checkpoints"


@dataclass(frozen=True)
class ModelEntry:
    """A named model. ``size`` (bytes, about) and ``sha256`` are of ``file``, None where not known."""

    name: str
    file: str
    domain: Domain
    style: Style
    trained_on: str
    licence: str
    size: int | None = None
    sha256: str | None = None
    sources: tuple[str, ...] = ()

    @property
    def bundled(self) -> bool:
        """Whether the model comes with the package."""
        return not self.sources


class NotHereError(WeightsError):
    """A named model that could be downloaded is not here."""

    def __init__(self, entry: ModelEntry) -> None:
        super().__init__(
            f"{entry.name}: not here yet; `animate weights get {entry.name}` downloads it"
            f"{f' ({show_bytes(entry.size)})' if entry.size else ''}, or put {entry.file} "
            f"(from {entry.sources[0]}) into {cache_folder()}"
        )
        self.entry = entry


@dataclass(frozen=True)
class ModelListing:
    """A named model and the file that holds it here, or None where there is none."""

    entry: ModelEntry
    path: Path | None


def _published(
    name: str, domain: Domain, trained_on: str, *, size: int | None = None, sha256: str | None = None
) -> ModelEntry:
    file = "fashion.pth.tar" if name == "fashion" else f"{name}-cpk.pth.tar"
    licence = "MIT (first-order-model); the training data has terms of its own"
    style: Style = "toon" if name == "mgif" else "photo"
    return ModelEntry(name, file, domain, style, trained_on, licence, size, sha256, (f"{RELEASE}/{file}",))


MODELS: tuple[ModelEntry, ...] = (
    ModelEntry(
        "toon-face",
        "toon-face.safetensors",
        "face",
        "toon",
        "procedural cartoon faces (toons)",
        "MIT",
        size=12_425_192,
        sha256="be4715a195acd4041c7441bda7e0365b652b12b812051c9372f077b9a6cbd7c0",
    ),
    _published(
        "vox",
        "face",
        "VoxCeleb: talking faces",
        size=729_000_000,
        sha256="abb41ab1f279f26326c0d6e4d20702de6658364665aa1313daa7a63e89ea2b23",
    ),
    _published(
        "vox-adv",
        "face",
        "VoxCeleb: talking faces, adversarial",
        size=751_000_000,
        sha256="6792d6810d7f46e3c5c487a1cfec916b96fad8912c3c6cc81baa1fc300c820d3",
    ),
    _published("taichi", "body", "TaiChiHD: whole bodies"),
    _published(
        "taichi-adv",
        "body",
        "TaiChiHD: whole bodies, adversarial",
        size=751_000_000,
        sha256="cf17bbb05bece3a75f353e42699a4c3ddc8152f486065c2c6741f4d1edecda64",
    ),
    _published("mgif", "animal", "MGIF: cartoon animals walking"),
    _published("fashion", "body", "Fashion: dressed people turning"),
    _published("bair", "any", "BAIR: a robot arm"),
    _published("nemo", "face", "UvA-NEMO: smiling faces"),
)


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for weights from elsewhere: ANIMATE_WEIGHTS_DIR, or the platform's cache folder."""
    if chosen := environment.get("ANIMATE_WEIGHTS_DIR"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "animate"
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(local) / "animate" / "Cache"
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "animate"


def list_sources(entry: ModelEntry, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """List where a published file may be fetched."""
    return mirrored(entry.file, entry.sources, environment)


def mirrored(
    file: str, sources: tuple[str, ...], environment: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """List a file's addresses: under ANIMATE_WEIGHTS_MIRROR, where it is set, then its own."""
    mirror = environment.get("ANIMATE_WEIGHTS_MIRROR")
    return (f"{mirror.rstrip('/')}/{file}", *sources) if mirror else sources


def list_models() -> list[ModelListing]:
    """List every named model and whether it is here."""
    return [ModelListing(entry, find_file(entry)) for entry in MODELS]


def find_file(entry: ModelEntry) -> Path | None:
    """Return the file of a named model, in our format if there is one, or None."""
    return next((path for path in _places(entry) if path.is_file()), None)


def find_entry(name: str) -> ModelEntry:
    """Return the model of this name.

    Raises:
        WeightsError: there is none.
    """
    entry = next((entry for entry in MODELS if entry.name == name), None)
    if entry is None:
        raise WeightsError(f"{name}: no such model{_suggest(name)}")
    return entry


def find_weights(name_or_path: str | Path) -> Path:
    """Turn what the user calls weights into a file: a model's name first, else a path.

    Raises:
        NotHereError: the model can be downloaded, and is not here.
        WeightsError: there is no such model or file.
    """
    entry = next((entry for entry in MODELS if entry.name == str(name_or_path)), None)
    if entry is not None:
        return find_file(entry) or _raise_not_here(entry)
    path = Path(name_or_path).expanduser()
    if path.exists() or path.is_symlink():
        return path
    if path.suffix or path.name != str(name_or_path):
        raise WeightsError(f"{path}: no such file; named models are {', '.join(_names())}")
    raise WeightsError(f"{name_or_path}: no such model or file{_suggest(str(name_or_path), OR_FILE)}")


def entry_of_file(path: Path) -> ModelEntry | None:
    """Return the named model whose file is called like this one, or None."""
    return next((entry for entry in MODELS if path.name in {entry.file, f"{entry.name}.safetensors"}), None)


def _places(entry: ModelEntry) -> Iterator[Path]:
    if entry.bundled:
        yield from (folder / entry.file for folder in BUNDLED_FOLDERS)
    yield cache_folder() / f"{entry.name}.safetensors"
    yield cache_folder() / entry.file


def _raise_not_here(entry: ModelEntry) -> Path:
    if entry.bundled:
        raise WeightsError(
            f"{entry.name}: {entry.file} is missing from this installation; install the package again, or "
            f"put the file into {cache_folder()}"
        )
    raise NotHereError(entry)


def _names() -> list[str]:
    return [entry.name for entry in MODELS]


def _suggest(name: str, otherwise: str = "") -> str:
    near = get_close_matches(name.lower(), _names(), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{hint} (models: {', '.join(_names())}{otherwise})"
