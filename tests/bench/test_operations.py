"""Counting operations: against sums made by hand."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from animate_cli.animator import Animator
from animate_cli.arrays import to_pictures
from animate_cli.bench.operations import count_bytes, count_operations
from animate_cli.bench.plain_loop import PlainLoop
from animate_cli.bench.rounds import engine_needs, plain_needs
from animate_cli.fast.convolution import Convolution
from tests.tiny import pictures, tiny_model

LAYERS = [
    (nn.Conv2d(3, 8, 3, padding=1), (2, 3, 10, 12), 2 * (2 * 8 * 10 * 12) * (3 * 3 * 3)),
    (nn.Conv2d(3, 8, 3, stride=2), (1, 3, 11, 13), 2 * (8 * 5 * 6) * (3 * 3 * 3)),
    (nn.Conv2d(8, 8, 5, padding=2, groups=8), (1, 8, 6, 6), 2 * (8 * 6 * 6) * (5 * 5)),
    (nn.Conv2d(8, 4, (1, 7), groups=2, bias=False), (1, 8, 6, 9), 2 * (4 * 6 * 3) * (4 * 7)),
    (nn.Linear(7, 5), (3, 7), 2 * 3 * 7 * 5),
    (nn.Linear(7, 5, bias=False), (3, 7), 2 * 3 * 7 * 5),
    (nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(2)), (1, 4, 8, 8), 0),
]


@pytest.mark.parametrize(("layer", "shape", "expected"), LAYERS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("inference", [False, True])
def test_a_layer_counts_two_for_each_multiply_add(
    layer: nn.Module, shape: tuple[int, ...], expected: int, inference: bool
) -> None:
    with torch.inference_mode(inference):
        assert count_operations(lambda: layer.eval()(torch.rand(shape))) == expected


def test_averages_and_warps_are_left_out() -> None:
    heatmaps, grid = torch.rand(2, 4, 8, 8), torch.rand(8, 8, 2)
    assert count_operations(lambda: torch.einsum("bkhw,hwc->bkc", heatmaps, grid)) == 0
    picture = torch.rand(1, 3, 8, 8)
    assert count_operations(lambda: F.grid_sample(picture, grid[None], align_corners=True)) == 0


def test_the_plain_loop_encodes_the_source_for_every_frame_and_the_engine_does_not() -> None:
    model = tiny_model()
    picture = to_pictures(pictures(1))[0]
    plain, engine = PlainLoop(model, torch.device("cpu")), Animator(model, precision="fp32", batch_size=3)
    image = pictures(1)

    def follow() -> None:
        model.predict(model.encode(image), model.detect(image))

    needed = engine_needs(engine, picture)[0]
    assert 0 < needed < plain_needs(plain, picture)[0]
    assert plain_needs(plain, picture)[0] == count_operations(follow) - count_operations(
        lambda: model.detect(image)
    )
    assert engine_needs(Animator(model, precision="fp32", batch_size=1), picture)[0] == needed


def test_fused_convolutions_count_as_plain_ones_do() -> None:
    conv = nn.Conv2d(6, 4, 3, padding=1)
    x = torch.rand(2, 6, 8, 10).contiguous(memory_format=torch.channels_last)
    expected = count_operations(lambda: conv(x))
    with torch.inference_mode():
        assert count_operations(lambda: Convolution.of(conv)(x)) == expected
        total = torch.zeros(2, 4, 8, 10).contiguous(memory_format=torch.channels_last)
        assert count_operations(lambda: Convolution.of(conv).add_to(total, x)) == expected
        spread = Convolution(torch.rand(6, 16, 4, 4), None, padding=1, stride=2, transposed=True)
        assert count_operations(lambda: spread(x)) == 2 * (6 * 16 * 4 * 4) * (2 * 8 * 10)


def test_a_layer_moves_its_input_its_kernel_and_its_result() -> None:
    conv = nn.Conv2d(3, 8, 3, padding=1, bias=False)
    with torch.inference_mode():
        moved = count_bytes(lambda: conv(torch.rand(2, 3, 10, 12)).relu())
    assert moved == 4 * (2 * 3 * 120 + 8 * 3 * 9 + 2 * 8 * 120)
    assert count_bytes(lambda: torch.rand(9) + 1) == 0
