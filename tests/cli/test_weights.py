"""`animate weights`: list, inspect, import."""

import json
from pathlib import Path

import pytest
import torch

from animate_cli.catalogue import MODELS
from animate_cli.config import ModelConfig
from animate_cli.weights import load_model
from tests.cli.conftest import Animate


def test_list_names_every_model(animate: Animate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path))
    outcome = animate("weights", "list")
    assert outcome.code == 0
    assert outcome.stderr == ""
    assert all(f"{model.name}  (" in outcome.stdout for model in MODELS)


def test_list_as_json_on_stdout_is_nothing_but_json(
    animate: Animate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path))
    (tmp_path / "vox.safetensors").write_bytes(b"something")
    report = json.loads(animate("weights", "list", "--json", "-").stdout)
    found = {model["name"]: model for model in report["models"]}
    assert report["cache"] == str(tmp_path)
    assert found["vox"]["path"] == str(tmp_path / "vox.safetensors")
    assert found["taichi"]["path"] is None


def test_inspect_our_weights(animate: Animate, tiny_weights: Path, tiny_config: ModelConfig) -> None:
    outcome = animate("weights", "inspect", tiny_weights, "--json", "-")
    report = json.loads(outcome.stdout)
    assert outcome.code == 0
    assert report["kind"] == "weights"
    assert report["usable"] is True
    assert report["config"]["num_keypoints"] == tiny_config.num_keypoints
    assert report["info"]["style"] == "toon"
    assert "num_keypoints: 5" in animate("weights", "inspect", tiny_weights).stdout


def test_inspect_says_what_a_useless_file_is(animate: Animate, tmp_path: Path) -> None:
    page = tmp_path / "vox.safetensors"
    page.write_text("<!DOCTYPE html><html>Not found</html>")
    outcome = animate("weights", "inspect", page)
    assert outcome.code == 0
    assert "kind: html page" in outcome.stdout
    assert "usable: no" in outcome.stdout


def test_inspect_report_goes_to_a_file_whole(animate: Animate, tiny_weights: Path, tmp_path: Path) -> None:
    outcome = animate("weights", "inspect", tiny_weights, "--json", tmp_path / "report.json")
    assert outcome.stdout.startswith("file: ")
    assert json.loads((tmp_path / "report.json").read_text())["schema"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    missing = animate("weights", "inspect", tiny_weights, "--json", tmp_path / "no" / "report.json")
    assert (missing.code, len(missing.lines)) == (1, 1)


def test_import_of_a_published_checkpoint(animate: Animate, published: Path, tmp_path: Path) -> None:
    out = tmp_path / "ours.safetensors"
    outcome = animate("weights", "import", published, "--domain", "face", "-o", out)
    assert outcome.code == 0
    assert outcome.stdout == ""
    assert f"wrote {out}" in outcome.stderr
    assert load_model(out).info.domain == "face"


def test_half_import_of_our_own_weights(animate: Animate, published: Path, tmp_path: Path) -> None:
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    assert animate("weights", "import", published, "-o", whole).code == 0
    assert animate("weights", "import", whole, "--half", "-o", half).code == 0
    assert half.stat().st_size < 0.7 * whole.stat().st_size
    kept, given = (load_model(path).model.state_dict() for path in (half, whole))
    assert all(torch.allclose(kept[name], given[name], atol=1e-3, rtol=1e-3) for name in given)


def test_quiet_import_says_nothing(animate: Animate, published: Path, tmp_path: Path) -> None:
    assert animate("weights", "import", published, "-q", "-o", tmp_path / "a.safetensors") == (0, "", "")


@pytest.mark.parametrize(
    ("given", "out", "says"),
    [
        ("missing.pth.tar", "a.safetensors", "no such file"),
        ("empty.pth.tar", "a.safetensors", "empty"),
        ("code.pth.tar", "a.safetensors", "code.pth.tar"),
        ("code.pth.tar", "a.pth", "must end in .safetensors"),
        ("code.pth.tar", "no/a.safetensors", "does not exist"),
    ],
)
def test_import_fails_in_one_line(
    animate: Animate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, out: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.pth.tar").touch()
    torch.save({"generator": print}, "code.pth.tar")
    outcome = animate("weights", "import", given, "-o", out)
    assert outcome.code == 1
    assert len(outcome.lines) == 1
    assert outcome.lines[0].startswith("error: ")
    assert says in outcome.lines[0]
    assert not Path(out).exists()
