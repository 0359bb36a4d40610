"""Our weights files: safetensors with the model's tensors, and its facts as metadata."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from animate_cli.config import ModelConfig
from animate_cli.config_rules import check_values
from animate_cli.errors import ConfigError, WeightsError
from animate_cli.files import atomic_path, explain
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights.info import WeightsInfo, from_metadata, to_metadata
from animate_cli.weights.sniff import DOWNLOAD_AGAIN, BadFileError, show

Precision = Literal["float32", "float16", "bfloat16"]
STORED_TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
DTYPES: dict[Precision, torch.dtype] = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


def save_weights(
    path: str | Path, model: MotionModel, info: WeightsInfo, *, precision: Precision = "float32"
) -> None:
    """Write a model and its facts; a file that was there is replaced only once the new one is complete.

    Args:
        path: ends in .safetensors.
        model: whose config must be the one in ``info``.
        info: the facts that travel with the tensors.
        precision: of stored kernels and matrices; biases and statistics stay in float32.

    Raises:
        WeightsError: the file cannot be written, or a value does not fit the precision.
    """
    if info.config != model.config:
        raise WeightsError(f"{path}: the facts to be saved describe another config than the model's")
    metadata = to_metadata(info)
    state = {name: _store(name, tensor, precision) for name, tensor in model.state_dict().items()}
    _write_whole(Path(path), state, metadata)


def read_weights(path: Path) -> tuple[MotionModel, WeightsInfo]:
    """Read one of our files into a model in evaluation mode, float32, on the CPU.

    Raises:
        WeightsError: the file is not ours or damaged, or its tensors do not fit its config.
    """
    info = read_info(path)
    with _opened(path) as file:
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return build_model(info.config, state, origin=str(path)), info


def read_info(path: Path) -> WeightsInfo:
    """Read the facts of one of our files, and none of its tensors.

    Raises:
        WeightsError: the file is not ours, or damaged.
    """
    with _opened(path) as file:
        metadata = file.metadata() or {}
    if metadata.get("format", "").startswith("animate-motion/"):
        raise BadFileError(path, "safetensors", "a saved motion, not weights", "give it as DRIVING")
    if "format" not in metadata:
        raise BadFileError(path, "safetensors", "a safetensors file, but not one of animate")
    return from_metadata(metadata, origin=str(path))


def read_shapes(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file without their values.

    Raises:
        WeightsError: the file is damaged.
    """
    with _opened(path) as file:
        return {name: _without_values(file.get_slice(name)) for name in file.keys()}  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        description = f"a damaged or unreadable safetensors file ({_reason(error)})"
        raise BadFileError(path, "truncated", description, DOWNLOAD_AGAIN) from None


def build_model(config: ModelConfig, state: Mapping[str, Tensor], *, origin: str) -> MotionModel:
    """Build a model around given tensors, without the cost of initial values: evaluation mode, float32.

    Raises:
        WeightsError: a tensor is missing, left over, has another shape, or holds what is not a number; the
            message begins with ``origin``.
    """
    model = empty_model(config, origin=origin)
    check_tensors(model, state, origin=origin)
    expected = model.state_dict()
    whole = {name: tensor.to(expected[name].dtype) for name, tensor in state.items()}
    for name, tensor in whole.items():
        if tensor.dtype.is_floating_point and not tensor.isfinite().all():
            raise BadFileError(
                Path(origin), "truncated", f"tensor {name} holds what is not a number", DOWNLOAD_AGAIN
            )
    model.load_state_dict(whole, assign=True)
    return model.eval()


def empty_model(config: ModelConfig, *, origin: str) -> MotionModel:
    """Build a model whose tensors have shapes but no values.

    Raises:
        WeightsError: no model can be built from the config.
    """
    try:
        check_values(config, origin="config")
        with torch.device("meta"):
            return MotionModel(config)
    except ConfigError as error:
        raise WeightsError(f"{origin}: {error}") from None


def check_tensors(
    module: nn.Module, state: Mapping[str, Tensor], *, origin: str, shown: Mapping[str, str] | None = None
) -> None:
    """Make sure that tensors have the names and shapes that a network needs.

    Args:
        module: the network.
        state: the tensors under the network's names.
        origin: of the tensors, for the message.
        shown: what to call a tensor in the message, where that is not its name.

    Raises:
        WeightsError: one does not; the first is named.
    """
    expected, shown = module.state_dict(), shown or {}
    for name, tensor in expected.items():
        if name not in state:
            raise WeightsError(f"{origin}: tensor {shown.get(name, name)} is missing")
        if state[name].shape != tensor.shape:
            given, needed = _show_shape(state[name]), _show_shape(tensor)
            raise WeightsError(f"{origin}: tensor {shown.get(name, name)} is {given}, but must be {needed}")
        if state[name].dtype.is_floating_point != tensor.dtype.is_floating_point:
            raise WeightsError(
                f"{origin}: tensor {shown.get(name, name)} is of type {show_type(state[name])}"
            )
    extra = next((name for name in state if name not in expected), None)
    if extra is not None:
        raise WeightsError(f"{origin}: tensor {show(shown.get(extra, extra))} has no place in this model")


def show_type(tensor: Tensor) -> str:
    """Say a tensor's type, such as float32."""
    return str(tensor.dtype).removeprefix("torch.")


def _without_values(part: Any) -> Tensor:  # noqa: ANN401
    dtype = STORED_TYPES.get(part.get_dtype(), torch.uint8)
    return torch.empty(part.get_shape(), dtype=dtype, device="meta")


def _show_shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a single number"


def _store(name: str, tensor: Tensor, precision: Precision) -> Tensor:
    tensor = tensor.detach().cpu()
    if tensor.dtype.is_floating_point:
        tensor = _cast(name, tensor.float(), DTYPES[precision]) if tensor.ndim > 1 else tensor.float()
    return tensor.contiguous()


def _cast(name: str, tensor: Tensor, dtype: torch.dtype) -> Tensor:
    stored = tensor.to(dtype)
    if dtype == torch.float16 and bool(stored.isinf().any()) and not bool(tensor.isinf().any()):
        raise WeightsError(f"tensor {name} does not fit into float16; store it in bfloat16 or float32")
    return stored


def _write_whole(path: Path, state: dict[str, Tensor], metadata: dict[str, str]) -> None:
    try:
        with atomic_path(path) as temporary:
            save_file(state, temporary, metadata)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be written ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    return show(explain(error))
