"""Tell what a file is, whatever it is: its kind, sizes and config. Nothing in it is run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from animate_cli.config import ModelConfig
from animate_cli.errors import WeightsError
from animate_cli.weights.checkpoint import read_checkpoint
from animate_cli.weights.info import WeightsInfo
from animate_cli.weights.published import NOT_PUBLISHED, is_published_layout, select_networks
from animate_cli.weights.sniff import GIVE_WEIGHTS, BadFileError, FileKind, sniff
from animate_cli.weights.storage import check_tensors, empty_model, read_info, read_shapes, show_type

PUBLISHED = "a published checkpoint of the first order motion model"
OURS = "weights of animate"


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
        return _inspect_safetensors(path) if sniff(path) == "safetensors" else _inspect_torch(path)
    except BadFileError as error:
        size = path.stat().st_size
        return FileReport(path, error.kind, error.description, error.advice, size, facts=_facts(path, error))


def _inspect_safetensors(path: Path) -> FileReport:
    state = read_shapes(path)
    kernels = {show_type(tensor) for tensor in state.values() if tensor.ndim > 1}
    facts = {"tensors": len(state), "stored_as": sorted(kernels)}
    size = path.stat().st_size
    report = FileReport(path, "weights", OURS, bytes=size, parameters=_count(state), facts=facts)
    try:
        info = read_info(path)
        report = replace(report, info=info, config=info.config)
        check_tensors(empty_model(info.config, origin=str(path)), state, origin=str(path))
    except BadFileError as error:
        return replace(report, kind=error.kind, description=error.description, advice=error.advice)
    except WeightsError as error:
        return _unusable(report, error)
    return report


def _inspect_torch(path: Path) -> FileReport:
    checkpoint = read_checkpoint(path, shapes_only=True)
    facts: dict[str, Any] = {"holds": [str(key) for key in checkpoint]}
    facts |= {"epoch": checkpoint["epoch"]} if isinstance(checkpoint.get("epoch"), int) else {}
    report = FileReport(path, "torch file", NOT_PUBLISHED, GIVE_WEIGHTS, path.stat().st_size, facts=facts)
    if not is_published_layout(checkpoint):
        return report
    report = replace(report, kind="published checkpoint", description=PUBLISHED, advice="")
    try:
        tensors = select_networks(checkpoint, path)
    except WeightsError as error:
        return _unusable(report, error)
    return replace(report, parameters=_count(tensors.state), config=tensors.config)


def _unusable(report: FileReport, error: WeightsError) -> FileReport:
    problem = str(error).removeprefix(f"{report.path}: ")
    return replace(report, advice=f"it cannot be used: {problem}")


def _count(state: Mapping[str, Tensor]) -> int:
    return sum(tensor.numel() for tensor in state.values())


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
