"""Compare other runtimes with the engine on the same model: milliseconds a frame, the source encoded before.

``python examples/runtimes_speed.py toon-face``, or ``... vox-256`` (random weights, variant fomm), measures the
engine in every precision, plain torch, torch.compile (needs a C++ compiler, takes minutes), and the graphs of
`animate export` in ONNX Runtime and OpenVINO where they are installed (``pip install onnx onnxruntime openvino``).
Ways are measured in turns, so that a busy machine slows all alike; the best of the turns is told, and the PSNR
against plain torch in float32.
"""

import argparse
import copy
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from animate_cli.acceleration import Acceleration, choose_precision, prepare
from animate_cli.arrays import to_tensor
from animate_cli.bench.measure import NamedModel, from_preset, from_weights
from animate_cli.errors import DeviceError
from animate_cli.media import open_reader
from animate_cli.memory import keep_memory
from animate_cli.model.motion_model import MotionModel, MovingModel

BATCH, TURNS, APART = 4, 3, 20
CPU = torch.device("cpu")
Array = NDArray[np.float32]
Way = Callable[[], Array]
"""Animates a batch: [B, 3, H, W]."""


def main() -> None:
    """Measure every runtime that is here."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("model", choices=["toon-face", "vox-256"])
    parser.add_argument(
        "--without", nargs="*", default=[], help="ways to leave out, by the start of their names"
    )
    options = parser.parse_args()
    keep_memory()
    named = from_weights("toon-face") if options.model == "toon-face" else from_preset("vox-256", "fomm")
    driving = read_driving(named.model.config.size)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        ways = dict(open_ways(named, driving, Path(folder), tuple(options.without)))
        results = {name: way() for name, way in ways.items()}  # also compiles
        best = dict.fromkeys(ways, math.inf)
        for _ in range(TURNS):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                best[name] = min(best[name], time.perf_counter() - start)
    for name, seconds in sorted(best.items(), key=lambda one: one[1]):
        psnr = tell_psnr(results[name], results["plain torch, fp32"])
        print(f"{name:28} {1000 * seconds / BATCH:7.1f} ms a frame  {psnr}")


def read_driving(size: tuple[int, int]) -> Tensor:
    """Read a batch of frames that lie apart, [B, 3, H, W]; the first serves as source."""
    with open_reader(Path(__file__).parent / "driving.mp4") as reader:
        pictures = [frame.image for frame in islice(reader, 0, None, APART)][:BATCH]
    return torch.stack([to_tensor(picture, size) for picture in pictures]).float() / 255


def tell_psnr(found: Array, wanted: Array) -> str:
    """Tell how far frames in [0, 1] are apart."""
    error = float(np.square(found.astype(np.float64) - wanted).mean())
    return f"{-10 * math.log10(error):.1f} dB" if error else "the same"


def open_ways(
    named: NamedModel, driving: Tensor, folder: Path, without: tuple[str, ...]
) -> Iterator[tuple[str, Way]]:
    """Make every runtime ready, but those whose names begin with a given word."""
    openers: dict[str, Callable[[], Way]] = {
        "plain torch, fp32": lambda: open_torch(named.model, driving),
        **{
            f"engine, {precision}": partial(open_engine, named.model, driving, precision)
            for precision in ENGINE
        },
        "torch.compile, fp32": lambda: open_compiled(named.model, driving, torch.float32),
        "torch.compile, bf16": lambda: open_compiled(named.model, driving, torch.bfloat16),
        "ONNX Runtime, fp32": lambda: open_graphs(named.model, driving, folder, onnx_runtime),
        "OpenVINO, fp32": lambda: open_graphs(named.model, driving, folder, partial(open_vino, "f32")),
        "OpenVINO, bf16": lambda: open_graphs(named.model, driving, folder, partial(open_vino, "bf16")),
    }
    for name, opener in openers.items():
        if without and name.startswith(without):
            continue
        try:
            yield name, opener()
        except (ImportError, DeviceError) as error:
            print(f"{name}: left out ({error})")


ENGINE = ("fp32", "bf16", "int8")


def open_engine(model: MotionModel, driving: Tensor, precision: str) -> Way:
    """Return what `animate` computes with."""
    return open_torch(prepare(model, Acceleration(CPU, choose_precision(precision, CPU))), driving)


def open_torch(model: MovingModel, driving: Tensor) -> Way:
    """Return a model as it is."""
    source = model.encode(driving[:1]).expand(BATCH)
    return lambda: np.asarray(model.predict(source, model.detect(driving)).image.float())


def open_compiled(model: MotionModel, driving: Tensor, dtype: torch.dtype) -> Way:
    """Return the plain model compiled by inductor, channels last."""
    last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    source = last.encode(driving[:1]).expand(BATCH)
    detect, predict = torch.compile(last.detect), torch.compile(last.predict)

    def run() -> Array:
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype is torch.bfloat16):
            return np.asarray(predict(source, detect(driving)).image.float())

    return run


Run = Callable[[dict[str, Array]], list[Array]]


def open_graphs(model: MotionModel, driving: Tensor, folder: Path, load: Callable[[Path], Run]) -> Way:
    """Return the exported graphs in a runtime."""
    graphs = export(model, folder)
    runs = {name: load(folder / f"{name}.onnx") for name in graphs}
    pictures = driving.numpy()
    once = runs["source"]({"image": pictures[:1]})
    encoded = dict(zip(graphs["source"]["outputs"], (np.repeat(one, BATCH, 0) for one in once), strict=True))
    known = {**encoded, "image": np.repeat(pictures[:1], BATCH, 0)}

    def run() -> Array:
        value, jacobian = runs["keypoints"]({"image": pictures})
        words = {**known, "driving_value": value, "driving_jacobian": jacobian}
        return runs["frame"]({name: words[name] for name in graphs["frame"]["inputs"]})[0]

    return run


def export(model: MotionModel, folder: Path) -> dict[str, Any]:
    """Export a model once, and return what its graphs take and give."""
    from animate_cli.export.onnx import export_model
    from animate_cli.weights.info import WeightsInfo

    description = folder / "model.json"
    if not description.exists():
        with torch.inference_mode(False):
            export_model(model, WeightsInfo(model.config), folder, overwrite=True, advance=lambda: None)
    graphs: dict[str, Any] = json.loads(description.read_text())["graphs"]
    return graphs


def onnx_runtime(path: Path) -> Run:
    """Load a graph into ONNX Runtime, with as many threads as torch has."""
    if find_spec("onnxruntime") is None:
        raise ImportError("onnxruntime is not installed")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda words: session.run(None, words)  # type: ignore[no-any-return]


def open_vino(precision: str, path: Path) -> Run:
    """Load a graph into OpenVINO."""
    import openvino  # type: ignore[import-not-found, unused-ignore]

    core = openvino.Core()
    network = core.read_model(str(path))
    batch = 1 if path.stem == "source" else BATCH
    network.reshape({one.any_name: [batch, *list(one.partial_shape)[1:]] for one in network.inputs})
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = core.compile_model(network, "CPU", settings)
    return lambda words: list(compiled(words).values())


if __name__ == "__main__":
    main()
