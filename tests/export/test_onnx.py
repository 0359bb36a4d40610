"""The exported graphs, run by onnxruntime, agree with the model they came from."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from animate_cli.errors import AnimateError, MediaError
from animate_cli.export.onnx import export_model
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights.info import WeightsInfo
from tests.tiny import pictures, tiny_config, tiny_model

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")


def model_of(kind: str) -> MotionModel:
    if kind != "skips":
        return tiny_model(kind)
    config = tiny_config()
    painter = replace(
        config.generator, skips=True, blend=True, upsampling="nearest", hints=True, context=True
    )
    torch.manual_seed(0)
    model = MotionModel(replace(config, generator=painter)).eval()
    assert model.generator.context is not None
    silent = model.generator.hints, model.generator.context.conv
    for parameter in (parameter for module in silent for parameter in module.parameters()):
        torch.nn.init.normal_(parameter, std=0.1)
    return model


@pytest.mark.parametrize("kind", ["fomm", "paper", "skips"])
def test_graphs_agree_with_the_model(kind: str, tmp_path: Path) -> None:
    model = model_of(kind)
    steps: list[None] = []
    files = export_model(
        model, WeightsInfo(model.config), tmp_path / "onnx", advance=lambda: steps.append(None)
    )
    assert [file.name for file in files] == ["frame.onnx", "keypoints.onnx", "model.json", "source.onnx"]
    assert len(steps) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["onnx"]
    run = {name: session(tmp_path / "onnx" / f"{name}.onnx") for name in ("keypoints", "source", "frame")}

    source, driving = pictures(1), pictures(3, seed=1)
    value, jacobian = run["keypoints"].run(None, {"image": driving.numpy()})
    parts = run["source"].run(None, {"image": source.numpy()})
    description = json.loads((tmp_path / "onnx" / "model.json").read_text())
    known = {
        "image": source.numpy(),
        **dict(zip(description["graphs"]["source"]["outputs"], parts, strict=True)),
    }
    given = {name: np.repeat(part, 3, axis=0) for name, part in known.items()}
    given |= {"driving_value": value, "driving_jacobian": jacobian}
    names = description["graphs"]["frame"]["inputs"]
    found = run["frame"].run(None, {name: given[name] for name in names})[0]

    with torch.inference_mode():
        keypoints = model.detect(driving)
        wanted = model.predict(model.encode(source).expand(3), keypoints).image
    assert np.abs(value - keypoints.value.numpy()).max() < 1e-4
    assert np.abs(jacobian - keypoints.jacobian.numpy()).max() < 1e-3
    assert np.abs(found - wanted.numpy()).max() < 1e-4
    assert description["size"] == [64, 64]


def session(path: Path) -> Any:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def test_what_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_model()
    info = WeightsInfo(model.config)
    (tmp_path / "kept").write_text("mine")
    for folder, words in [
        (tmp_path, "not empty"),
        (tmp_path / "kept", "is a file"),
        (tmp_path / "no" / "folder", "does not exist"),
    ]:
        with pytest.raises(MediaError, match=words):
            export_model(model, info, folder, advance=lambda: None)
    assert (tmp_path / "kept").read_text() == "mine"
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(AnimateError, match="needs the package onnx; pip install"):
        export_model(model, info, tmp_path / "onnx", advance=lambda: None)
