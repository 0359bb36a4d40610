"""What the machine can do: the rate of a large 3x3 convolution, and of moving memory."""

import time

import torch
from torch import nn

from animate_cli.bench.operations import count_operations

CHANNELS, SIDE = 256, 64
"""Those of the residual blocks of a model for 256x256 pictures, where most of its work is."""

COPIED = 128 << 20
"""Bytes that are copied at once: more than caches hold."""

SECONDS = 0.6
"""How long to measure at least, after one convolution to warm up."""


@torch.inference_mode()
def convolution_rate(device: torch.device, dtype: torch.dtype, batch_size: int) -> float:
    """Measure how many operations a second a 3x3 convolution of a batch of pictures reaches, channels last."""
    convolution = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1).to(device, dtype)
    convolution.weight.data = convolution.weight.data.contiguous(memory_format=torch.channels_last)
    pictures = torch.rand(batch_size, CHANNELS, SIDE, SIDE, device=device, dtype=dtype)
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    operations = count_operations(lambda: convolution(pictures))
    done, elapsed, at_once = 0, 0.0, 1
    while elapsed < SECONDS:
        elapsed = _time(convolution, pictures, at_once, device)
        done, at_once = at_once, at_once * 2
    return operations * done / elapsed


@torch.inference_mode()
def memory_rate(device: torch.device) -> float:
    """Measure how many bytes a second are read and written when a large tensor is copied."""
    here, there = (torch.zeros(COPIED, dtype=torch.uint8, device=device) for _ in range(2))
    there.copy_(here)
    done, elapsed, at_once = 0, 0.0, 1
    while elapsed < SECONDS / 3:
        wait_for(device)
        start = time.perf_counter()
        for _ in range(at_once):
            there.copy_(here)
        wait_for(device)
        elapsed, done, at_once = time.perf_counter() - start, at_once, at_once * 2
    return 2 * COPIED * done / elapsed


def _time(convolution: nn.Module, pictures: torch.Tensor, count: int, device: torch.device) -> float:
    wait_for(device)
    start = time.perf_counter()
    for _ in range(count):
        convolution(pictures)
    wait_for(device)
    return time.perf_counter() - start


def wait_for(device: torch.device) -> None:
    """Wait until a device that works on its own has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
