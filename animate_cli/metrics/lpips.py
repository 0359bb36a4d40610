"""LPIPS (Zhang et al. 2018): distance of pictures in the features of AlexNet or VGG-16."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from animate_cli.errors import WeightsError
from animate_cli.faces.weights_files import WeightsFile
from animate_cli.files import hash_file
from animate_cli.metrics.measure import Measure, to_numbers
from animate_cli.metrics.values import Numbers, Observation

SHIFT = (-0.030, -0.088, -0.188)
SCALE = (0.458, 0.448, 0.450)


@dataclass(frozen=True)
class Backbone:
    """A network whose features are compared.

    file: torchvision's weights. heads, heads_sha256: the file of the published linear heads. layers: convolutions
    by their index in the file's ``features``, each (in, out, kernel, stride, padding); pools: (kernel, stride)
    before a convolution. taps: convolutions after whose ReLU features are taken.
    """

    name: str
    file: WeightsFile
    heads: str
    heads_sha256: str
    layers: Mapping[int, tuple[int, int, int, int, int]]
    pools: Mapping[int, tuple[int, int]]
    taps: tuple[int, ...]


def _vgg_layers() -> dict[int, tuple[int, int, int, int, int]]:
    widths = {0: 64, 2: 64, 5: 128, 7: 128, 10: 256, 12: 256, 14: 256}
    widths |= dict.fromkeys((17, 19, 21, 24, 26, 28), 512)
    inner = [3, *widths.values()]
    return {index: (inner[i], width, 3, 1, 1) for i, (index, width) in enumerate(widths.items())}


def _torchvision(name: str, megabytes: int) -> WeightsFile:
    return WeightsFile(name, f"https://download.pytorch.org/models/{name}", megabytes, "leave lpips out")


ALEXNET = Backbone(
    "alex",
    _torchvision("alexnet-owt-7be5be79.pth", 244),
    "alex.pth",
    "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
    {
        0: (3, 64, 11, 4, 2),
        3: (64, 192, 5, 1, 2),
        6: (192, 384, 3, 1, 1),
        8: (384, 256, 3, 1, 1),
        10: (256, 256, 3, 1, 1),
    },
    {3: (3, 2), 6: (3, 2)},
    (0, 3, 6, 8, 10),
)
VGG16 = Backbone(
    "vgg",
    _torchvision("vgg16-397923af.pth", 553),
    "vgg.pth",
    "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
    _vgg_layers(),
    dict.fromkeys((5, 10, 17, 24), (2, 2)),
    (2, 7, 14, 21, 28),
)
BACKBONES = (ALEXNET, VGG16)
"""In the order in which they are looked for; AlexNet is what most papers report."""

MIN_SIDE = 64
"""Smaller pictures are halved to nothing on the way."""


class LpipsNetwork(nn.Module):
    """The backbone's features, compared through the published linear heads; frozen."""

    shift: Tensor
    scale: Tensor

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.features = nn.ModuleDict(
            {
                str(index): nn.Conv2d(inner, outer, kernel, stride, padding)
                for index, (inner, outer, kernel, stride, padding) in backbone.layers.items()
            }
        )
        self.heads = nn.ParameterList(
            nn.Parameter(torch.zeros(backbone.layers[tap][1], 1, 1)) for tap in backbone.taps
        )
        self.register_buffer("shift", torch.tensor(SHIFT)[:, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE)[:, None, None], persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """Return the distances [B] of pictures [B, 3, H, W] in [0, 1]."""
        distances = [
            ((unit(a) - unit(b)).square() * head).sum(1).mean((1, 2))
            for a, b, head in zip(self.look(one), self.look(other), self.heads, strict=True)
        ]
        return torch.stack(distances).sum(0)

    def look(self, image: Tensor) -> list[Tensor]:
        """Return the tapped features of image [B, 3, H, W] in [0, 1]."""
        x, tapped = (image * 2 - 1 - self.shift) / self.scale, []
        for index in self.backbone.layers:
            if index in self.backbone.pools:
                x = F.max_pool2d(x, *self.backbone.pools[index])
            x = F.relu(self.features[str(index)](x))
            if index in self.backbone.taps:
                tapped.append(x)
        return tapped


def unit(features: Tensor) -> Tensor:
    """Divide features [B, C, h, w] by their length at every place."""
    return features / (features.square().sum(1, keepdim=True).sqrt() + 1e-10)


def find_backbone() -> Backbone | None:
    """Return the first backbone whose file is here."""
    return next((one for one in BACKBONES if one.file.find() is not None), None)


def missing_backbone() -> list[WeightsFile]:
    """Name the file to download where there is no backbone."""
    return [] if find_backbone() else [BACKBONES[0].file]


def load_lpips() -> LpipsNetwork:
    """Load the first backbone whose file is here, with the heads that torchmetrics brings; both are checked.

    Raises:
        WeightsError: neither file is here, or one is not the published one.
    """
    backbone = find_backbone()
    if backbone is None:
        wanted, other = (one.file for one in BACKBONES)
        raise WeightsError(
            f"{wanted.name} ({wanted.megabytes} MB; --download brings it) or {other.name} ({other.megabytes} MB) "
            f"from {wanted.url.rpartition('/')[0]} in {wanted.places[0].parent} or {wanted.places[1].parent}"
        )
    path = require_published(backbone)
    network = LpipsNetwork(backbone)
    published = torch.load(path, map_location="cpu", weights_only=True)
    heads = torch.load(heads_path(backbone), map_location="cpu", weights_only=True)
    for name, parameter in network.features.named_parameters():
        parameter.copy_(published[f"features.{name}"])
    for index, head in enumerate(network.heads):
        head.copy_(heads[f"lin{index}.model.1.weight"][0])
    return network


def require_published(backbone: Backbone) -> Path:
    """Return a backbone's file when it and its heads are the published ones.

    Raises:
        WeightsError: one is not; LPIPS would be another measure.
    """
    path = backbone.file.find()
    assert path is not None, "it was found"  # noqa: S101
    if not backbone.file.is_right(path):
        raise WeightsError(
            f"{path}: is not the published file, its SHA-256 does not begin with {backbone.file.hash_prefix}; "
            f"put {backbone.file.url} there"
        )
    heads = heads_path(backbone)
    if not heads.is_file() or hash_file(heads) != backbone.heads_sha256:
        raise WeightsError(f"{heads}: is not the published linear heads of LPIPS; install torchmetrics again")
    return path


def heads_path(backbone: Backbone) -> Path:
    """Return the file of the published linear heads, which come with torchmetrics."""
    spec = find_spec("torchmetrics")
    assert spec is not None  # noqa: S101 - a dependency
    assert spec.origin is not None  # noqa: S101
    return Path(spec.origin).parent / "functional" / "image" / "lpips_models" / backbone.heads


class Lpips(Measure):
    """Learned perceptual distance; the title says whose features."""

    name, title = "lpips", "LPIPS"

    def __init__(self) -> None:
        self.network: LpipsNetwork | None = None

    def prepare(self, device: torch.device) -> None:
        """See Measure."""
        self.network = load_lpips().to(device)
        self.title = f"LPIPS ({self.network.backbone.name})"

    @torch.inference_mode()
    def look(self, seen: Observation) -> Numbers:
        """See Measure; pictures below 64 px are left out."""
        assert self.network is not None, "prepare() comes first"  # noqa: S101
        if min(seen.truth.shape[-2:]) < MIN_SIDE:
            return to_numbers(torch.full((len(seen),), float("nan")))
        return to_numbers(self.network(seen.truth, seen.result))
