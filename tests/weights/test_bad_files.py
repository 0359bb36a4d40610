"""Whatever is given as weights: one line that says what it is, a report of it, and nothing is ever run."""

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from animate_cli.errors import WeightsError
from animate_cli.weights import WeightsInfo, inspect_file, load_model, save_weights
from tests.tiny import tiny_config, tiny_model
from tests.weights.published_layout import Sizes, make_checkpoint, write_checkpoint

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 240000000\n"


class Trap:
    """Unpickling this with code allowed makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.mark,)


def torch_bytes(content: object, *, legacy: bool = False) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def checkpoint_bytes(*, legacy: bool) -> bytes:
    return torch_bytes(make_checkpoint(Sizes(), seed=None), legacy=legacy)


def zip_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return buffer.getvalue()


def safetensors_bytes(tmp_path: Path) -> bytes:
    path = tmp_path / "whole.safetensors"
    save_weights(path, tiny_model(), WeightsInfo(config=tiny_config()))
    return path.read_bytes()


FILES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "empty", "an empty file"),
    "pointer": (POINTER.encode, "git lfs pointer", "a Git LFS pointer"),
    "html": (lambda: b"\n<!DOCTYPE html><html><body>404</body></html>", "html page", "an HTML page"),
    "text": (lambda: b"Not Found", "other", "a text file (Not Found)"),
    "noise": (lambda: bytes(range(200, 256)) * 30, "other", "not a weights file"),
    "zeros": (lambda: bytes(5000), "other", "not a weights file"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "other", "a PNG picture"),
    "gzip": (lambda: b"\x1f\x8b\x08" + bytes(50), "other", "a gzip archive"),
    "zip": (zip_bytes, "other", "a zip archive, not a checkpoint"),
    "plain pickle": (lambda: pickle.dumps({"a": 1}), "pickle with code", "a Python pickle"),
    "cut zip": (lambda: checkpoint_bytes(legacy=False)[:-5000], "truncated", "a truncated or damaged zip"),
    "cut legacy": (
        lambda: checkpoint_bytes(legacy=True)[:-500],
        "truncated",
        "a truncated or damaged PyTorch",
    ),
    "cut legacy early": (
        lambda: checkpoint_bytes(legacy=True)[:900],
        "truncated",
        "a truncated or damaged PyTorch",
    ),
    "cut legacy magic": (lambda: checkpoint_bytes(legacy=True)[:6], "truncated", "a truncated PyTorch file"),
    "other networks": (
        lambda: torch_bytes({"encoder": {"w": torch.zeros(2)}}),
        "torch file",
        "it holds encoder",
    ),
    "a tensor": (lambda: torch_bytes(torch.zeros(2)), "torch file", "holds a Tensor, not networks"),
    "no tensors": (lambda: torch_bytes({"generator": 3, "kp_detector": {}}), "torch file", "a PyTorch file"),
}


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        load_model(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert "; " in message
    return message


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_named_for_what_it_is(tmp_path: Path, name: str) -> None:
    make, kind, words = FILES[name]
    path = tmp_path / "given.pth.tar"
    path.write_bytes(make())
    assert words in refusal(path)
    report = inspect_file(path)
    assert report.kind == kind
    assert not report.usable
    assert report.bytes == path.stat().st_size


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle", "inside a published checkpoint"])
def test_a_pickle_with_code_runs_nothing(tmp_path: Path, form: str) -> None:
    mark, path = tmp_path / "mark", tmp_path / "trap.pth.tar"
    trap = {"generator": Trap(mark)}
    content = {
        "zip": lambda: torch_bytes(trap),
        "legacy": lambda: torch_bytes(trap, legacy=True),
        "pickle": lambda: pickle.dumps(trap),
        "inside a published checkpoint": lambda: torch_bytes(make_checkpoint(Sizes(), seed=None) | trap),
    }[form]()
    path.write_bytes(content)
    assert "nothing in it was run" in refusal(path)
    assert inspect_file(path).kind == "pickle with code"
    assert not mark.exists()


def test_the_name_of_what_a_pickle_asks_for_is_told(tmp_path: Path) -> None:
    path = tmp_path / "trap.pth.tar"
    path.write_bytes(torch_bytes({"generator": Trap(tmp_path / "mark")}))
    assert "asks to run or build getattr" in refusal(path)


def test_a_pointer_tells_what_it_points_to(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_text(POINTER)
    assert inspect_file(path).facts == {"sha256": "ab" * 32, "bytes": 240_000_000}


@pytest.mark.parametrize("kept", [9, 100, 2000, -1])
def test_truncated_safetensors(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(safetensors_bytes(tmp_path)[:kept])
    assert "a truncated safetensors file" in refusal(path)
    assert inspect_file(path).kind == "truncated"


def test_other_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"w": torch.zeros(3)}, path)
    assert "a safetensors file, but not one of animate" in refusal(path)
    assert inspect_file(path).kind == "safetensors"


def test_folders_missing_files_and_unreadable_ones(tmp_path: Path) -> None:
    assert "a folder, not a file" in refusal(tmp_path)
    assert inspect_file(tmp_path).kind == "folder"
    assert "no such file" in refusal(tmp_path / "missing.safetensors")
    with pytest.raises(WeightsError, match="no such file"):
        inspect_file(tmp_path / "missing.safetensors")
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WeightsError, match="no such file"):
        load_model(tmp_path / "link.safetensors")


def test_a_report_of_our_weights(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(path, tiny_model(), WeightsInfo(config=tiny_config(), domain="face"), precision="float16")
    report = inspect_file(path)
    assert report.usable
    assert (report.kind, report.config) == ("weights", tiny_config())
    assert report.info is not None
    assert report.info.domain == "face"
    assert report.facts["stored_as"] == ["float16"]


def test_a_report_of_our_weights_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(
        safetensors_bytes(tmp_path).replace(b'\\"num_keypoints\\": 4', b'\\"num_keypoints\\": 5')
    )
    report = inspect_file(path)
    assert report.kind == "weights"
    assert report.advice.startswith("it cannot be used: tensor detector.heatmap_head.weight is 4x")


@pytest.mark.parametrize("legacy", [True, False])
def test_a_report_of_a_published_checkpoint(tmp_path: Path, legacy: bool) -> None:
    path = write_checkpoint(tmp_path / "c.pth.tar", make_checkpoint(Sizes()), legacy=legacy)
    report = inspect_file(path)
    assert report.usable
    assert report.kind == "published checkpoint"
    assert report.config == load_model(path).info.config
    assert report.facts["epoch"] == 99


def test_a_report_of_a_published_checkpoint_that_does_not_fit(tmp_path: Path) -> None:
    content = make_checkpoint(Sizes())
    del content["generator"]["final.bias"]
    report = inspect_file(write_checkpoint(tmp_path / "c.pth.tar", content))
    assert report.kind == "published checkpoint"
    assert report.advice == "it cannot be used: tensor generator.final.bias is missing"
