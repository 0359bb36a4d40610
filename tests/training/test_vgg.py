import hashlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from animate_cli.config import LossConfig
from animate_cli.errors import ConfigError, DownloadError, WeightsError
from animate_cli.training import vgg
from animate_cli.training.vgg import DEVIATION, FILE_NAME, MEAN, VGG19, load_vgg19, perceptual

POOL = 0
PUBLISHED = [64, 64, POOL, 128, 128, POOL, *[256] * 4, POOL, *[512] * 4, POOL, 512]


def published_weights() -> dict[str, Tensor]:
    """Seeded stand-ins under torchvision's names: convolutions up to conv5_1, and some of the classifier."""
    generator = torch.Generator().manual_seed(0)
    weights, index, width = {}, 0, 3
    for outer in PUBLISHED:
        if outer == POOL:
            index += 1
            continue
        scale = (2 / (9 * width)) ** 0.5
        weights[f"features.{index}.weight"] = scale * torch.randn(outer, width, 3, 3, generator=generator)
        weights[f"features.{index}.bias"] = 0.1 * torch.randn(outer, generator=generator)
        index, width = index + 2, outer
    return weights | {"classifier.6.bias": torch.zeros(1000)}


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return published_weights()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch hub."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def reference_features(weights: dict[str, Tensor], image: Tensor) -> list[Tensor]:
    """Run the published list of layers one by one, keeping the first relu of every stage."""
    x = (image - torch.tensor(MEAN)[:, None, None]) / torch.tensor(DEVIATION)[:, None, None]
    levels, index, first = [], 0, True
    for entry in PUBLISHED:
        if entry == POOL:
            x, index, first = functional.max_pool2d(x, 2, 2), index + 1, True
            continue
        weight, bias = weights[f"features.{index}.weight"], weights[f"features.{index}.bias"]
        x = functional.conv2d(x, weight, bias, padding=1).relu()
        levels += [x] if first else []
        index, first = index + 2, False
    return levels


def test_features_are_the_published_network_s(hub: Path, weights: dict[str, Tensor]) -> None:
    torch.save(weights, hub / FILE_NAME)
    image = torch.rand(1, 3, 32, 48)
    levels = load_vgg19()(image)
    assert [level.shape[1] for level in levels] == [64, 128, 256, 512, 512]
    torch.testing.assert_close(levels, reference_features(weights, image))


def test_a_given_path_wins(tmp_path: Path, hub: Path, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "mine.pth"
    torch.save(weights, path)
    assert not any(parameter.requires_grad for parameter in load_vgg19(path).parameters())


def test_missing_weights_name_the_file_and_the_alternative(hub: Path) -> None:
    with pytest.raises(
        WeightsError, match=r"vgg19-dcbb9e9d\.pth.*loss\.perceptual_network to random"
    ) as caught:
        load_vgg19()
    assert str(hub / FILE_NAME) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"nothing", b""])
def test_damaged_weights_are_refused(hub: Path, content: bytes) -> None:
    (hub / FILE_NAME).write_bytes(content)
    with pytest.raises(WeightsError, match="not the weights file of VGG-19"):
        load_vgg19()


def test_another_network_s_weights_are_refused(hub: Path) -> None:
    torch.save({"features.0.weight": torch.zeros(1)}, hub / FILE_NAME)
    with pytest.raises(WeightsError, match="not the weights file of VGG-19"):
        load_vgg19()


class TwoFeatures(VGG19):
    """Stand-in whose features are the picture and its double."""

    def forward(self, image: Tensor) -> list[Tensor]:
        return [1 * image, 2 * image]


def test_perceptual_adds_levels_and_features() -> None:
    predicted = [torch.zeros(1, 3, 32, 32, requires_grad=True), torch.zeros(1, 3, 16, 16)]
    target = [torch.full((1, 3, 32, 32), 0.5, requires_grad=True), torch.full((1, 3, 16, 16), 0.1)]
    loss = perceptual(TwoFeatures(), predicted, target, (10.0, 1.0))
    torch.autograd.backward(loss)
    assert loss.item() == pytest.approx(0.5 * 10 + 1.0 * 1 + 0.1 * 10 + 0.2 * 1)
    assert target[0].grad is None
    assert predicted[0].grad is not None


def test_perceptual_leaves_tiny_levels_out() -> None:
    predicted = [torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 8, 8)]
    target = [torch.full((1, 3, 16, 16), 0.5), torch.ones(1, 3, 8, 8)]
    assert perceptual(TwoFeatures(), predicted, target, (10.0,)).item() == pytest.approx(5.0)
    with pytest.raises(ConfigError, match=r"loss\.pyramid of 16 pixels or more"):
        perceptual(TwoFeatures(), predicted[1:], target[1:], (10.0,))


class Silence:
    """Listens and says nothing."""

    def note(self, text: str) -> None:
        pass

    def begin(self, label: str, total: int | None, done: int = 0) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a folder, and give its address and itself."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        thread = Thread(target=web.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}/{FILE_NAME}", folder / FILE_NAME
        web.shutdown()
        thread.join()


def test_a_download_is_checked_by_the_file_s_name(
    server: tuple[str, Path], hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, served = server
    served.write_bytes(b"features")
    assert vgg.lacks_vgg19(LossConfig())
    with pytest.raises(DownloadError, match="its SHA-256 begins with"):
        vgg.fetch_vgg19(Silence(), url)
    assert list(hub.iterdir()) == []
    monkeypatch.setattr(vgg, "SHA256_START", hashlib.sha256(b"features").hexdigest()[:8])
    vgg.fetch_vgg19(Silence(), url)
    assert [path.name for path in hub.iterdir()] == [FILE_NAME]
    assert not vgg.lacks_vgg19(LossConfig())


def test_nothing_is_offered_that_is_not_needed(hub: Path) -> None:
    for config in (
        LossConfig(perceptual=()),
        LossConfig(perceptual_network="random"),
        LossConfig(perceptual_weights="mine.pth"),
    ):
        assert not vgg.lacks_vgg19(config)


def test_random_features_need_no_file_and_are_the_same_for_everybody(hub: Path) -> None:
    config = LossConfig(perceptual_network="random")
    torch.manual_seed(1)
    one = vgg.load_features(config)
    torch.manual_seed(2)
    image = torch.rand(1, 3, 64, 64)
    levels = one(image)
    for level, other in zip(levels, vgg.load_features(config)(image), strict=True):
        assert torch.equal(level, other)
        assert 0.1 < float(level.abs().mean()) < 3
    assert [level.shape[1] for level in levels] == [16, 32, 64, 128, 128]


def test_the_config_names_the_file(tmp_path: Path, hub: Path, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "mine.pth"
    with pytest.raises(WeightsError, match=r"mine\.pth, which is missing"):
        vgg.load_features(LossConfig(perceptual_weights=str(path)))
    torch.save(weights, path)
    vgg.load_features(LossConfig(perceptual_weights=str(path)))
