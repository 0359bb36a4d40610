"""Write a model's graphs as ONNX files, with a description of what goes in and out beside them."""

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from torch.onnx.utils import register_custom_op_symbolic

from animate_cli.errors import AnimateError, MediaError
from animate_cli.export.graphs import Advance, Graph, list_graphs
from animate_cli.files import explain
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights.info import WeightsInfo, to_metadata

OPSET = 16
"""The first in which ONNX can sample pictures by a grid."""

DESCRIPTION = "model.json"


class ExportError(AnimateError):
    """A model cannot be exported here."""


def export_model(
    model: MotionModel, info: WeightsInfo, folder: Path, *, overwrite: bool = False, advance: Advance
) -> list[Path]:
    """Write keypoints.onnx, source.onnx, frame.onnx and model.json into a folder; return the files.

    Batches are of any size, pictures of the model's size, all values float32. The files appear together once
    all are complete.

    Raises:
        ExportError: the package onnx is missing.
        MediaError: the folder holds something already, or cannot be written.
    """
    _need_onnx()
    _check_folder(folder, overwrite=overwrite)
    try:
        with tempfile.TemporaryDirectory(prefix=".animate-export-", dir=folder.parent) as name:
            graphs = list_graphs(model)
            for graph in graphs:
                _write_graph(graph, Path(name) / f"{graph.name}.onnx")
                advance()
            _describe(graphs, model, info, Path(name) / DESCRIPTION)
            return _move(Path(name), folder)
    except OSError as error:
        raise MediaError(f"{folder}: cannot be written ({explain(error)})") from None


def _need_onnx() -> None:
    try:
        import onnx  # noqa: F401  (the exporter needs it, and says so less plainly)
    except ImportError as error:
        raise ExportError("export needs the package onnx; pip install 'animate-cli[onnx]'") from error


def _check_folder(folder: Path, *, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise MediaError(f"{folder}: is a file; give a folder")
    if not folder.parent.is_dir():
        raise MediaError(f"{folder}: the folder {folder.parent} does not exist")
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise MediaError(f"{folder}: the folder is not empty; --overwrite writes into it all the same")


def _write_graph(graph: Graph, path: Path) -> None:
    names = graph.inputs + graph.outputs
    register_custom_op_symbolic("aten::linspace", _linspace, OPSET)
    with torch.no_grad(), warnings.catch_warnings():
        # the tracer wonders at sizes that are the same for every picture of one model
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph.module.eval(),
            graph.example,
            str(path),
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_axes={name: {0: "batch"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )


def _linspace(graph: Any, start: Any, end: Any, steps: Any, *options: Any) -> Any:  # noqa: ANN401  (torch's own)
    """Put evenly spaced numbers into the graph as float32; the exporter's own come out as float64."""
    first, last, count = (value.node()["value"] for value in (start, end, steps))
    return graph.op("Constant", value_t=torch.linspace(float(first), float(last), int(count)))


def _describe(graphs: list[Graph], model: MotionModel, info: WeightsInfo, path: Path) -> None:
    content: dict[str, Any] = {
        "schema": 1,
        "size": list(model.config.size),
        "graphs": {graph.name: {"inputs": graph.inputs, "outputs": graph.outputs} for graph in graphs},
        "weights": {key: _plain(value) for key, value in to_metadata(info).items()},
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _plain(text: str) -> Any:  # noqa: ANN401  (any JSON value)
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _move(made: Path, folder: Path) -> list[Path]:
    folder.mkdir(exist_ok=True)
    files = []
    for path in sorted(made.iterdir()):
        shutil.move(path, folder / path.name)
        files.append(folder / path.name)
    return files
