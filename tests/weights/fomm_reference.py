"""A plain reading of MODEL's equations for the variant fomm, over published tensor names, loop by loop.

It shares no code with the package. `python -m tests.weights.fomm_reference` computes the numbers kept in
tests/data_files/fomm-seeded.npz from the seeded checkpoints of `published_layout` and the inputs made here.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.weights.published_layout import Sizes, make_checkpoint

FILE = Path(__file__).parents[1] / "data_files" / "fomm-seeded.npz"
CASES = {
    "plain": Sizes(use_kp=True),
    "shared": Sizes(shared_jacobian=True, spectral_norm=True, detector_taps=5),
}
HEIGHT, WIDTH = 64, 32
State = dict[str, Tensor]


def make_inputs() -> tuple[Tensor, Tensor]:
    """Make a source [1, 3, H, W] and two driving frames [2, 3, H, W] of smooth colours."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / 32.0
    frames = [
        np.stack([np.sin(3 * x + t + c) * np.cos(4 * y - t * c) for c in range(3)]) for t in (0.0, 0.7, 1.9)
    ]
    pictures = torch.tensor(np.stack(frames) / 2 + 0.5, dtype=torch.float32)
    return pictures[:1], pictures[1:]


def part(state: State, name: str) -> State:
    return {
        key.removeprefix(f"{name}."): tensor for key, tensor in state.items() if key.startswith(f"{name}.")
    }


def convolve(x: Tensor, state: State, padding: int) -> Tensor:
    return F.conv2d(x, state["weight"], state["bias"], padding=padding)


def normalise(x: Tensor, state: State) -> Tensor:
    shape = (1, -1, 1, 1)
    deviation = torch.sqrt(state["running_var"] + 1e-5).view(shape)
    normal = (x - state["running_mean"].view(shape)) / deviation
    return normal * state["weight"].view(shape) + state["bias"].view(shape)


def block(x: Tensor, state: State) -> Tensor:
    padding = state["conv.weight"].shape[-1] // 2
    return normalise(convolve(x, part(state, "conv"), padding), part(state, "norm")).relu()


def number(state: State, name: str) -> range:
    indices = {int(key.removeprefix(f"{name}.").split(".")[0]) for key in state if key.startswith(f"{name}.")}
    return range(len(indices))


def hourglass(x: Tensor, state: State) -> Tensor:
    levels = [x]
    for i in number(state, "encoder.down_blocks"):
        levels.append(F.avg_pool2d(block(levels[-1], part(state, f"encoder.down_blocks.{i}")), 2))
    x = levels.pop()
    for i in number(state, "decoder.up_blocks"):
        doubled = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        x = torch.cat([block(doubled, part(state, f"decoder.up_blocks.{i}")), levels.pop()], 1)
    return x


def downscale(x: Tensor, kernel: Tensor) -> Tensor:
    taps = kernel.shape[-1]
    blurred = F.conv2d(F.pad(x, [taps // 2] * 4), kernel, groups=3)
    step = {13: 4, 5: 2}[taps]
    return blurred[:, :, ::step, ::step]


def make_grid(height: int, width: int) -> Tensor:
    places = [
        [(2 * j / (width - 1) - 1, 2 * i / (height - 1) - 1) for j in range(width)] for i in range(height)
    ]
    return torch.tensor(places)


def detect(image: Tensor, state: State) -> tuple[Tensor, Tensor]:
    features = hourglass(downscale(image, state["down.weight"]), part(state, "predictor"))
    logits, maps = convolve(features, part(state, "kp"), 0), convolve(features, part(state, "jacobian"), 0)
    count, grid = logits.shape[1], make_grid(logits.shape[2], logits.shape[3])
    values, jacobians = [], []
    for k in range(count):
        heatmap = torch.softmax(logits[:, k].flatten(1) / 0.1, 1).view_as(logits[:, k])
        values.append((heatmap[..., None] * grid).sum((1, 2)))
        four = maps[:, :4] if maps.shape[1] == 4 else maps[:, 4 * k : 4 * k + 4]
        jacobians.append((heatmap[:, None] * four).sum((2, 3)).view(-1, 2, 2))
    return torch.stack(values, 1), torch.stack(jacobians, 1)


def gaussian(point: Tensor, grid: Tensor) -> Tensor:
    return torch.exp(-((grid - point[:, None, None]) ** 2).sum(-1) / 0.02)


def sample(x: Tensor, grid: Tensor) -> Tensor:
    grid = F.interpolate(grid.permute(0, 3, 1, 2), x.shape[2:], mode="bilinear").permute(0, 2, 3, 1)
    return F.grid_sample(x, grid, align_corners=True)


def move(
    source: Tensor, state: State, at_source: tuple[Tensor, Tensor], at: tuple[Tensor, Tensor]
) -> dict[str, Tensor]:
    """Estimate dense motion and paint, for one source and one driving frame."""
    small = downscale(source, state["dense_motion_network.down.weight"])
    grid = make_grid(small.shape[2], small.shape[3])
    flows, entries = [grid[None]], [torch.zeros_like(small[:, :1]), small]
    for k in range(at[0].shape[1]):
        linear = at_source[1][:, k] @ torch.linalg.inv(at[1][:, k])
        offsets = (grid - at[0][:, k, None, None])[..., None]
        flows.append((linear[:, None, None] @ offsets)[..., 0] + at_source[0][:, k, None, None])
        heat = gaussian(at[0][:, k], grid) - gaussian(at_source[0][:, k], grid)
        entries += [heat[:, None], sample(small, flows[-1])]
    features = hourglass(torch.cat(entries, 1), part(state, "dense_motion_network.hourglass"))
    mask = torch.softmax(convolve(features, part(state, "dense_motion_network.mask"), 3), 1)
    flow = sum(mask[:, k, :, :, None] * flows[k] for k in range(len(flows)))
    assert isinstance(flow, Tensor)
    occlusion = torch.sigmoid(convolve(features, part(state, "dense_motion_network.occlusion"), 3))
    return {"mask": mask, "occlusion": occlusion, "prediction": paint(source, state, flow, occlusion)}


def paint(source: Tensor, state: State, flow: Tensor, occlusion: Tensor) -> Tensor:
    x = block(source, part(state, "first"))
    for i in number(state, "down_blocks"):
        x = F.avg_pool2d(block(x, part(state, f"down_blocks.{i}")), 2)
    x = sample(x, flow) * F.interpolate(occlusion, x.shape[2:], mode="bilinear")
    names = sorted({key.split(".")[1] for key in state if key.startswith("bottleneck.")})
    for name in names:
        layer, hidden = part(state, f"bottleneck.{name}"), x
        for j in (1, 2):
            hidden = convolve(normalise(hidden, part(layer, f"norm{j}")).relu(), part(layer, f"conv{j}"), 1)
        x = x + hidden
    for i in number(state, "up_blocks"):
        x = block(x.repeat_interleave(2, 2).repeat_interleave(2, 3), part(state, f"up_blocks.{i}"))
    return torch.sigmoid(convolve(x, part(state, "final"), 3))


def judge(image: Tensor, state: State, points: Tensor, *, use_kp: bool) -> list[Tensor]:
    """Return the discriminator's features and, last, its map."""
    x = image
    if use_kp:
        grid = make_grid(image.shape[2], image.shape[3])
        heat = [gaussian(points[:, k], grid)[:, None] for k in range(points.shape[1])]
        x = torch.cat([image, *heat], 1)
    features = []
    blocks = number(state, "discs.1.down_blocks")
    for i in blocks:
        layer = part(state, f"discs.1.down_blocks.{i}")
        x = F.conv2d(x, unit_weight(part(layer, "conv")), layer["conv.bias"])
        x = x if i == 0 else F.instance_norm(x, weight=layer["norm.weight"], bias=layer["norm.bias"])
        x = torch.where(x > 0, x, 0.2 * x)
        x = x if i == blocks[-1] else F.avg_pool2d(x, 2)
        features.append(x)
    last = part(state, "discs.1.conv")
    return [*features, F.conv2d(x, unit_weight(last), last["bias"])]


def unit_weight(state: State) -> Tensor:
    """Return the weight, over its largest singular value as u and v know it where they are stored."""
    if "weight" in state:
        return state["weight"]
    weight = state["weight_orig"]
    return weight / (state["weight_u"] @ weight.flatten(1) @ state["weight_v"])


def compute(sizes: Sizes) -> dict[str, np.ndarray[Any, Any]]:
    """Compute every number that is kept for a checkpoint of these sizes and seed 0."""
    content = make_checkpoint(sizes)
    source, driving = make_inputs()
    at_source, at_driving = detect(source, content["kp_detector"]), detect(driving, content["kp_detector"])
    frames: Iterable[int] = range(len(driving))
    moved = [
        move(source, content["generator"], at_source, (at_driving[0][[i]], at_driving[1][[i]]))
        for i in frames
    ]
    joined = {name: torch.cat([frame[name] for frame in moved]) for name in moved[0]}
    judged = judge(driving, content["discriminator"], at_driving[0], use_kp=sizes.use_kp)
    kept = {
        "source_value": at_source[0],
        "source_jacobian": at_source[1],
        "driving_value": at_driving[0],
        "driving_jacobian": at_driving[1],
        "mask": joined["mask"],
        "occlusion": joined["occlusion"],
        "prediction": joined["prediction"][:, :, ::3, ::3],
        "features": judged[-2],
        "score": judged[-1],
    }
    return {name: tensor.numpy() for name, tensor in kept.items()}


def main() -> None:
    """Write the file of reference numbers."""
    arrays = {
        f"{case}/{name}": array for case, sizes in CASES.items() for name, array in compute(sizes).items()
    }
    np.savez_compressed(FILE, **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
