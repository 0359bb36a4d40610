"""The toons' own detectors: what they give, how they are kept, and that they learn."""

from pathlib import Path

import pytest
import torch

from animate_cli.errors import WeightsError
from animate_cli.metrics.toon_networks import (
    IdentityNetwork,
    LandmarkNetwork,
    load_identity_network,
    load_landmark_network,
)
from animate_cli.training.toon_networks import NetworkOptions, NetworkTraining, tell_apart


def train(folder: Path, until: int) -> list[dict[str, float]]:
    training = NetworkTraining(NetworkOptions(folder, steps=4, batch_size=2))
    training.restore()
    reports = []
    for report in training.run(report_every=2):
        reports.append(report)
        if report["step"] >= until:
            break
    return reports


@torch.inference_mode()
def test_networks_take_pictures_of_any_size() -> None:
    pictures = torch.rand(2, 3, 96, 96)
    found = LandmarkNetwork(5).eval()(pictures)
    assert found.value.shape == (2, 5, 2)
    assert found.visibility.shape == (2, 5)
    assert found.value.abs().max() <= 1
    assert ((found.visibility > 0) & (found.visibility < 1)).all()
    assert torch.allclose(IdentityNetwork().eval()(pictures).norm(dim=1), torch.ones(2), atol=1e-5)


def test_an_interrupted_run_goes_on_and_leaves_loadable_networks(tmp_path: Path) -> None:
    assert [report["step"] for report in train(tmp_path, until=2)] == [2]
    assert [report["step"] for report in train(tmp_path, until=4)] == [4]
    assert isinstance(load_landmark_network("toon-face", tmp_path), LandmarkNetwork)
    assert isinstance(load_identity_network("toon-face", tmp_path), IdentityNetwork)


def test_a_report_is_a_mean_even_where_the_last_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = NetworkTraining(NetworkOptions(tmp_path, steps=3, batch_size=1))

    def advance() -> dict[str, torch.Tensor]:
        training.step += 1
        return {"landmarks": torch.tensor(float(training.step))}

    monkeypatch.setattr(training, "_advance", advance)
    assert [report["landmarks"] for report in training.run(report_every=2)] == [1.5, 3.0]


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"toon-face-landmarks\.safetensors is missing"):
        load_landmark_network("toon-face", tmp_path)


def test_pictures_of_one_toon_should_be_alike() -> None:
    apart = torch.eye(4)[[0, 1, 0, 1]]
    mixed = torch.eye(4)[[0, 1, 1, 0]]
    assert tell_apart(apart) < 0.01 < tell_apart(mixed)
