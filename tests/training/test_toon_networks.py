"""The toons' own detectors: what they give, how they are kept, and that they learn."""

from pathlib import Path

import numpy as np
import pytest
import torch

from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.toons.values import ToonFrame
from animate_cli.errors import WeightsError
from animate_cli.metrics.evaluation.detecting import advise_landmarks
from animate_cli.metrics.toon_detectors import ToonIdentity, ToonLandmarks
from animate_cli.toon_networks import (
    IdentityNetwork,
    LandmarkNetwork,
    cell_centres,
    load_identity_network,
    load_landmark_network,
    network_path,
    read_heatmaps,
)
from animate_cli.training import toon_network_figures
from animate_cli.training.toon_lessons import Lesson, Lessons, NetworkOptions, elsewhere, look_again, mirrored
from animate_cli.training.toon_networks import (
    NetworkTraining,
    heatmap_loss,
    mean_pixels,
    pace,
    tell_apart,
)


def train(folder: Path, until: int) -> list[dict[str, float]]:
    training = NetworkTraining(NetworkOptions(folder, steps=4, batch_size=2, workers=0))
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
    training = NetworkTraining(NetworkOptions(tmp_path, steps=3, batch_size=1, workers=0))

    def advance(lesson: Lesson) -> dict[str, torch.Tensor]:
        training.step += 1
        return {"pixels": torch.tensor(float(training.step))}

    monkeypatch.setattr(training, "_advance", advance)
    assert [report["pixels"] for report in training.run(report_every=2)] == [1.5, 3.0]


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"toon-face-landmarks\.safetensors is missing"):
        load_landmark_network("toon-face", tmp_path)


def test_a_network_of_ones_own_is_found_in_the_folder_for_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANIMATE_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr("animate_cli.toon_networks.BUNDLED_FOLDERS", (tmp_path / "none",))
    (tmp_path / "toon-animal-landmarks.safetensors").touch()
    assert network_path("toon-animal", "landmarks") == tmp_path / "toon-animal-landmarks.safetensors"
    assert str(tmp_path) in advise_landmarks("toon-animal")


def test_pictures_of_one_toon_should_be_alike() -> None:
    apart = torch.eye(4)[[0, 1, 0, 1]]
    mixed = torch.eye(4)[[0, 1, 1, 0]]
    assert tell_apart(apart) < 0.01 < tell_apart(mixed)


def test_heatmaps_are_read_in_the_coordinates_of_pictures_of_any_size() -> None:
    """A bright cell is at the centre of the pixels it covers: those of 128 px, and of 256."""
    places = torch.full((1, 1, 64, 64), -100.0)
    places[..., 10, 20] = 0
    for size, pixels in ((128, (40.5, 20.5)), (256, (81.5, 41.5))):
        found = read_heatmaps(places, torch.zeros_like(places), (size, size)).value[0, 0]
        assert ((found + 1) / 2 * (size - 1)).tolist() == pytest.approx(pixels, abs=1e-3)


def test_heatmaps_are_best_where_the_landmarks_are() -> None:
    truth, visible = torch.tensor([[[0.3, -0.4], [0.0, 0.0]]]), torch.tensor([[True, False]])
    near, far = (
        torch.log_softmax(
            -((cell_centres(64) - x).square()[None, :] + (cell_centres(64) - y).square()[:, None]).flatten()
            * 500,
            dim=-1,
        ).view(1, 1, 64, 64)
        for x, y in ((0.3, -0.4), (-0.4, 0.3))
    )
    hidden = torch.zeros_like(near)
    assert heatmap_loss(torch.cat([near, hidden], 1), truth, visible) < 4
    assert heatmap_loss(torch.cat([far, hidden], 1), truth, visible) > 50
    found = read_heatmaps(near, hidden, (128, 128)).value
    assert mean_pixels(found, truth[:, :1], visible[:, :1]) < 1


def test_the_floor_counts_visible_landmarks_alone_in_pixels_at_256() -> None:
    truth, found = torch.tensor([[0.0, 0.0], [0.5, 0.5]]), torch.tensor([[2 / 255, 0.0], [0.9, 0.9]])
    assert mean_pixels(found, truth, torch.tensor([True, False])).item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("family", ["toon-face", "toon-body", "toon-animal"])
def test_a_lesson_is_the_same_each_time_and_shows_toons_of_its_family(tmp_path: Path, family: str) -> None:
    options = NetworkOptions(tmp_path, family=family, steps=4, batch_size=2)
    one, again, other = Lessons(options)[1], Lessons(options, first=1)[0], Lessons(options)[2]
    assert torch.equal(one.disguised, again.disguised)
    assert not torch.equal(one.landmarks, other.landmarks)
    assert one.landmarks.shape == (4, len(FAMILIES[family].landmarks), 2)


def test_toons_are_put_before_something_else_and_kept_themselves() -> None:
    mask = torch.zeros(60, 8, 8)
    mask[:, 2:4] = 1
    image = torch.rand(60, 1, 1, 1).expand(60, 3, 8, 8)
    shown = elsewhere(
        ToonFrame(image, mask, torch.zeros(60, 1, 2), torch.ones(60, 1).bool()), torch.Generator()
    )
    assert torch.equal(shown[:, :, 2:4], image[:, :, 2:4])
    moved = (shown != image).flatten(1).any(1)
    assert 25 < moved.sum() < 55


def test_the_learning_rate_rises_stays_and_falls() -> None:
    rates = [pace(step, 1000) for step in (0, 99, 500, 750, 1000)]
    assert rates == pytest.approx([0.01, 1, 1, 0.5, 0])


def test_what_was_measured_travels_with_the_networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toon_network_figures, "FRAMES", 2)
    NetworkTraining(NetworkOptions(tmp_path)).save()
    words = toon_network_figures.state_figures("toon-face", tmp_path, clips=2)
    facts = ToonLandmarks("toon-face", torch.device("cpu"), tmp_path).facts
    assert facts.names == FAMILIES["toon-face"].landmarks
    assert facts.floor is not None
    assert facts.floor > 5  # it has learnt nothing
    assert words[0].startswith(f"floor {facts.floor:.2f} px; {facts.note}")
    assert "4 true frames" in facts.note
    assert "apart" in ToonIdentity("toon-face", torch.device("cpu"), tmp_path).facts.note


def test_detectors_give_pixels_of_the_picture_and_the_same_in_any_batch(tmp_path: Path) -> None:
    NetworkTraining(NetworkOptions(tmp_path)).save()
    detector = ToonLandmarks("toon-face", torch.device("cpu"), tmp_path)
    pictures = np.random.default_rng(0).integers(0, 255, (11, 96, 80, 3), dtype=np.uint8)
    many, one = detector.find(pictures), detector.find(pictures[9:10])
    assert many.points.shape == (11, 29, 2)
    assert np.allclose(many.points[9:10], one.points, atol=1e-3)
    assert (many.points.max((0, 1)) <= [79, 95]).all()
    assert (many.points.max((0, 1)) > [30, 40]).all()


def test_a_drawing_looked_at_again_keeps_its_truth() -> None:
    """A bright dot on each landmark stays under it, whichever way round; the subject's sides stay its own."""
    names = ("left_eye", "right_eye", "chin")
    places = torch.tensor([[10, 20], [40, 22], [30, 50]])
    image = torch.zeros(1, 3, 64, 64)
    for channel, (x, y) in enumerate(places.tolist()):
        image[0, channel, y - 1 : y + 2, x - 1 : x + 2] = 1
    truth = places[None].float() / 63 * 2 - 1
    frame = ToonFrame(image, image.amax(1), truth, torch.ones(1, 3).bool())
    turned = set()
    for seed in range(8):
        seen = look_again(frame, torch.Generator().manual_seed(seed), names)
        x, y = ((seen.landmarks[0] + 1) / 2 * 63).round().long().clamp(0, 63).unbind(1)
        dots = seen.image[0, :, y, x] > 0.9
        swapped = bool(dots[0, 1] or dots[1, 0])
        expected = torch.eye(3)[[names.index(mirrored(name)) for name in names] if swapped else [0, 1, 2]]
        assert torch.equal(dots[:, seen.visible[0]], expected[:, seen.visible[0]] > 0)
        turned.add(swapped)
    assert turned == {True, False}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_landmark_has_a_name_in_the_mirror(family: str) -> None:
    names = FAMILIES[family].landmarks
    assert sorted(map(mirrored, names)) == sorted(names)
    assert sum(mirrored(name) != name for name in names) > 4
