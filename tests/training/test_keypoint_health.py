"""Keypoint health of models whose keypoints were spoilt one by one."""

import csv
import math
from pathlib import Path

import torch

from animate_cli.training.keypoint_health import measure_health, save_keypoint_health
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
    health = measure_health(model, pictures(4), ("a", "b", "c", "d"))
    save_keypoint_health(tmp_path / "health.csv", health)
    found = rows(tmp_path / "health.csv")
    assert [row["name"] for row in found] == ["a", "b", "c", "d"]
    assert "dead" in found[0]["problems"]
    assert abs(float(found[0]["response"])) < 0.01
    assert "collapsed" in found[2]["problems"]
    assert (found[2]["collapsed_with"], found[3]["collapsed_with"]) == ("3", "2")
    assert float(found[1]["folded"]) == 0
    assert (health.summary.dead, health.summary.collapsed) == (1 + response_below(found[1:]), 2)
    assert math.isnan(health.summary.background)
    assert found[0]["background"] == ""


def response_below(found: list[dict[str, str]]) -> int:
    return sum("dead" in row["problems"] for row in found)


def test_a_heap_of_dead_keypoints_is_warned_of() -> None:
    model = tiny_model()
    with torch.no_grad():
        model.detector.heatmap_head.weight.zero_()
    health = measure_health(model, pictures(4))
    assert health.summary.dead == len(health.keypoints)
    assert health.summary.spread < 0.01
    assert health.summary.coverage < 0.001
    first, second = health.warnings
    assert "4 of 4 keypoints are dead" in first
    assert "in a heap" in second


def test_keypoints_on_the_background_are_warned_of() -> None:
    model, images = tiny_model(), pictures(4)
    everywhere, corner = torch.ones(4, 64, 64), torch.zeros(4, 64, 64)
    corner[:, :4, :4] = 1
    assert measure_health(model, images, masks=everywhere).summary.background == 0
    health = measure_health(model, images, masks=corner)
    assert health.summary.background == 1
    assert any("100% of the keypoints are on the background" in warning for warning in health.warnings)
    nothing = measure_health(model, images, masks=torch.zeros(4, 64, 64))
    assert math.isnan(nothing.summary.background)
