import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.model import blocks
from animate_cli.model.blocks import UpBlock
from animate_cli.model.scaling import average_pool, nearest_kernel

LAYOUTS = [torch.contiguous_format, torch.channels_last]


def seeded(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("gradient_layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_pooling_and_its_gradient_are_pytorchs_to_the_last_bit(
    layout: torch.memory_format, gradient_layout: torch.memory_format, dtype: torch.dtype
) -> None:
    x = seeded(2, 5, 8, 12).to(dtype).contiguous(memory_format=layout).requires_grad_(True)
    gradient = seeded(2, 5, 4, 6).to(dtype).contiguous(memory_format=gradient_layout)
    (ours,) = torch.autograd.grad(average_pool(x), [x], gradient)
    (theirs,) = torch.autograd.grad(F.avg_pool2d(x, 2), [x], gradient)
    assert torch.equal(ours, theirs)
    assert torch.equal(average_pool(x), F.avg_pool2d(x, 2))
    assert ours.is_contiguous(memory_format=layout)


def trained(block: UpBlock, x: Tensor) -> dict[str, Tensor]:
    """Return all that a step of training makes of a block."""
    x = x.clone().requires_grad_(True)
    y = block.train()(x)
    (y * seeded(*y.shape)).sum().backward()
    assert x.grad is not None
    gradients = {name: weight.grad for name, weight in block.named_parameters() if weight.grad is not None}
    return {"output": y.detach(), "input": x.grad, **gradients, **dict(block.named_buffers())}


def test_a_merged_up_block_trains_as_a_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = UpBlock(6, 5)
    merged, x = copy.deepcopy(plain), seeded(3, 6, 10, 14)
    wanted = trained(plain, x)
    monkeypatch.setattr(blocks, "MERGED_FROM", 1)
    found = trained(merged, x)
    assert wanted.keys() - found.keys() == {"conv.bias"}
    assert wanted["conv.bias"].abs().max() < 1e-4
    for name, value in found.items():
        torch.testing.assert_close(value, wanted[name], rtol=1e-4, atol=1e-4, msg=name)


@pytest.mark.parametrize(("count", "side", "merges"), [(2, 32, True), (1, 32, False)])
def test_kernels_are_merged_for_large_pictures_in_training_only(
    count: int, side: int, merges: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Tensor] = []

    def watched(weight: Tensor) -> Tensor:
        seen.append(weight)
        return nearest_kernel(weight)

    monkeypatch.setattr(blocks, "nearest_kernel", watched)
    block, x = UpBlock(3, 4), seeded(count, 3, side, side)
    block.train()(x)
    assert bool(seen) == merges
    seen.clear()
    block.eval()(x)
    UpBlock(3, 4, "bilinear")(x)
    assert not seen
