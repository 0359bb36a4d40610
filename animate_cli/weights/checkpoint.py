"""Read PyTorch files, tensors only: a pickle that asks for anything else is refused before it runs."""

import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import torch

from animate_cli.weights.sniff import DOWNLOAD_AGAIN, LEGACY_TORCH, BadFileError, show

TRUNCATED = "a truncated or damaged PyTorch file"
ADVICE_TENSORS_ONLY = "only files that hold nothing but tensors are read"


def read_checkpoint(path: Path, *, shapes_only: bool = False) -> dict[str, Any]:
    """Read a file of torch.save, legacy or zip, on the CPU.

    Args:
        path: a file that `sniff` calls a torch file.
        shapes_only: leave the tensors' values unread.

    Raises:
        BadFileError: it is damaged, holds more than tensors, or is not a dictionary.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = _load(path, shapes_only)
    except pickle.UnpicklingError as error:
        raise _explain(path, str(error)) from None
    except Exception:  # what a damaged pickle raises is anyone's guess
        raise BadFileError(path, "truncated", TRUNCATED, DOWNLOAD_AGAIN) from None
    if not isinstance(content, dict):
        description = f"a PyTorch file that holds a {type(content).__name__}, not networks"
        raise BadFileError(path, "torch file", description)
    if sum(_storages(content).values()) > path.stat().st_size:
        raise BadFileError(path, "truncated", TRUNCATED, DOWNLOAD_AGAIN)
    return content


def _load(path: Path, shapes_only: bool) -> Any:  # noqa: ANN401
    with path.open("rb") as file:
        legacy = file.read(len(LEGACY_TORCH)) == LEGACY_TORCH
    device = "meta" if shapes_only else "cpu"
    return torch.load(path, map_location=device, weights_only=True, mmap=not legacy and not shapes_only)


def _storages(content: object) -> dict[int, int]:
    """Return the bytes of each storage behind the tensors in nested dictionaries, without values too."""
    if isinstance(content, torch.Tensor):
        storage = content.untyped_storage()
        return {storage._cdata: storage.nbytes()}
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    return {key: size for value in inner for key, size in _storages(value).items()}


def _explain(path: Path, reason: str) -> BadFileError:
    """Turn the unpickler's refusal into ours; it names what the pickle asked for, where it asked for code."""
    asked = re.search(r"GLOBAL ([\w.]+)", reason)
    if asked is None and not any(
        words in reason for words in ("Trying to call", "Can only build", "Can not")
    ):
        return BadFileError(path, "truncated", TRUNCATED, DOWNLOAD_AGAIN)
    what = show(asked[1]) if asked else "an object"
    description = f"a pickle that asks to run or build {what}, so it was not loaded and nothing in it was run"
    return BadFileError(path, "pickle with code", description, ADVICE_TENSORS_ONLY)
