"""Tell what a file is, whatever it is: its kind, sizes and config. Nothing in it is run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from animate_cli.config import ModelConfig
from animate_cli.errors import WeightsError
from animate_cli.weights.checkpoint import read_checkpoint
from animate_cli.weights.info import WeightsInfo
from animate_cli.weights.published import NOT_PUBLISHED, is_published_layout, select_networks
from animate_cli.weights.sniff import GIVE_WEIGHTS, BadFileError, FileKind, safetensors_header, sniff
from animate_cli.weights.storage import read_info

STORED_TYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}


@dataclass(frozen=True)
class FileReport:
    """What a file is.

    description says it in words, advice what would help where it holds no model, and is empty where it does.
    bytes is the file's size, parameters the number of values in the model's tensors. config and info are there
    where the file tells them; facts holds what else it tells, as plain values.
    """

    path: Path
    kind: FileKind
    description: str
    advice: str = ""
    bytes: int = 0
    parameters: int | None = None
    config: ModelConfig | None = None
    info: WeightsInfo | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        """Whether `load_model` takes the file."""
        return not self.advice


def inspect_file(path: str | Path) -> FileReport:
    """Report what a file is; values of tensors are left unread, so that it is quick.

    Raises:
        WeightsError: the file does not exist or cannot be read.
    """
    path = Path(path)
    try:
        container = sniff(path)
        return _inspect_safetensors(path) if container == "safetensors" else _inspect_torch(path)
    except BadFileError as error:
        size = path.stat().st_size
        return FileReport(path, error.kind, error.description, error.advice, size, facts=_facts(path, error))


def _inspect_safetensors(path: Path) -> FileReport:
    header, size = safetensors_header(path), path.stat().st_size
    tensors = [entry for name, entry in header.items() if not name.startswith("__")]
    facts = {"tensors": len(tensors), "stored_as": _stored_types(tensors)}
    parameters = sum(_product(entry["shape"]) for entry in tensors)
    if "format" not in (header.get("__metadata__") or {}):
        description = "a safetensors file, but not one of animate"
        return FileReport(path, "safetensors", description, GIVE_WEIGHTS, size, parameters, facts=facts)
    info = read_info(path)
    return FileReport(path, "weights", "weights of animate", "", size, parameters, info.config, info, facts)


def _inspect_torch(path: Path) -> FileReport:
    checkpoint, size = read_checkpoint(path, shapes_only=True), path.stat().st_size
    facts: dict[str, Any] = {"holds": [str(key) for key in checkpoint]}
    facts |= {key: checkpoint[key] for key in ("epoch",) if isinstance(checkpoint.get(key), int)}
    if not is_published_layout(checkpoint):
        return FileReport(path, "torch file", NOT_PUBLISHED, GIVE_WEIGHTS, size, facts=facts)
    description = "a published checkpoint of the first order motion model"
    try:
        tensors = select_networks(checkpoint, path)
    except WeightsError as error:
        advice = f"it cannot be used: {str(error).removeprefix(f'{path}: ')}"
        return FileReport(path, "published checkpoint", description, advice, size, facts=facts)
    parameters = sum(tensor.numel() for tensor in tensors.state.values())
    return FileReport(
        path, "published checkpoint", description, "", size, parameters, tensors.config, None, facts
    )


def _facts(path: Path, error: BadFileError) -> dict[str, Any]:
    """Read what a Git LFS pointer says of the file it points to."""
    if error.kind != "git lfs pointer":
        return {}
    lines = path.read_text("utf-8", errors="replace")[:1024].splitlines()
    pairs = dict(line.split(" ", 1) for line in lines if " " in line)
    size = pairs.get("size", "")
    return {
        "sha256": pairs.get("oid", "").removeprefix("sha256:"),
        "bytes": int(size) if size.isdigit() else None,
    }


def _stored_types(tensors: list[dict[str, Any]]) -> str:
    kinds = {entry["dtype"] for entry in tensors if len(entry["shape"]) > 1}
    return ", ".join(sorted(STORED_TYPES.get(kind, kind) for kind in kinds))


def _product(shape: list[int]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count
