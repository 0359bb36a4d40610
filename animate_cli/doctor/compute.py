"""torch, the devices it sees, and what `auto` chooses among them."""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

from animate_cli import machine
from animate_cli.doctor.finding import Finding, note, ok, problem
from animate_cli.doctor.loading import load_elsewhere

REINSTALL = "install it again: {python} -m pip install --force-reinstall torch"


def check_torch() -> Iterator[Finding]:
    """Report torch and its threads."""
    complaint = load_elsewhere("torch")
    if complaint:
        yield problem("torch", f"does not load: {complaint}", REINSTALL.format(python=sys.executable))
        return
    import torch

    built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
    limit = os.environ.get("OMP_NUM_THREADS")
    why = f" (OMP_NUM_THREADS={limit})" if limit else ""
    threads = f"threads{why}: {torch.get_num_threads()}, cores: {machine.usable_cores()}"
    yield ok(
        "torch", f"{torch.__version__}, {built}; {threads}",
        version=torch.__version__, cuda=torch.version.cuda,
        threads=torch.get_num_threads(), cores=machine.usable_cores(),
    )  # fmt: skip


def check_device() -> Iterator[Finding]:
    """Report every device, and what ``auto`` chooses."""
    from animate_cli.acceleration import choose_acceleration

    chosen = choose_acceleration()
    devices = list_devices()
    others = [f"{name}: {words}" for name, words in devices.items()]
    yield ok(
        "device", f"auto chooses {chosen}; {'; '.join(others)}",
        devices=devices, auto={"device": str(chosen.device), "precision": chosen.precision},
    )  # fmt: skip
    if chosen.device.type == "cpu" and shutil.which("nvidia-smi"):
        yield note("device", "there is an NVIDIA driver, but torch sees no GPU", _cuda_advice())


def list_devices() -> dict[str, str]:
    """Describe the devices that torch sees by their names."""
    import torch

    devices = {"cpu": machine.processor_name()}
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        devices[f"cuda:{index}"] = _describe(torch.cuda.get_device_properties(index))
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple GPU"
    return devices


def _describe(properties: Any) -> str:  # noqa: ANN401  (torch gives it no public type)
    return f"{properties.name}, {properties.total_memory / 1e9:.0f} GB"


def _cuda_advice() -> str:
    import torch

    if torch.version.cuda is None:
        return "install a CUDA build of torch: https://pytorch.org/get-started/locally/"
    return f"see what nvidia-smi says; this torch wants a driver for CUDA {torch.version.cuda}"
