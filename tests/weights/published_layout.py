"""Write checkpoints in the published FOMM layout from nothing but sizes: names are spelled out here again.

Values come from numpy's RandomState, whose streams never change, so that reference numbers stay valid.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

State = OrderedDict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    """Sizes of the published networks: (base channels, largest channels, blocks)."""

    keypoints: int = 4
    detector: tuple[int, int, int] = (4, 12, 2)
    motion: tuple[int, int, int] = (6, 16, 3)
    generator: tuple[int, int, int] = (5, 14, 2)
    discriminator: tuple[int, int, int] = (3, 10, 3)
    residuals: int = 2
    detector_taps: int = 13
    shared_jacobian: bool = False
    spectral_norm: bool = False
    use_kp: bool = False


VOX = Sizes(10, (32, 1024, 5), (64, 1024, 5), (64, 512, 2), (32, 512, 4), 6, spectral_norm=True)


class Filler:
    """Makes tensors: seeded random ones, or quickly constant ones where ``seed`` is None."""

    def __init__(self, seed: int | None) -> None:
        self.random = None if seed is None else np.random.RandomState(seed)

    def normal(self, *shape: int, deviation: float = 1.0, mean: float = 0.0) -> Tensor:
        if self.random is None:
            return torch.full(shape, mean + 0.01)
        return torch.from_numpy((mean + deviation * self.random.standard_normal(shape)).astype(np.float32))

    def convolution(self, name: str, outer: int, inner: int, kernel: int) -> State:
        deviation = (2 / (inner * kernel**2)) ** 0.5
        return OrderedDict(
            {
                f"{name}.weight": self.normal(outer, inner, kernel, kernel, deviation=deviation),
                f"{name}.bias": self.normal(outer, deviation=0.1),
            }
        )

    def affine(self, name: str, channels: int) -> State:
        return OrderedDict(
            {
                f"{name}.weight": self.normal(channels, deviation=0.1, mean=1.0),
                f"{name}.bias": self.normal(channels, deviation=0.1),
            }
        )

    def batch_norm(self, name: str, channels: int) -> State:
        statistics = {
            f"{name}.running_mean": self.normal(channels, deviation=0.1),
            f"{name}.running_var": self.normal(channels, deviation=0.1).abs() + 0.5,
            f"{name}.num_batches_tracked": torch.tensor(17),
        }
        return OrderedDict(self.affine(name, channels) | statistics)

    def block(self, name: str, outer: int, inner: int, kernel: int = 3) -> State:
        return join(
            [self.convolution(f"{name}.conv", outer, inner, kernel), self.batch_norm(f"{name}.norm", outer)]
        )

    def hourglass(self, name: str, inner: int, sizes: tuple[int, int, int]) -> State:
        base, largest, blocks = sizes
        widths = [inner, *(min(largest, base * 2 ** (i + 1)) for i in range(blocks))]
        state = [
            self.block(f"{name}.encoder.down_blocks.{i}", widths[i + 1], widths[i]) for i in range(blocks)
        ]
        for i in range(blocks):
            level = blocks - 1 - i
            taken = min(largest, base * 2 ** (level + 1)) * (1 if i == 0 else 2)
            state.append(self.block(f"{name}.decoder.up_blocks.{i}", min(largest, base * 2**level), taken))
        return join(state)


def join(states: Iterable[State]) -> State:
    return OrderedDict((name, tensor) for state in states for name, tensor in state.items())


def gaussian_kernel(taps: int) -> Tensor:
    """Make the stored filter [3, 1, taps, taps] of anti-aliased downscaling, in two dimensions at once."""
    sigma = {13: 1.5, 5: 0.5}[taps]
    places = np.arange(taps) - (taps - 1) / 2
    kernel = np.exp(-(places[:, None] ** 2 + places[None] ** 2) / (2 * sigma**2))
    return torch.from_numpy((kernel / kernel.sum()).astype(np.float32)).expand(3, 1, taps, taps).clone()


def detector_state(fill: Filler, sizes: Sizes) -> State:
    features, maps = sizes.detector[0] + 3, 1 if sizes.shared_jacobian else sizes.keypoints
    state = join(
        [
            fill.hourglass("predictor", 3, sizes.detector),
            fill.convolution("kp", sizes.keypoints, features, 7),
            fill.convolution("jacobian", 4 * maps, features, 7),
        ]
    )
    if sizes.detector_taps > 1:
        state["down.weight"] = gaussian_kernel(sizes.detector_taps)
    return state


def generator_state(fill: Filler, sizes: Sizes) -> State:
    base, largest, downs = sizes.generator
    motions = sizes.keypoints + 1
    features = sizes.motion[0] + 4 * motions
    widths = [min(largest, base * 2**i) for i in range(downs + 1)]
    states = [
        fill.hourglass("dense_motion_network.hourglass", 4 * motions, sizes.motion),
        fill.convolution("dense_motion_network.mask", motions, features, 7),
        fill.convolution("dense_motion_network.occlusion", 1, features, 7),
        OrderedDict({"dense_motion_network.down.weight": gaussian_kernel(13)}),
        fill.block("first", widths[0], 3, 7),
        *(fill.block(f"down_blocks.{i}", widths[i + 1], widths[i]) for i in range(downs)),
        *(fill.block(f"up_blocks.{i}", widths[downs - 1 - i], widths[downs - i]) for i in range(downs)),
    ]
    for i in range(sizes.residuals):
        for j in (1, 2):
            states.append(fill.convolution(f"bottleneck.r{i}.conv{j}", widths[-1], widths[-1], 3))
            states.append(fill.batch_norm(f"bottleneck.r{i}.norm{j}", widths[-1]))
    return join([*states, fill.convolution("final", 3, widths[0], 7)])


def discriminator_state(fill: Filler, sizes: Sizes) -> State:
    base, largest, blocks = sizes.discriminator
    inner = 3 + (sizes.keypoints if sizes.use_kp else 0)
    widths = [inner, *(min(largest, base * 2 ** (i + 1)) for i in range(blocks))]
    states = []
    for i in range(blocks):
        name = f"discs.1.down_blocks.{i}"
        convolution = fill.convolution(f"{name}.conv", widths[i + 1], widths[i], 4)
        states.append(with_spectral_norm(fill, convolution) if sizes.spectral_norm else convolution)
        if i > 0:
            states.append(fill.affine(f"{name}.norm", widths[i + 1]))
    last = fill.convolution("discs.1.conv", 1, widths[-1], 1)
    states.append(with_spectral_norm(fill, last) if sizes.spectral_norm else last)
    return join(states)


def with_spectral_norm(fill: Filler, state: State) -> State:
    """Store a convolution as the spectral norm of PyTorch 1 does: weight_orig and two unit vectors."""
    name, weight = next((name, tensor) for name, tensor in state.items() if name.endswith(".weight"))
    bias = {key: tensor for key, tensor in state.items() if key != name}
    u, v = fill.normal(weight.shape[0]), fill.normal(weight[0].numel())
    return OrderedDict(bias | {f"{name}_orig": weight, f"{name}_u": u / u.norm(), f"{name}_v": v / v.norm()})


def make_checkpoint(sizes: Sizes, *, seed: int | None = 0, optimisers: bool = False) -> dict[str, Any]:
    """Make the content of a published checkpoint."""
    fill = Filler(seed)
    networks = {
        "generator": generator_state(fill, sizes),
        "kp_detector": detector_state(fill, sizes),
        "discriminator": discriminator_state(fill, sizes),
    }
    states = (
        {f"optimizer_{name}": adam_state(state) for name, state in networks.items()} if optimisers else {}
    )
    return networks | states | {"epoch": 99}


def adam_state(state: State) -> dict[str, Any]:
    moments = [torch.zeros_like(tensor) for tensor in state.values() if tensor.is_floating_point()]
    steps = {i: {"step": 10, "exp_avg": m, "exp_avg_sq": m.clone()} for i, m in enumerate(moments)}
    return {"state": steps, "param_groups": [{"lr": 2e-4, "betas": (0.5, 0.999), "params": list(steps)}]}


def write_checkpoint(path: Path, content: dict[str, Any], *, legacy: bool = False) -> Path:
    """Save a checkpoint in the legacy file format or as zip."""
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path
