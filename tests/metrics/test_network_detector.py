"""Networks from files: what the YAML says is what happens, and what is wrong is told."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from animate_cli.errors import AnimateError, ConfigError, WeightsError
from animate_cli.files import hash_file
from animate_cli.metrics.network_detector import NetworkDetector, load_detector

CPU = torch.device("cpu")


class Echo(nn.Module):
    """Answers with numbers that stand in the picture itself: its first row's red and green, as points."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.stack([images[:, 0, 0, :3], images[:, 1, 0, :3]], -1)


class Means(nn.Module):
    """An embedding of the mean of each channel."""

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return images[:, :, 0, 0], images.mean((2, 3))


class Heat(nn.Module):
    """Takes the channels for heatmaps."""

    def forward(self, images: Tensor) -> Tensor:
        return images


def save(network: nn.Module, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.script(network).save(str(path))  # type: ignore[no-untyped-call]


def detector(folder: Path, network: nn.Module, yaml: str) -> NetworkDetector:
    save(network, folder / "network.pt")
    (folder / "detector.yaml").write_text(f"network: network.pt\n{yaml}")
    return load_detector(folder / "detector.yaml", CPU)


def test_points_in_unit_coordinates(tmp_path: Path) -> None:
    found = detector(tmp_path, Echo(), "kind: landmarks\nsize: 8\ncoordinates: unit\nnames: [a, b, c]\n")
    pictures = np.zeros((2, 8, 8, 3), np.uint8)
    pictures[1, 0, 2] = 255, 51, 0
    marks = found.find(pictures)
    assert marks.points[1, 2].tolist() == pytest.approx([7, 1.4])
    assert marks.points[0].tolist() == [[0, 0]] * 3
    assert marks.present.all()
    assert marks.names == ("a", "b", "c")


def test_points_in_pixels_are_scaled_to_the_picture(tmp_path: Path) -> None:
    found = detector(tmp_path, Echo(), "kind: landmarks\nsize: [8, 8]\nrange: [0, 7]\n")
    marks = found.find(np.full((1, 15, 29, 3), 255, np.uint8))
    assert marks.points[0, 0].tolist() == pytest.approx([28, 14])


def test_heatmaps_and_threshold(tmp_path: Path) -> None:
    found = detector(tmp_path, Heat(), "kind: landmarks\nsize: 8\nform: heatmaps\nthreshold: 0.5\n")
    pictures = np.zeros((1, 8, 8, 3), np.uint8)
    pictures[0, 2, 6, 0], pictures[0, 7, 1, 1], pictures[0, 1, 1, 2] = 255, 200, 20
    marks = found.find(pictures)
    assert marks.points[0].tolist() == [[6, 2], [1, 7], [1, 1]]
    assert marks.present[0].tolist() == [True, True, False]


def test_embedding_of_a_chosen_output_normalised_and_turned(tmp_path: Path) -> None:
    yaml = "kind: identity\nsize: 8\noutput: 1\nchannels: bgr\nmean: [0, 0, 0.5]\ndeviation: [1, 1, 2]\n"
    found = detector(tmp_path, Means(), f"{yaml}name: reid\n")
    pictures = np.zeros((2, 8, 8, 3), np.uint8)
    pictures[..., 0] = 255
    assert found.embed(pictures).tolist() == [[0, 0, 0.25]] * 2
    assert (found.facts.name, found.facts.kind) == ("reid", "identity")
    assert found.facts.sha256 == hash_file(tmp_path / "network.pt")


class Choosy(nn.Module):
    """Gives features only when asked for them."""

    def forward(self, images: Tensor, return_features: bool = False) -> Tensor:
        return images.mean((2, 3)) if return_features else images.sum((1, 2, 3))[:, None]


def test_options_reach_the_network_and_pictures_keep_their_size(tmp_path: Path) -> None:
    yaml = "kind: features\nsize: keep\nrange: [0, 255]\n"
    pictures = np.full((2, 5, 9, 3), 40, np.uint8)
    assert detector(tmp_path, Choosy(), yaml).embed(pictures) == pytest.approx(
        np.full((2, 1), 40 * 5 * 9 * 3)
    )
    found = detector(tmp_path, Choosy(), f"{yaml}options: {{return_features: true}}\n")
    assert found.embed(pictures) == pytest.approx(np.full((2, 3), 40))


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("kind: landmarks\n", "'size' is missing"),
        ("kind: faces\nsize: 8\n", "kind must be one of landmarks"),
        ("kind: landmarks\nsize: 0\n", "size must be"),
        ("kind: landmarks\nsize: 8\nmeans: [0, 0, 0]\n", "unknown key 'means'"),
        ("kind: landmarks\nsize: 8\nmean: [0, 0]\n", "a list of 3 numbers"),
        ("kind: landmarks\nsize: 8\ndeviation: [0, 1, 1]\n", "without a zero"),
        ("kind: landmarks\nsize: 8\nthreshold: high\n", "threshold must be a number"),
        ("kind: landmarks\nsize: 8\noutput: -1\n", "output must be"),
        ("kind: landmarks\nsize: 8\noptions: {a: 1}\n", "true or false"),
    ],
)
def test_wrong_yaml(tmp_path: Path, yaml: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        detector(tmp_path, Echo(), yaml)


def test_wrong_files(tmp_path: Path) -> None:
    yaml = tmp_path / "d.yaml"
    yaml.write_text("kind: landmarks\nsize: 8\nnetwork: none.pt\n")
    with pytest.raises(WeightsError, match="no such network"):
        load_detector(yaml, CPU)
    (tmp_path / "none.pt").write_bytes(b"text")
    with pytest.raises(WeightsError, match="not a TorchScript"):
        load_detector(yaml, CPU)
    yaml.write_text(f"kind: landmarks\nsize: 8\nnetwork: none.pt\nsha256: {'a' * 64}\n")
    with pytest.raises(WeightsError, match="SHA-256"):
        load_detector(yaml, CPU)


def test_output_of_another_shape(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="points"):
        detector(tmp_path, Heat(), "kind: landmarks\nsize: 8\n").find(np.zeros((1, 8, 8, 3), np.uint8))
    with pytest.raises(ConfigError, match="as many landmarks as names"):
        detector(tmp_path, Echo(), "kind: landmarks\nsize: 8\nnames: [a]\n").find(
            np.zeros((1, 8, 8, 3), np.uint8)
        )


def test_onnx(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node("ReduceMean", ["images"], ["embedding"], axes=[2, 3], keepdims=0)
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "means",
        [tensor("images", onnx.TensorProto.FLOAT, ["N", 3, 8, 8])],
        [tensor("embedding", onnx.TensorProto.FLOAT, ["N", 3])],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(tmp_path / "means.onnx"))
    (tmp_path / "d.yaml").write_text("kind: features\nsize: 8\nnetwork: means.onnx\n")
    found = load_detector(tmp_path / "d.yaml", CPU)
    assert found.embed(np.full((2, 16, 16, 3), 51, np.uint8)) == pytest.approx(np.full((2, 3), 0.2))


def test_onnx_without_onnxruntime_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "a.onnx").write_bytes(b"")
    (tmp_path / "d.yaml").write_text("kind: features\nsize: 8\nnetwork: a.onnx\n")
    with pytest.raises(AnimateError, match="pip install"):
        load_detector(tmp_path / "d.yaml", CPU)
