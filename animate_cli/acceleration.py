"""Device and precision: the one place that asks what this machine can do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import torch
from torch import nn

from animate_cli.errors import DeviceError
from animate_cli.fast.eight_bits import multiplies_bytes
from animate_cli.fast.model import FastMotionModel
from animate_cli.model.motion_model import MotionModel

Network = TypeVar("Network", bound=nn.Module)

EIGHT_BITS = "int8"

PRECISIONS = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    EIGHT_BITS: torch.bfloat16,
}
"""What the networks compute in; with int8 their largest convolutions multiply bytes."""


@dataclass(frozen=True)
class Acceleration:
    """Where and how precisely the networks run."""

    device: torch.device
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        """The networks' floating type."""
        return PRECISIONS[self.precision]

    def __str__(self) -> str:
        return f"{self.device}, {self.precision}"


def choose_acceleration(device: str = "auto", precision: str = "auto") -> Acceleration:
    """Choose what this machine does best, or check what was asked for.

    Raises:
        DeviceError: the device or precision is unknown or not available here.
    """
    chosen = choose_device(device)
    return Acceleration(chosen, choose_precision(precision, chosen))


def choose_device(name: str = "auto") -> torch.device:
    """Turn ``auto``, ``cpu``, ``cuda[:N]`` or ``mps`` into a device that exists.

    Raises:
        DeviceError: the name is unknown or the device is not available.
    """
    if name == "auto":
        return torch.device(_best_device())
    kind, colon, index = name.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (colon and (kind != "cuda" or not index.isdecimal())):
        raise DeviceError(f"unknown device {name!r}; use auto, cpu, cuda, cuda:N or mps")
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        raise DeviceError(f"device {name!r} is not available: {torch.cuda.device_count()} CUDA devices found")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("device 'mps' is not available on this machine; use --device auto")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """Turn ``auto`` into the fastest precision that the device computes natively, or check the given one.

    Raises:
        DeviceError: the precision is unknown, or would be slower than float32 here.
    """
    if name == "auto":
        return _best_precision(device)
    if name not in PRECISIONS:
        raise DeviceError(f"unknown precision {name!r}; use auto, {', '.join(PRECISIONS)}")
    if name == "fp16" and device.type == "cpu":
        raise DeviceError("precision fp16 is far slower than fp32 on a CPU; use auto, bf16 or fp32")
    if name == "bf16" and device.type == "cpu" and not _cpu_takes_bfloat16():
        raise DeviceError("precision bf16 needs a CPU with AVX-512, which this one lacks; use auto or fp32")
    if name == EIGHT_BITS and not (device.type == "cpu" and multiplies_bytes() and _cpu_computes_bfloat16()):
        raise DeviceError(
            "precision int8 needs a CPU that multiplies bytes (AVX-512 VNNI or AMX) and bfloat16; use auto"
        )
    return name


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _best_precision(device: torch.device) -> str:
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device)[0] >= 8 else "fp16"
    if device.type == "cpu":
        return "bf16" if _cpu_computes_bfloat16() else "fp32"
    return "fp32"


@cache
def _cpu_computes_bfloat16() -> bool:
    """Whether the CPU has bfloat16 arithmetic (AVX-512 BF16 or AMX); elsewhere it is emulated and slow."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16") or capabilities.get("bf16"))


@cache
def _cpu_takes_bfloat16() -> bool:
    """Whether convolutions take bfloat16 here at all, if need be by way of float32."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def prepare(model: MotionModel, acceleration: Acceleration) -> FastMotionModel:
    """Return the model's quick twin, on the device and in the precision; the given one is left as it is."""
    eight_bits = acceleration.precision == EIGHT_BITS
    return FastMotionModel(model, eight_bits=eight_bits).place(acceleration.device, acceleration.dtype)


def channels_last(network: Network) -> Network:
    """Lay out every kernel with its channels last, in place: what convolutions are fastest with."""
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


@contextmanager
def explained_memory(
    batch_size: int | None,
    option: str = "--batch-size ",
    last_resort: str = "a smaller --size, or --device cpu",
) -> Iterator[None]:
    """Turn running out of memory into an error that says what batch size to try.

    Args:
        batch_size: that is used inside the block; None where no batch is at work.
        option: what the user sets it with, up to the number.
        last_resort: what to try where the batch cannot be smaller.

    Raises:
        DeviceError: memory ran out inside the block.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not _tells_of_memory(error):
            raise
        work = "" if batch_size is None else f" with batches of {batch_size}"
        advice = f"{option}{batch_size // 2}" if batch_size and batch_size > 1 else last_resort
        raise DeviceError(f"out of memory{work}; try {advice}") from error


def _tells_of_memory(error: Exception) -> bool:
    words = ("allocate memory", "out of memory", "not enough memory", "bad_alloc", "ALLOC_FAILED")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(
        word in str(error) for word in words
    )
