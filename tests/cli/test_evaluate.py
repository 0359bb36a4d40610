"""`animate evaluate`: what is read, what is written, and what is told."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from animate_cli.media import open_writer
from animate_cli.metrics import lpips
from animate_cli.metrics.evaluation import toons
from tests.cli.conftest import Animate
from tests.download.site import open_site
from tests.faces.test_weights_files import give
from tests.metrics.test_lpips import alexnet
from tests.metrics.test_network_detector import Choosy, Heat, save


def write_clip(path: Path, count: int = 4, seed: int = 0, side: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(seed)
    picture = np.kron(chance.integers(0, 256, (8, 8, 3)), np.ones((side // 8, side // 8, 1))).astype(np.uint8)
    with open_writer(path, width=side, height=side, fps=Fraction(25)) as writer:
        for shift in range(count):
            writer.write(np.ascontiguousarray(np.roll(picture, shift, 1)))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_clip(tmp_path / "data" / "test" / "a#1.mp4", seed=1)
    write_clip(tmp_path / "data" / "test" / "b#1", 6, seed=2)
    write_clip(tmp_path / "data" / "train" / "c#1.mp4")
    return tmp_path / "data"


def test_reconstruction_of_the_test_videos(animate: Animate, data: Path, tiny_weights: Path) -> None:
    outcome = animate("evaluate", data, "-w", tiny_weights, "--json", "-", "--device", "cpu")
    assert outcome.code == 0, outcome.stderr
    assert outcome.stderr == "computing on cpu, fp32\n"
    report = json.loads(outcome.stdout)
    assert report["schema"] == 1
    assert (report["dataset"]["videos"], report["dataset"]["frames"]) == (2, 10)
    (model,) = report["models"]
    l1 = model["metrics"]["l1"]
    assert l1.keys() >= {"mean", "low", "high", "frames", "left_out"}
    assert l1["low"] <= l1["mean"] <= l1["high"]
    assert (l1["frames"], l1["left_out"]) == (10, 0)
    assert [video["name"] for video in model["videos"]] == ["a#1", "b#1"]
    whole = sum(video["l1"] * video["frames"] for video in model["videos"]) / 10
    assert l1["mean"] == pytest.approx(whole)
    assert report["detectors"] == []
    assert {"akd", "aed", "fid", "lpips"} <= {one["name"] for one in report["missing"]}


def test_table_of_several_models(animate: Animate, data: Path, tiny_weights: Path) -> None:
    outcome = animate(
        "evaluate", data, "-w", tiny_weights, "-w", tiny_weights, "--metrics", "l1,akd", "-v",
        "--reference", "paper",
    )  # fmt: skip
    assert outcome.code == 0
    for words in (
        "tiny (2)",
        "+0.0 [+0.0, +0.0] %",
        "left out",
        "akd_pose_evaluation: needs",
        "b#1",
        "TaiChiHD",
        "other data",
    ):
        assert words in outcome.stdout


def test_files(animate: Animate, data: Path, tiny_weights: Path, tmp_path: Path) -> None:
    files = {"--csv": "r.csv", "--markdown": "r.md", "--html": "r.html", "--json": "r.json"}
    options = [word for option, name in files.items() for word in (option, str(tmp_path / name))]
    outcome = animate("evaluate", data, "-w", tiny_weights, "--metrics", "l1,psnr", *options)
    assert outcome.code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text())))
    assert [row["video"] for row in rows] == [
        "a#1", "b#1", "(all)", "(all, low)", "(all, high)", "(frames left out)",
    ]  # fmt: skip
    mean = json.loads((tmp_path / "r.json").read_text())["models"][0]["metrics"]["l1"]["mean"]
    assert float(rows[2]["l1"]) == mean
    assert "| L1 ↓ |" in (tmp_path / "r.md").read_text()
    page = (tmp_path / "r.html").read_text()
    assert page.count("<video") == 2
    assert "<script" not in page
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_quiet_prints_no_tables_where_a_file_has_them(
    animate: Animate, data: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    words = ("evaluate", data, "-w", tiny_weights, "--metrics", "l1", "-q")
    outcome = animate(*words, "--json", tmp_path / "r.json", "--csv", tmp_path / "r.csv")
    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "", "")
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == 1
    assert "L1" in animate(*words).stdout  # nobody would learn the figures otherwise


def test_finished_videos(animate: Animate, tmp_path: Path) -> None:
    one, other = write_clip(tmp_path / "one.mp4"), write_clip(tmp_path / "other.mp4", seed=3)
    outcome = animate(
        "evaluate", "--truth", one, "--result", one, "--result", other, "--metrics", "psnr,ssim"
    )
    assert outcome.code == 0
    assert "100.00" in outcome.stdout
    assert outcome.stderr == ""


def test_resume(animate: Animate, data: Path, tiny_weights: Path, tmp_path: Path) -> None:
    words = (
        "evaluate",
        data,
        "-w",
        tiny_weights,
        "--metrics",
        "l1",
        "--json",
        "-",
        "--resume",
        tmp_path / "s",
    )
    first = animate(*words)
    scores = {file: file.stat().st_mtime_ns for file in (tmp_path / "s").iterdir()}
    assert len(scores) == 2
    again = animate(*words)
    assert again.stdout == first.stdout
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "s").iterdir()} == scores


def test_toons_give_the_same_digits(
    animate: Animate, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toons.ToonClips.__init__, "__defaults__", ("toon-face", 2, 5, 64))
    words = ("evaluate", "toon-face", "-w", tiny_weights, "--limit", "2", "--json", "-")
    first = animate(*words)
    assert first.code == 0, first.stderr
    metrics = json.loads(first.stdout)["models"][0]["metrics"]
    assert {"psnr_object", "sharpness", "leak", "keypoints_off", "keypoints_spread", "psnr_other"} <= set(
        metrics
    )
    assert animate(*words).stdout == first.stdout


def test_toons_are_drawn_at_another_size(animate: Animate, tiny_weights: Path) -> None:
    words = (
        "evaluate",
        "toon-face",
        "-w",
        tiny_weights,
        "--limit",
        "1",
        "--metrics",
        "l1,akd",
        "--json",
        "-",
    )
    outcome = animate(*words, "--drawn-at", "48")
    assert outcome.code == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    assert report["dataset"]["size"] == 48
    floors = {one["name"]: one["floor"] for one in report["measures"]}
    assert floors["akd"] is None  # the network's is that of 256 px
    assert report["models"][0]["metrics"]["l1"]["frames"] == 24


def test_networks_by_path_and_from_the_cache(
    animate: Animate, data: Path, tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    save(Choosy(), tmp_path / "hub" / "checkpoints" / "inception-2015-12-05.pt")
    save(Heat(), tmp_path / "heat.pt")
    yaml = tmp_path / "joints.yaml"
    yaml.write_text("kind: landmarks\nnetwork: heat.pt\nsize: 64\nform: heatmaps\nname: joints\n")
    words = ("evaluate", data, "-w", tiny_weights, "--detector", yaml, "--metrics", "fid,akd,mkr,stability")
    outcome = animate(*words, "--protocol", "pose-evaluation", "--json", "-")
    assert outcome.code == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    metrics = report["models"][0]["metrics"]
    assert list(metrics) == ["akd_pose_evaluation", "mkr_pose_evaluation", "fid", "stability"]
    assert metrics["fid"]["mean"] > 0
    assert metrics["fid"]["low"] is None
    assert [(one["kind"], one["name"]) for one in report["detectors"]] == [
        ("landmarks", "joints"),
        ("features", "Inception (2015-12-05)"),
    ]
    twice = animate(*words, "--detector", yaml)
    assert twice.code == 1
    assert "one is enough" in twice.lines[-1]


def test_networks_are_downloaded_when_that_is_asked_for(
    animate: Animate, data: Path, tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path / "weights"))
    words = ("evaluate", data, "-w", tiny_weights, "--metrics", "l1,lpips", "--json", "-")
    without = json.loads(animate(*words).stdout)
    assert [one["name"] for one in without["missing"]] == ["lpips"]
    content = io.BytesIO()
    torch.save({f"features.{n}": value for n, value in alexnet().state_dict().items()}, content)
    name = f"alexnet-{hashlib.sha256(content.getvalue()).hexdigest()[:8]}.pth"
    with open_site() as site:
        file = replace(lpips.ALEXNET.file, name=name, url=site.url("/alexnet"))
        monkeypatch.setattr(lpips, "BACKBONES", (replace(lpips.ALEXNET, file=file), lpips.VGG16))
        site.pages["/alexnet"] = give(b"an error page" * 50)
        refused = animate(*words, "--download")
        assert refused.code == 0
        assert "SHA-256 does not begin with" in refused.stderr
        assert "lpips" not in json.loads(refused.stdout)["models"][0]["metrics"]
        site.pages["/alexnet"] = give(content.getvalue())
        outcome = animate(*words, "--download")
    assert outcome.code == 0, outcome.stderr
    assert f"downloading {name} (244 MB), once" in outcome.stderr
    assert (tmp_path / "weights" / name).is_file()
    assert json.loads(outcome.stdout)["models"][0]["metrics"]["lpips"]["mean"] > 0
    assert "lpips" in json.loads(animate(*words).stdout)["models"][0]["metrics"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "give a DATASET"),
        (["DATA", "-w", "W", "--metrics", "l1,l2"], "'l2'"),
        (["DATA", "-w", "W", "--metrics", ","], "at least one"),
        (["--truth", "DATA"], "go together"),
        (["DATA", "-w", "W", "--drawn-at", "64"], "toon-face"),
        (["DATA", "--truth", "DATA", "--result", "DATA"], "give a DATASET"),
        (["--truth", "DATA", "--result", "DATA", "-w", "W"], "no model"),
    ],
)
def test_wrong_usage(animate: Animate, data: Path, tiny_weights: Path, words: list[str], says: str) -> None:
    named = {"DATA": str(data), "W": str(tiny_weights)}
    outcome = animate("evaluate", *[named.get(word, word) for word in words])
    assert (outcome.code, len(outcome.lines)) == (2, 1)
    assert says in outcome.lines[0]


def test_inputs_that_cannot_be(animate: Animate, data: Path, tiny_weights: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    cases = [
        ([tmp_path / "none", "-w", tiny_weights], "no such"),
        ([tmp_path / "empty", "-w", tiny_weights], "holds no videos"),
        ([data, "-w", "none.safetensors"], "none.safetensors"),
        ([data, "-w", tiny_weights, "--html", tmp_path / "no" / "r.html"], "does not exist"),
        ([data, "-w", tiny_weights, "--csv", tmp_path], "is a folder"),
        ([data, "-w", tiny_weights, "--metrics", "akd"], "akd needs"),
        ([data, "-w", tiny_weights, "--detector", tmp_path / "d.yaml"], "d.yaml"),
        (["--truth", data, "--result", tmp_path / "none"], "no such"),
        (["--truth", data, "--result", tmp_path / "empty"], "holds no videos"),
    ]
    for words, says in cases:
        outcome = animate("evaluate", *words)
        assert (outcome.code, outcome.stdout) == (1, ""), words
        assert says in outcome.lines[-1], outcome.stderr
        assert "Traceback" not in outcome.stderr
