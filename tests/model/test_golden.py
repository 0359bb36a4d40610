"""Every network value of the reference data, to 2e-4; skipped where the data is not beside the checkout."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from animate_cli.config import ModelConfig
from animate_cli.model.blocks import AntiAliasDownscale
from animate_cli.model.discriminator import Discriminator
from animate_cli.model.motion_model import MotionModel
from animate_cli.model.relative_motion import movement_scale, relative_keypoints
from animate_cli.model.values import Keypoints, Prediction
from animate_cli.weights import import_discriminator, load_model

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
TOLERANCE = 2e-4

pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the reference data is not here")

Arrays = dict[str, np.ndarray[Any, Any]]


class Golden:
    """One reference checkpoint with its inputs and numbers."""

    def __init__(self, name: str) -> None:
        self.folder = GOLDEN / f"fomm-tiny-{name}"
        self.checkpoint = self.folder / "checkpoint.pth.tar"
        with np.load(self.folder / "reference.npz") as archive:
            self.arrays: Arrays = {key: archive[key] for key in archive.files}
        self.source = self.picture("source")[None]
        self.driving = self.picture("driving")

    def picture(self, name: str) -> Tensor:
        return torch.from_numpy(self.arrays[name]).movedim(-1, -3).float() / 255

    def has(self, name: str) -> bool:
        return name in self.arrays

    def agrees(self, name: str, tensor: Tensor) -> bool:
        reference = torch.from_numpy(self.arrays[name])
        assert tensor.shape == reference.shape
        return float((tensor - reference).abs().max()) <= TOLERANCE


@pytest.fixture(scope="module", params=["a", "b"])
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(request.param)


@pytest.fixture(scope="module", params=[True, False], ids=["aligned", "not-aligned"])
def model(golden: Golden, request: pytest.FixtureRequest) -> MotionModel:
    loaded = load_model(golden.checkpoint, config=golden.folder / "config.yaml")
    return with_align_corners(loaded.model, request.param)


def with_align_corners(model: MotionModel, align_corners: bool) -> MotionModel:
    config: dict[str, Any] = vars(model.config) | {"align_corners": align_corners}
    twin = MotionModel(ModelConfig(**config))
    twin.load_state_dict(model.state_dict())
    return twin.eval()


@torch.inference_mode()
def test_keypoints(golden: Golden, model: MotionModel) -> None:
    source, driving = model.detect(golden.source), model.detect(golden.driving)
    scale = movement_scale(source, first(driving))
    relative = relative_keypoints(source, driving, first(driving), scale=scale)
    for name, keypoints in {"source": source, "driving": driving, "relative": relative}.items():
        assert golden.agrees(f"kp_{name}_value", keypoints.value)
        assert golden.agrees(f"kp_{name}_jacobian", keypoints.jacobian)


@pytest.mark.parametrize("motion", ["absolute", "relative"])
@torch.inference_mode()
def test_prediction(golden: Golden, model: MotionModel, motion: str) -> None:
    prefix = f"align_corners_{str(model.config.align_corners).lower()}/{motion}/"
    if not golden.has(f"{prefix}prediction"):
        pytest.skip("no reference for this setting")
    values = named_values(animate(golden, model, relative=motion == "relative"))
    compared = {name.removeprefix(prefix) for name in golden.arrays if name.startswith(prefix)}
    assert {"prediction", "occlusion_map"} <= compared <= values.keys()
    assert all(golden.agrees(f"{prefix}{name}", values[name]) for name in compared)


def animate(golden: Golden, model: MotionModel, *, relative: bool) -> Prediction:
    driving = model.detect(golden.driving)
    source = model.encode(golden.source)
    if relative:
        scale = movement_scale(source.keypoints, first(driving))
        driving = relative_keypoints(source.keypoints, driving, first(driving), scale=scale)
    return model.predict(source.expand(len(golden.driving)), driving)


def named_values(prediction: Prediction) -> dict[str, Tensor]:
    return {
        "prediction": prediction.image,
        "deformed": prediction.deformed,
        "occlusion_map": prediction.motion.occlusions[0],
        "mask": prediction.motion.mask,
        "sparse_deformed": prediction.motion.sparse_deformed,
    }


def first(keypoints: Keypoints) -> Keypoints:
    return Keypoints(keypoints.value[:1], keypoints.jacobian[:1])


@torch.inference_mode()
def test_discriminator(golden: Golden, model: MotionModel) -> None:
    weights = import_discriminator(golden.checkpoint)
    discriminator = Discriminator(weights.config, weights.num_keypoints)
    discriminator.load_state_dict(weights.state)
    judgement = discriminator.eval()(golden.driving[:2], model.detect(golden.driving[:2]))
    assert golden.agrees("discriminator_map", judgement.score)
    for number, features in enumerate(judgement.features):
        assert golden.agrees(f"discriminator_feature_{number}", features)
    assert not golden.has(f"discriminator_feature_{len(judgement.features)}")


@pytest.mark.parametrize(
    ("name", "scale"), [("antialias_quarter", 1 / 4), ("pyramid_half", 1 / 2), ("pyramid_eighth", 1 / 8)]
)
def test_downscale(golden: Golden, name: str, scale: float) -> None:
    if not golden.has(name):
        pytest.skip("no reference in this set")
    assert golden.agrees(name, AntiAliasDownscale(scale)(golden.source))
