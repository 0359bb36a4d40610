"""LPIPS on stand-in AlexNet and VGG weights, against the formula written out again."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from animate_cli.errors import WeightsError
from animate_cli.files import hash_file
from animate_cli.metrics import lpips
from animate_cli.metrics.lpips import (
    ALEXNET,
    BACKBONES,
    VGG16,
    Backbone,
    Lpips,
    heads_path,
    load_lpips,
    missing_backbone,
)
from tests.metrics.seen import observe


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "weights"))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


Stand = Callable[[Backbone, nn.Sequential], Path]


@pytest.fixture
def stand_in(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """Put a stand-in where a backbone's file is looked for, under a name that tells its hash."""

    def write(backbone: Backbone, layers: nn.Sequential) -> Path:
        content = io.BytesIO()
        torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, content)
        start = hashlib.sha256(content.getvalue()).hexdigest()[:8]
        file = replace(backbone.file, name=f"{backbone.name}-{start}.pth")
        others = [replace(one, file=file) if one is backbone else one for one in BACKBONES]
        monkeypatch.setattr(lpips, "BACKBONES", tuple(others))
        (cache / file.name).write_bytes(content.getvalue())
        return cache / file.name

    return write


def alexnet() -> nn.Sequential:
    """AlexNet's features as torchvision lays them out, with random weights."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


def formula(
    layers: nn.Sequential, taps: list[int], backbone: Backbone, a: torch.Tensor, b: torch.Tensor
) -> float:
    """Compute LPIPS of one pair as the paper writes it."""
    heads = torch.load(heads_path(backbone), map_location="cpu", weights_only=True)
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
    x, y = (((z * 2 - 1) - shift[:, None, None]) / scale[:, None, None] for z in (a, b))
    total = 0.0
    for index, layer in enumerate(layers):
        x, y = layer(x), layer(y)
        if index in taps:
            normal = [z / z.norm(dim=0, keepdim=True) for z in (x, y)]
            weight = heads[f"lin{taps.index(index)}.model.1.weight"].flatten()
            total += float(((normal[0] - normal[1]) ** 2 * weight[:, None, None]).sum(0).mean())
    return total


@torch.inference_mode()
def test_equals_the_formula(stand_in: Stand) -> None:
    layers = alexnet()
    stand_in(ALEXNET, layers)
    seen = observe(2)
    measure = Lpips()
    measure.prepare(torch.device("cpu"))
    wanted = [
        formula(layers, [1, 4, 7, 9, 11], ALEXNET, truth, result)
        for truth, result in zip(seen.truth, seen.result, strict=True)
    ]
    assert measure.look(seen) == pytest.approx(wanted, rel=1e-4)
    assert measure.title == "LPIPS (alex)"
    assert Lpips.title == "LPIPS"


def test_vgg_takes_its_place_where_alexnet_is_missing(stand_in: Stand) -> None:
    layers: list[nn.Module] = []
    width = 3
    for outer in (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512):
        if isinstance(outer, str):
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(width, outer, 3, padding=1), nn.ReLU()]
            width = outer
    network = nn.Sequential(*layers)
    stand_in(VGG16, network)
    seen = observe(1)
    with torch.inference_mode():
        found = load_lpips()(seen.truth, seen.result)
        wanted = formula(network, [3, 8, 15, 22, 29], VGG16, seen.truth[0], seen.result[0])
    assert found.tolist() == pytest.approx([wanted], rel=1e-4)


def test_says_what_is_missing_where_it_goes_and_how_large_it_is(cache: Path) -> None:
    with pytest.raises(
        WeightsError, match=r"alexnet-owt-7be5be79\.pth \(244 MB; --download brings it\)"
    ) as caught:
        load_lpips()
    assert str(cache) in str(caught.value)
    assert missing_backbone() == [ALEXNET.file]


def test_another_file_is_not_taken(cache: Path, stand_in: Stand) -> None:
    (cache / ALEXNET.file.name).write_bytes(b"something else")
    with pytest.raises(WeightsError, match="does not begin with 7be5be79"):
        load_lpips()


def test_other_heads_are_not_taken(stand_in: Stand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(ALEXNET, alexnet())
    (tmp_path / "alex.pth").write_bytes(b"other heads")
    monkeypatch.setattr(lpips, "heads_path", lambda backbone: tmp_path / "alex.pth")
    with pytest.raises(WeightsError, match="not the published linear heads"):
        load_lpips()


def test_published_heads_are_there() -> None:
    assert [hash_file(heads_path(one)) for one in BACKBONES] == [one.heads_sha256 for one in BACKBONES]


def test_small_pictures_are_left_out(stand_in: Stand) -> None:
    stand_in(ALEXNET, alexnet())
    measure = Lpips()
    measure.prepare(torch.device("cpu"))
    small = torch.rand(2, 3, 32, 32)
    assert np.isnan(measure.look(observe(truth=small, result=small))).all()
