"""Detectors from files: any TorchScript or ONNX network, described by a small YAML beside it."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from animate_cli.errors import ConfigError, WeightsError
from animate_cli.files import hash_file
from animate_cli.metrics.detectors import DetectorFacts
from animate_cli.metrics.network_spec import NetworkSpec, read_spec
from animate_cli.metrics.values import Landmarks, Numbers, Picture

Network = Callable[[Tensor], list[Tensor]]


class NetworkDetector:
    """A network from a file as a detector of any kind."""

    def __init__(self, spec: NetworkSpec, path: Path, network: Network, device: torch.device) -> None:
        self.spec, self.path, self.network, self.device = spec, path, network, device
        self.facts = DetectorFacts(spec.name or path.stem, spec.kind, hash_file(path), spec.floor, spec.names)

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
            places = self._to_unit(output[..., :2], pictures.shape[1:3])
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
        if spec.size is not None and images.shape[-2:] != spec.size:
            images = F.interpolate(images, size=spec.size, mode="bilinear", antialias=True)
        low, high = spec.range
        images = images / 255 * (high - low) + low
        mean, deviation = (images.new_tensor(values)[:, None, None] for values in (spec.mean, spec.deviation))
        ordered = images if spec.channels == "rgb" else images.flip(1)
        return (ordered - mean) / deviation

    def _to_unit(self, places: Tensor, picture: tuple[int, ...]) -> Tensor:
        """Bring points to 0 at the first and 1 at the last pixel."""
        if self.spec.coordinates == "pixels":
            height, width = self.spec.size or picture
            return places / (places.new_tensor([width, height]) - 1).clamp_min(1)
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
    if spec.sha256 and spec.sha256 != hash_file(path):
        raise WeightsError(f"{path}: its SHA-256 is {hash_file(path)}, {yaml} wants {spec.sha256}")
    return open_network(spec, path, device)


def open_network(spec: NetworkSpec, path: Path, device: torch.device) -> NetworkDetector:
    """Load the network of a detector from its file.

    Raises:
        WeightsError: it cannot be loaded.
    """
    onnx = path.suffix == ".onnx"
    network = load_onnx(path) if onnx else load_torchscript(path, device, spec.options)
    return NetworkDetector(spec, path, network, device)


def load_torchscript(path: Path, device: torch.device, options: Mapping[str, bool]) -> Network:
    """Load a TorchScript network; options go to its forward.

    Raises:
        WeightsError: the file is no such network.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            network = torch.jit.load(str(path), map_location=device).eval()  # type: ignore[no-untyped-call]
    except Exception as error:
        raise WeightsError(f"{path}: is not a TorchScript network") from error
    return lambda images: flatten_outputs(network(images, **options))


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
