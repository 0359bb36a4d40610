"""Tell what a file is from its first bytes and its frame: nothing is loaded, let alone run."""

import json
import zipfile
from pathlib import Path
from typing import Any, Literal

from animate_cli.errors import WeightsError

FileKind = Literal[
    "weights",
    "published checkpoint",
    "torch file",
    "safetensors",
    "pickle with code",
    "git lfs pointer",
    "html page",
    "truncated",
    "empty",
    "folder",
    "other",
]
LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
LARGEST_HEADER = 100_000_000
DOWNLOAD_AGAIN = "download the file itself again"
GIVE_WEIGHTS = "give a .safetensors file of animate or a published .pth.tar checkpoint"
OTHERS = {
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x89HDF": "an HDF5 file",
}
"""First bytes of files that are often given by mistake."""


class BadFileError(WeightsError):
    """A file that holds no model: what it is, and what would help."""

    def __init__(self, path: Path, kind: FileKind, description: str, advice: str = GIVE_WEIGHTS) -> None:
        super().__init__(f"{path}: {description}; {advice}")
        self.path, self.kind, self.description, self.advice = path, kind, description, advice


def sniff(path: Path) -> Literal["safetensors", "torch file"]:
    """Tell which of the two containers a file is, by its contents.

    Raises:
        BadFileError: it is neither, or its end is missing.
        WeightsError: it does not exist or cannot be read.
    """
    head, size = _read_head(path)
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(path)
    if head.startswith(LEGACY_TORCH):
        return "torch file"
    if _is_safetensors(head):
        return _check_safetensors(path, head, size)
    raise _explain(path, head)


def safetensors_header(path: Path) -> dict[str, Any]:
    """Read the header of a safetensors file: facts under ``__metadata__``, and each tensor's type and place.

    Raises:
        BadFileError: it is not JSON.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length)
    try:
        header: dict[str, Any] = json.loads(text)
        ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
        return header | {"__end__": 8 + length + max(ends, default=0)}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        raise BadFileError(path, "truncated", "a damaged safetensors file", DOWNLOAD_AGAIN) from None


def show(text: object, limit: int = 100) -> str:
    """Make a text that comes out of a file fit for one line of a message."""
    signs = (" " if sign.isspace() else sign if sign.isprintable() else "�" for sign in str(text))
    printable = "".join(signs).strip()
    return printable if len(printable) <= limit else f"{printable[:limit]}…"


def _read_head(path: Path) -> tuple[bytes, int]:
    if path.is_dir():
        raise BadFileError(path, "folder", "a folder, not a file")
    if not path.exists():
        raise WeightsError(f"{path}: no such file")
    if not path.is_file():
        raise BadFileError(path, "other", "not a regular file")
    try:
        with path.open("rb") as file:
            return file.read(1024), path.stat().st_size
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror})") from None


def _sniff_zip(path: Path) -> Literal["torch file"]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise BadFileError(path, "truncated", "a truncated or damaged zip file", DOWNLOAD_AGAIN) from None
    if not any(name.endswith("/data.pkl") for name in names):
        raise BadFileError(path, "other", "a zip archive, not a checkpoint", "unpack it first")
    return "torch file"


def _is_safetensors(head: bytes) -> bool:
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= LARGEST_HEADER


def _check_safetensors(path: Path, head: bytes, size: int) -> Literal["safetensors"]:
    end = 8 + int.from_bytes(head[:8], "little")
    end = end if end > size else safetensors_header(path)["__end__"]
    if end > size:
        description = f"a truncated safetensors file ({size:,} bytes of {end:,} or more)"
        raise BadFileError(path, "truncated", description, DOWNLOAD_AGAIN)
    return "safetensors"


def _explain(path: Path, head: bytes) -> BadFileError:
    if not head:
        return BadFileError(path, "empty", "an empty file", DOWNLOAD_AGAIN)
    if head.startswith(b"version https://git-lfs"):
        description = "a Git LFS pointer, not the file it points to"
        return BadFileError(path, "git lfs pointer", description, "run git lfs pull, or " + DOWNLOAD_AGAIN)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        description = "an HTML page, saved in place of a file"
        return BadFileError(path, "html page", description, "download the file itself, not the page about it")
    if LEGACY_TORCH.startswith(head):
        return BadFileError(path, "truncated", "a truncated PyTorch file", DOWNLOAD_AGAIN)
    if head[0] == 0x80 and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        description = "a Python pickle, not a PyTorch checkpoint, so nothing in it was run"
        return BadFileError(path, "pickle with code", description)
    return BadFileError(path, "other", _describe_unknown(head))


def _describe_unknown(head: bytes) -> str:
    known = next((words for first, words in OTHERS.items() if head.startswith(first)), None)
    if known is not None:
        return known
    if head[257:262] == b"ustar":
        return "a tar archive"
    try:
        text = show(head.decode("ascii"), limit=40)
    except UnicodeDecodeError:
        return "not a weights file"
    return "not a weights file" if "�" in text else f"a text file ({text})"
