"""VGG-19 up to relu5_1, and the perceptual loss on its features."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from animate_cli.acceleration import channels_last
from animate_cli.config import LossConfig
from animate_cli.download import Listener, Partial, Patience, fetch
from animate_cli.errors import ConfigError, DownloadError, WeightsError
from animate_cli.files import explain, hash_file
from animate_cli.training.adversarial import mean_difference

FILE_NAME = "vgg19-dcbb9e9d.pth"
SIZE = 574_673_361
"""Bytes of the file."""
SHA256_START = FILE_NAME.removesuffix(".pth").rpartition("-")[2]
URL = f"https://download.pytorch.org/models/{FILE_NAME}"
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
STAGES: tuple[tuple[int, ...], ...] = ((0,), (2, 5), (7, 10), (12, 14, 16, 19), (21, 23, 25, 28))
"""The convolutions up to relu1_1, relu2_1, …, by their index in the published file's ``features``."""
POOLED_BEFORE = frozenset({5, 10, 19, 28})
WIDTHS = {0: 64, 2: 64, 5: 128, 7: 128, 10: 256, 12: 256, 14: 256, 16: 256}
MIN_SIDE = 16
NARROWER = 4
"""By how much the random network is narrower than VGG-19."""


class VGG19(nn.Module):
    """The features relu1_1, relu2_1, relu3_1, relu4_1, relu5_1 of a picture; frozen."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, narrower: int = 1) -> None:
        """Make the layers, each with a ``narrower``-th of VGG-19's channels."""
        super().__init__()
        self.features = nn.ModuleDict()
        width = 3
        for index in (index for stage in STAGES for index in stage):
            outer = WIDTHS.get(index, 512) // narrower
            self.features[str(index)] = nn.Conv2d(width, outer, 3, padding=1)
            width = outer
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION)[:, None, None], persistent=False)
        self.requires_grad_(False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Compute the features of image [B, 3, H, W] in [0, 1]; level i is [B, C_i, H / 2^i, W / 2^i]."""
        x = (image - self.mean) / self.deviation
        levels = []
        for stage in STAGES:
            for index in stage:
                x = functional.max_pool2d(x, 2) if index in POOLED_BEFORE else x
                x = functional.relu(self.features[str(index)](x))
            levels.append(x)
        return levels


def load_features(config: LossConfig) -> VGG19:
    """Return the network that ``loss.perceptual_network`` names, frozen.

    Raises:
        WeightsError: it is VGG-19, and its file is missing or is not VGG-19's.
    """
    if config.perceptual_network == "random":
        return channels_last(random_features())
    return channels_last(load_vgg19(None if config.perceptual_weights is None else weights_file(config)))


def random_features() -> VGG19:
    """Return a narrow VGG-19 whose weights were never trained: the same random ones for everybody.

    Its convolutions and poolings compare local structure at five scales, as VGG-19's do, but know nothing of
    what pictures show. The weights keep the features' size from layer to layer (He et al. 2015).
    """
    network, generator = VGG19(NARROWER), torch.Generator().manual_seed(0)
    for convolution in network.features.values():
        assert isinstance(convolution, nn.Conv2d)  # noqa: S101
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu", generator=generator)
        nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    return network.eval()


def weights_file(config: LossConfig) -> Path:
    """Tell where VGG-19's weights are looked for: in the file of the config, else in torch's hub cache."""
    if config.perceptual_weights is not None:
        return Path(config.perceptual_weights).expanduser()
    return Path(torch.hub.get_dir()) / "checkpoints" / FILE_NAME


def lacks_vgg19(config: LossConfig) -> bool:
    """Tell whether VGG-19's weights are needed, not here, and not to be in a file of the user's own."""
    needed = any(config.perceptual) and config.perceptual_network == "vgg19"
    return needed and config.perceptual_weights is None and not weights_file(config).is_file()


def fetch_vgg19(listener: Listener, url: str = URL, patience: Patience = Patience()) -> None:  # noqa: B008
    """Download VGG-19's weights into torch's hub cache; their SHA-256 begins as the file's name says.

    Raises:
        DownloadError: the address does not give the file.
        WeightsError: the file cannot be written.
    """
    path = Path(torch.hub.get_dir()) / "checkpoints" / FILE_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Partial(path)
        fetch(url, partial, listener, patience)
        found = hash_file(partial.path)
        if not found.startswith(SHA256_START):
            partial.discard()
            raise DownloadError(
                f"{url}: not the file of this name: its SHA-256 begins with {found[:8]}; try again later"
            )
        partial.move_to(path)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be written ({explain(error)})") from error


def load_vgg19(path: Path | None = None) -> VGG19:
    """Load torchvision's published weights from path, by default from torch's hub cache.

    Raises:
        WeightsError: the file is missing or is not VGG-19's.
    """
    path = path or weights_file(LossConfig())
    if not path.is_file():
        raise WeightsError(
            f"the perceptual loss needs {path}, which is missing: put {URL} there, name another file in "
            "loss.perceptual_weights, or set loss.perceptual_network to random, which needs no file"
        )
    network = VGG19()
    names = network.state_dict()
    try:
        published = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict({name: published[name] for name in names})
    except Exception as error:
        raise WeightsError(f"{path} is not the weights file of VGG-19; put {URL} there") from error
    return network.eval()


def perceptual(
    network: VGG19, predicted: Sequence[Tensor], target: Sequence[Tensor], weights: Sequence[float]
) -> Tensor:
    """Return sum over levels of sum_i weights[i] mean |features_i(predicted) - features_i(target)|.

    Levels with a side below 16 pixels have no relu5_1 and are left out. The truth's features are detached.

    Args:
        network: gives the features.
        predicted: pyramid of the prediction, each [B, 3, H_i, W_i] in [0, 1].
        target: pyramid of the truth, likewise.
        weights: one for each of the five features.

    Raises:
        ConfigError: no level is left.
    """
    terms = []
    for level, truth in zip(predicted, target, strict=True):
        if min(level.shape[-2:]) < MIN_SIDE:
            continue
        with torch.no_grad():
            wanted = network(truth)
        pairs = zip(network(level), wanted, weights, strict=False)
        terms += [weight * mean_difference(a, b) for a, b, weight in pairs if weight]
    if not terms:
        raise ConfigError(
            f"loss.perceptual needs a level of loss.pyramid of {MIN_SIDE} pixels or more: make model.size larger, "
            "or set loss.perceptual to []"
        )
    return torch.stack(terms).sum()
