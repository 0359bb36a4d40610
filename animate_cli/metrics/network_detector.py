"""Detectors from files: any TorchScript or ONNX network, described by a small YAML beside it."""

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.errors import ConfigError, WeightsError
from animate_cli.metrics.detectors import DetectorFacts, Kind
from animate_cli.metrics.values import Landmarks, Numbers, Picture
from animate_cli.strict_yaml import read_mapping

Form = Literal["points", "heatmaps"]
Coordinates = Literal["pixels", "unit", "centred"]
Network = Callable[[Tensor], list[Tensor]]


@dataclass(frozen=True)
class NetworkSpec:
    """What the YAML says.

    kind: landmarks, identity or features. network: .pt, .pth, .ts (TorchScript) or .onnx, a path that counts
    from the YAML's folder. size: (height, width) of the input. range: what black and white become. mean,
    deviation: subtracted and divided by after that. channels: rgb or bgr. output: index of the output that
    counts. form, of landmarks: points [N, L, 2 or 3], the third a score, or heatmaps [N, L, h, w].
    coordinates, of points: pixels of the input, unit (0 to 1) or centred (-1 to 1). threshold: a landmark
    scored lower is not present. names: of the landmarks. sha256: refuses another file. floor: the detector's
    own error in pixels at 256.
    """

    kind: Kind
    network: str
    size: tuple[int, int]
    name: str = ""
    range: tuple[float, float] = (0.0, 1.0)
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)
    channels: Literal["rgb", "bgr"] = "rgb"
    output: int = 0
    form: Form = "points"
    coordinates: Coordinates = "pixels"
    threshold: float = 0.0
    names: tuple[str, ...] = ()
    sha256: str = ""
    floor: float | None = None


class NetworkDetector:
    """A network from a file as a detector of any kind."""

    def __init__(self, spec: NetworkSpec, path: Path, network: Network, device: torch.device) -> None:
        self.spec, self.path, self.network, self.device = spec, path, network, device
        self.facts = DetectorFacts(spec.name or path.stem, spec.kind, file_hash(path), spec.floor)

    def find(self, pictures: Picture) -> Landmarks:
        """See LandmarkDetector.

        Raises:
            ConfigError: the network's output is not what the YAML says.
        """
        output = self._run(pictures)
        if self.spec.form == "heatmaps":
            self._expect(output.dim() == 4, f"heatmaps [N, L, h, w], not {list(output.shape)}")
            places, score = read_heatmaps(output)
        else:
            fits = output.dim() == 3 and output.shape[-1] in (2, 3)
            self._expect(fits, f"points [N, L, 2] or [N, L, 3], not {list(output.shape)}")
            places = self._to_unit(output[..., :2])
            score = output[..., 2] if output.shape[-1] == 3 else torch.ones_like(output[..., 0])
        names = self.spec.names
        self._expect(len(names) in (0, output.shape[1]), f"as many landmarks as names, not {output.shape[1]}")
        height, width = pictures.shape[1:3]
        present = torch.isfinite(places).all(-1) & (score >= self.spec.threshold)
        numbers = torch.nan_to_num(places).double().numpy() * np.array([width - 1, height - 1])
        return Landmarks(numbers, present.numpy(), names)

    def embed(self, pictures: Picture) -> Numbers:
        """See EmbeddingDetector.

        Raises:
            ConfigError: the network's output is not what the YAML says.
        """
        output = self._run(pictures).flatten(1)
        numbers: Numbers = output.double().numpy()
        return numbers

    @torch.inference_mode()
    def _run(self, pictures: Picture) -> Tensor:
        images = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).to(self.device).float()
        outputs = self.network(self._normalise(images))
        self._expect(
            self.spec.output < len(outputs), f"an output {self.spec.output}; there are {len(outputs)}"
        )
        output = outputs[self.spec.output].float().cpu()
        self._expect(
            output.dim() > 1 and len(output) == len(pictures),
            f"a row for each of {len(pictures)} pictures, not {list(output.shape)}",
        )
        return output

    def _normalise(self, images: Tensor) -> Tensor:
        """Bring images [N, 3, H, W] of 0 to 255 to what the network takes."""
        spec = self.spec
        if images.shape[-2:] != spec.size:
            images = F.interpolate(images, size=spec.size, mode="bilinear", antialias=True)
        low, high = spec.range
        images = images / 255 * (high - low) + low
        mean, deviation = (images.new_tensor(values)[:, None, None] for values in (spec.mean, spec.deviation))
        ordered = images if spec.channels == "rgb" else images.flip(1)
        return (ordered - mean) / deviation

    def _to_unit(self, places: Tensor) -> Tensor:
        """Bring points to 0 at the first and 1 at the last pixel."""
        if self.spec.coordinates == "pixels":
            return places / (places.new_tensor([self.spec.size[1], self.spec.size[0]]) - 1).clamp_min(1)
        return places if self.spec.coordinates == "unit" else (places + 1) / 2

    def _expect(self, holds: bool, words: str) -> None:
        if not holds:
            raise ConfigError(f"{self.path}: its output should be {words}; correct the YAML beside it")


def read_heatmaps(heatmaps: Tensor) -> tuple[Tensor, Tensor]:
    """Return the place of each map's highest value, in [0, 1], and that value: [N, L, 2] and [N, L]."""
    height, width = heatmaps.shape[-2:]
    score, index = heatmaps.flatten(2).max(-1)
    x, y = index % width, torch.div(index, width, rounding_mode="floor")
    last = heatmaps.new_tensor([max(width - 1, 1), max(height - 1, 1)]).double()
    return torch.stack([x, y], -1) / last, score


def load_detector(yaml: Path, device: torch.device) -> NetworkDetector:
    """Load the detector that a YAML file describes.

    Raises:
        ConfigError: the YAML cannot be read or is wrong.
        WeightsError: the network is missing, of another hash, or cannot be loaded.
    """
    spec = read_spec(yaml)
    path = yaml.parent / Path(spec.network).expanduser()
    if not path.is_file():
        raise WeightsError(f"{path}: no such network; {yaml} names it")
    if spec.sha256 and spec.sha256 != file_hash(path):
        raise WeightsError(f"{path}: its SHA-256 is {file_hash(path)}, {yaml} wants {spec.sha256}")
    network = load_onnx(path) if path.suffix == ".onnx" else load_torchscript(path, device)
    return NetworkDetector(spec, path, network, device)


def read_spec(yaml: Path) -> NetworkSpec:
    """Read and check a YAML file.

    Raises:
        ConfigError: a key is unknown, missing, or has a value that cannot work.
    """
    given = read_mapping(yaml)
    fields = NetworkSpec.__dataclass_fields__
    unknown = sorted(given.keys() - fields.keys())
    if unknown:
        raise ConfigError(f"{yaml}: unknown key {unknown[0]!r}; there are {', '.join(fields)}")
    missing = [key for key in ("kind", "network", "size") if key not in given]
    if missing:
        raise ConfigError(f"{yaml}: the key {missing[0]!r} is missing")
    return NetworkSpec(**{key: _checked(key, value, yaml) for key, value in given.items()})


_CHOICES = {
    "kind": get_args(Kind),
    "form": get_args(Form),
    "coordinates": get_args(Coordinates),
    "channels": ("rgb", "bgr"),
}
_LENGTHS = {"range": 2, "mean": 3, "deviation": 3}


def _checked(key: str, value: Any, yaml: Path) -> Any:  # noqa: ANN401 - YAML holds anything
    """Return a value in the field's type, or raise ConfigError."""

    def expect(holds: bool, words: str) -> None:
        if not holds:
            raise ConfigError(f"{yaml}: {key} must be {words}, not {value!r}")

    if key in _CHOICES:
        expect(value in _CHOICES[key], f"one of {', '.join(_CHOICES[key])}")
        return value
    if key == "size":
        sides = [value, value] if _is_whole(value) else value
        expect(isinstance(sides, list) and len(sides) == 2 and all(map(_is_whole, sides)), "N or [N, N]")
        return tuple(sides)
    if key in _LENGTHS:
        count = _LENGTHS[key]
        fits = isinstance(value, list) and len(value) == count and all(map(_is_number, value))
        expect(fits, f"a list of {count} numbers")
        expect(key != "deviation" or all(value), "without a zero")
        return tuple(float(number) for number in value)
    if key == "names":
        expect(isinstance(value, list) and all(isinstance(name, str) for name in value), "a list of names")
        return tuple(value)
    if key in ("threshold", "floor"):
        expect(_is_number(value), "a number")
        return float(value)
    if key == "output":
        expect(type(value) is int and value >= 0, "a number that counts from 0")
        return value
    expect(isinstance(value, str), "a text")
    return value


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def load_torchscript(path: Path, device: torch.device) -> Network:
    """Load a TorchScript network."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            network = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
    except Exception as error:
        raise WeightsError(f"{path}: is not a TorchScript network") from error
    return lambda images: flatten_outputs(network(images))


def load_onnx(path: Path) -> Network:
    """Load an ONNX network; it runs on the CPU.

    Raises:
        WeightsError: onnxruntime is not installed, or the file is no network.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise WeightsError(f"{path}: needs onnxruntime; pip install 'animate-cli[onnx]'") from error
    try:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:
        raise WeightsError(f"{path}: is not an ONNX network that can be run") from error
    name = session.get_inputs()[0].name

    def run(images: Tensor) -> list[Tensor]:
        outputs = session.run(None, {name: images.cpu().numpy()})
        return [torch.from_numpy(np.asarray(output)) for output in outputs]

    return run


def flatten_outputs(outputs: Any) -> list[Tensor]:  # noqa: ANN401 - whatever a network returns
    """List the tensors of a network's answer."""
    if isinstance(outputs, Tensor):
        return [outputs]
    values = outputs.values() if isinstance(outputs, dict) else outputs
    return [tensor for value in values for tensor in flatten_outputs(value)]


def file_hash(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
