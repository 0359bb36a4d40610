"""Checkpoints whose tensors do not make a model: one line that names the first such tensor."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from animate_cli.errors import WeightsError
from animate_cli.weights import import_discriminator, load_model
from tests.weights.published_layout import Sizes, make_checkpoint, write_checkpoint


def edit(content: dict[str, Any], network: str, name: str, tensor: Tensor | None) -> None:
    state = OrderedDict(content[network])
    state.pop(name, None)
    content[network] = state if tensor is None else OrderedDict(state | {name: tensor})


@pytest.mark.parametrize(
    ("network", "name", "tensor", "message"),
    [
        ("kp_detector", "kp.weight", None, "tensor kp_detector.kp.weight is missing"),
        ("kp_detector", "jacobian.bias", None, "tensor kp_detector.jacobian.bias is missing"),
        (
            "generator",
            "first.norm.bias",
            torch.zeros(3),
            "tensor generator.first.norm.bias is 3, but must be 5",
        ),
        ("generator", "fc.weight", torch.zeros(3), "tensor generator.fc.weight has no place"),
        (
            "generator",
            "up_blocks.9.conv.bias",
            torch.zeros(3),
            "generator.up_blocks.9.conv.bias has no place",
        ),
        ("generator", "final.weight", torch.zeros(3), "tensor generator.final.weight is not a convolution's"),
        (
            "kp_detector",
            "down.weight",
            torch.zeros(3, 1, 13, 13),
            "kp_detector.down.weight is not the filter",
        ),
        ("kp_detector", "down.weight", torch.zeros(3, 1, 4, 4), "kp_detector.down.weight has shape"),
        (
            "generator",
            "final.bias",
            torch.zeros(3, dtype=torch.int64),
            "generator.final.bias is of type int64",
        ),
        ("generator", "final.weight", torch.zeros(3, 5, 4, 4), "generator.final_kernel_size must be an odd"),
        ("generator", "dense_motion_network.mask.bias", None, "dense_motion_network.mask.bias is missing"),
    ],
)
def test_a_tensor_that_does_not_fit_is_named(
    tmp_path: Path, network: str, name: str, tensor: Tensor | None, message: str
) -> None:
    content = make_checkpoint(Sizes(), seed=None)
    edit(content, network, name, tensor)
    path = write_checkpoint(tmp_path / "c.pth.tar", content)
    with pytest.raises(WeightsError) as caught:
        load_model(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("network", ["generator", "kp_detector", "discriminator"])
def test_networks_without_their_first_block_are_told(tmp_path: Path, network: str) -> None:
    content = make_checkpoint(Sizes(), seed=None)
    first = {
        "generator": "dense_motion_network.hourglass.enc",
        "kp_detector": "predictor.",
        "discriminator": "discs.1.d",
    }
    kept = {name: t for name, t in content[network].items() if not name.startswith(first[network])}
    path = write_checkpoint(tmp_path / "c.pth.tar", content | {network: kept})
    with pytest.raises(WeightsError, match=rf"tensor {network}\..*down_blocks\.0\.conv\.weight is missing"):
        import_discriminator(path) if network == "discriminator" else load_model(path)


def test_a_discriminator_that_does_not_fit_is_told(tmp_path: Path) -> None:
    content = make_checkpoint(Sizes(), seed=None)
    edit(content, "discriminator", "discs.1.down_blocks.1.conv.bias", None)
    path = write_checkpoint(tmp_path / "c.pth.tar", content)
    with pytest.raises(
        WeightsError, match=r"tensor discriminator\.discs\.1\.down_blocks\.1\.conv\.bias is missing"
    ):
        import_discriminator(path)
    del content["discriminator"]
    with pytest.raises(WeightsError, match="holds no discriminator"):
        import_discriminator(write_checkpoint(path, content))
