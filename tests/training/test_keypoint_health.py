"""Keypoint health of a model whose keypoints were spoilt one by one."""

import csv
from pathlib import Path

import torch

from animate_cli.training.keypoint_health import save_keypoint_health
from tests.tiny import pictures, tiny_model


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_spoilt_keypoints_are_named(tmp_path: Path) -> None:
    model = tiny_model()
    head, turns = model.detector.heatmap_head, model.detector.jacobian_head
    assert head.bias is not None
    with torch.no_grad():
        head.weight *= 3
        head.weight[0], head.weight[2] = 0, head.weight[3]
        head.bias[2] = head.bias[3]
        turns.weight[4:8] = 0
    save_keypoint_health(tmp_path / "health.csv", model, pictures(4), ("a", "b", "c", "d"))
    found = rows(tmp_path / "health.csv")
    assert [row["name"] for row in found] == ["a", "b", "c", "d"]
    assert "dead" in found[0]["problems"]
    assert abs(float(found[0]["response"])) < 0.01
    assert "collapsed" in found[2]["problems"]
    assert (found[2]["collapsed_with"], found[3]["collapsed_with"]) == ("3", "2")
    assert float(found[1]["folded"]) == 0
