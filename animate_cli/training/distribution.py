"""Several processes by Lightning Fabric: started here, or by torchrun."""

import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from animate_cli.acceleration import choose_device
from animate_cli.errors import DeviceError
from animate_cli.training.processes import Alone, Processes

PATIENCE = 10.0
"""Seconds that the other processes are given to end when the first one has."""


@dataclass(frozen=True)
class Crew:
    """How many devices a run uses on each of how many nodes."""

    devices: int = 1
    nodes: int = 1

    @property
    def count(self) -> int:
        """How many processes there are altogether."""
        return self.devices * self.nodes


def plan_crew(devices: int | None, nodes: int | None) -> Crew:
    """Take what was asked for, else what torchrun has started, else one device.

    Raises:
        DeviceError: it is not what torchrun has started.
    """
    if not torch.distributed.is_torchelastic_launched():
        return Crew(devices or 1, nodes or 1)
    local = int(os.environ["LOCAL_WORLD_SIZE"])
    started = Crew(local, int(os.environ["WORLD_SIZE"]) // local)
    if (devices or started.devices, nodes or started.nodes) != (started.devices, started.nodes):
        raise DeviceError(
            f"torchrun has started {started.nodes} nodes of {started.devices} processes: leave out --devices and "
            "--nodes, or give the same numbers"
        )
    return started


def follows(crew: Crew) -> bool:
    """Tell whether this process was started to help another one, which does all the talking and writing."""
    ranks = (os.environ.get(name, "0") for name in ("LOCAL_RANK", "GROUP_RANK", "NODE_RANK"))
    return crew.count > 1 and any(rank != "0" for rank in ranks)


class FabricProcesses:
    """Processes that Fabric connects."""

    def __init__(self, fabric: "Fabric") -> None:  # type: ignore[name-defined]  # noqa: F821
        self.fabric = fabric

    @property
    def rank(self) -> int:
        """This process's number, from 0."""
        return int(self.fabric.global_rank)

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.fabric.world_size)

    def mean(self, tensor: Tensor) -> Tensor:
        """Average a tensor over all processes, in place.

        Raises:
            DeviceError: another process is gone.
        """
        try:
            reduced: Tensor = self.fabric.strategy.all_reduce(tensor, reduce_op="mean")
        except RuntimeError as error:
            raise DeviceError("another process of the run has ended; its own message says why") from error
        return reduced

    def first(self, path: Path) -> Path:
        """Return the path that process 0 has."""
        return Path(self.fabric.broadcast(str(path)))


@contextmanager
def open_processes(device: str, crew: Crew) -> Iterator[tuple[Processes, torch.device]]:
    """Start the processes of a run, or join those that are there; give them and this one's device.

    Raises:
        DeviceError: there are fewer devices than asked for, or the other nodes cannot be found.
    """
    chosen = choose_device(device)
    if crew.count == 1:
        yield Alone(), chosen
        return
    _check_devices(chosen, crew)
    from lightning_fabric import Fabric

    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    fabric = Fabric(accelerator=chosen.type, strategy="ddp", devices=crew.devices, num_nodes=crew.nodes)
    try:
        fabric.launch()
        yield FabricProcesses(fabric), fabric.device
    finally:
        _end(getattr(fabric.strategy.launcher, "procs", []))


def _check_devices(device: torch.device, crew: Crew) -> None:
    if device.type == "mps" or device.index is not None:
        raise DeviceError(f"--devices {crew.devices} cannot go with --device {device}; use cpu or cuda")
    if device.type == "cuda" and crew.devices > torch.cuda.device_count():
        raise DeviceError(f"--devices {crew.devices}: {torch.cuda.device_count()} CUDA devices found")
    if crew.nodes > 1 and "MASTER_ADDR" not in os.environ:
        raise DeviceError(
            "--nodes needs to know where the first node is: start with torchrun, or set MASTER_ADDR, MASTER_PORT "
            "and NODE_RANK on each"
        )


def _end(others: list["subprocess.Popen[bytes]"]) -> None:
    """Leave the group of processes, and see that those started here end too."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    for other in others:
        try:
            other.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            other.terminate()
