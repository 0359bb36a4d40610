"""Published checkpoints: a seeded one, written by the tests, against numbers of an independent reading."""

import sys
import time
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from animate_cli.errors import WeightsError
from animate_cli.model.discriminator import Discriminator
from animate_cli.weights import LoadedModel, import_discriminator, inspect_file, load_model
from tests.weights.fomm_reference import CASES, FILE, HEIGHT, WIDTH, compute, make_inputs
from tests.weights.published_layout import VOX, Sizes, make_checkpoint, write_checkpoint

TOLERANCE = 2e-4
PUBLISHED_YAML = f"""
dataset_params: {{root_dir: data, frame_shape: [{HEIGHT}, {WIDTH}, 3]}}
model_params:
  common_params: {{num_kp: 4, num_channels: 3, estimate_jacobian: true}}
  kp_detector_params:
    {{temperature: 0.1, block_expansion: 4, max_features: 12, scale_factor: 0.25, num_blocks: 2}}
  generator_params:
    block_expansion: 5
    max_features: 14
    num_down_blocks: 2
    num_bottleneck_blocks: 2
    estimate_occlusion_map: true
    dense_motion_params: {{block_expansion: 6, max_features: 16, num_blocks: 3, scale_factor: 0.25}}
"""


def agree(case: str, name: str, tensor: Tensor) -> bool:
    with np.load(FILE) as archive:
        reference = torch.from_numpy(archive[f"{case}/{name}"])
    assert tensor.shape == reference.shape
    return float((tensor - reference).abs().max()) <= TOLERANCE


@pytest.fixture(scope="module", params=[(case, legacy) for case in CASES for legacy in (True, False)])
def imported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, LoadedModel]:
    case, legacy = request.param
    folder = tmp_path_factory.mktemp("published")
    content = make_checkpoint(CASES[case], optimisers=True)
    return case, load_model(write_checkpoint(folder / "c.pth.tar", content, legacy=legacy))


@torch.inference_mode()
def test_imported_networks_reproduce_the_reference(imported: tuple[str, LoadedModel]) -> None:
    case, loaded = imported
    source, driving = make_inputs()
    encoded, keypoints = loaded.model.encode(source), loaded.model.detect(driving)
    prediction = loaded.model.predict(encoded.expand(2), keypoints)
    assert agree(case, "source_value", encoded.keypoints.value)
    assert agree(case, "source_jacobian", encoded.keypoints.jacobian)
    assert agree(case, "driving_value", keypoints.value)
    assert agree(case, "driving_jacobian", keypoints.jacobian)
    assert agree(case, "mask", prediction.motion.mask)
    assert agree(case, "occlusion", prediction.motion.occlusions[0])
    assert agree(case, "prediction", prediction.image[:, :, ::3, ::3])


@torch.inference_mode()
def test_imported_discriminator_reproduces_the_reference(imported: tuple[str, LoadedModel]) -> None:
    case, loaded = imported
    weights = import_discriminator(loaded.path)
    discriminator = Discriminator(weights.config, weights.num_keypoints)
    discriminator.load_state_dict(weights.state)
    _, driving = make_inputs()
    judgement = discriminator.eval()(driving, loaded.model.detect(driving))
    assert agree(case, "features", judgement.features[-1])
    assert agree(case, "score", judgement.score)


def test_kept_numbers_are_those_of_the_reference() -> None:
    with np.load(FILE) as archive:
        assert FILE.stat().st_size < 50_000
        for name, array in compute(CASES["plain"]).items():
            assert np.abs(archive[f"plain/{name}"] - array).max() < 2e-4


@pytest.mark.parametrize(
    "sizes",
    [
        Sizes(),
        Sizes(keypoints=1),
        Sizes(keypoints=7, detector=(3, 3, 1), motion=(5, 7, 1), residuals=0),
        Sizes(detector=(2, 1024, 3), generator=(4, 4, 2), discriminator=(3, 5, 2)),
        Sizes(generator=(6, 300, 1), motion=(4, 8, 2), detector_taps=1, discriminator=(4, 600, 1)),
        Sizes(generator=(3, 12, 3), shared_jacobian=True, spectral_norm=True, discriminator=(8, 16, 5)),
        Sizes(discriminator=(4, 7, 2), use_kp=True, spectral_norm=True),
    ],
)
def test_sizes_are_read_from_tensors(tmp_path: Path, sizes: Sizes) -> None:
    path = write_checkpoint(tmp_path / "c.pth.tar", make_checkpoint(sizes, seed=None))
    config = load_model(path).info.config
    assert config.num_keypoints == sizes.keypoints
    assert config.detector.shared_jacobian == sizes.shared_jacobian
    assert config.detector.scale == {13: 0.25, 5: 0.5, 1: 1.0}[sizes.detector_taps]
    assert (config.detector.base_channels, config.detector.num_blocks) == sizes.detector[::2]
    assert (config.motion.base_channels, config.motion.num_blocks) == sizes.motion[::2]
    assert (config.generator.base_channels, config.generator.num_down_blocks) == sizes.generator[::2]
    assert config.generator.num_residual_blocks == sizes.residuals
    discriminator = import_discriminator(path).config
    assert discriminator.num_blocks == sizes.discriminator[2]
    assert discriminator.spectral_norm == sizes.spectral_norm
    assert discriminator.keypoint_heatmaps == sizes.use_kp


def test_a_published_config_adds_what_tensors_cannot_tell(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "c.pth.tar", make_checkpoint(Sizes()))
    config = tmp_path / "c.yaml"
    config.write_text(PUBLISHED_YAML.replace("temperature: 0.1", "temperature: 0.3"))
    with_config, without = load_model(path, config=config).info.config, load_model(path).info.config
    assert (with_config.size, with_config.detector.temperature) == ((HEIGHT, WIDTH), 0.3)
    assert (without.size, without.detector.temperature, without.align_corners) == ((256, 256), 0.1, True)


def test_our_config_adds_the_sampling(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "c.pth.tar", make_checkpoint(VOX_LIKE))
    config = tmp_path / "c.yaml"
    config.write_text(
        "model:\n  align_corners: false\n  detector: {base_channels: 4, num_blocks: 2}\n"
        "  motion: {base_channels: 6, num_blocks: 3}\n  generator: {base_channels: 5}\n"
    )
    loaded = load_model(path, config=config, domain="animal")
    assert not loaded.model.config.align_corners
    assert loaded.info.domain == "animal"
    assert loaded.model.config.motion.attention == "none"


VOX_LIKE = Sizes(keypoints=10, residuals=6)


def test_a_config_of_other_sizes_is_refused(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "c.pth.tar", make_checkpoint(Sizes()))
    config = tmp_path / "c.yaml"
    config.write_text(PUBLISHED_YAML.replace("num_kp: 4", "num_kp: 10"))
    with pytest.raises(WeightsError, match=r"c\.yaml: model\.num_keypoints is 10, but .* tensors say 4$"):
        load_model(path, config=config)


def test_names_of_data_parallel_training_and_of_the_first_versions(tmp_path: Path) -> None:
    content = make_checkpoint(Sizes())
    plain = load_model(write_checkpoint(tmp_path / "plain.pth.tar", content)).model.state_dict()
    for network in ("generator", "kp_detector", "discriminator"):
        content[network] = OrderedDict(
            (f"module.{name}", tensor)
            for name, tensor in content[network].items()
            if not name.endswith("num_batches_tracked")
        )
    del content["epoch"]
    path = write_checkpoint(tmp_path / "old.pth.tar", content)
    old = load_model(path).model.state_dict()
    assert all(torch.equal(old[name], plain[name]) for name in plain if "num_batches" not in name)
    assert import_discriminator(path).config.num_blocks == 3


def test_half_precision_tensors_become_float32(tmp_path: Path) -> None:
    content = make_checkpoint(Sizes())
    content["generator"]["final.weight"] = content["generator"]["final.weight"].half()
    model = load_model(write_checkpoint(tmp_path / "c.pth.tar", content)).model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_facts_of_a_file_called_like_a_named_model(tmp_path: Path) -> None:
    info = load_model(write_checkpoint(tmp_path / "taichi-cpk.pth.tar", make_checkpoint(Sizes()))).info
    assert (info.domain, info.style) == ("body", "photo")
    assert info.training["epoch"] == 99


@pytest.mark.slow
@pytest.mark.parametrize("legacy", [True, False])
def test_a_full_size_checkpoint_imports_in_seconds(tmp_path: Path, legacy: bool) -> None:
    content = make_checkpoint(replace(VOX, spectral_norm=True), seed=None, optimisers=True)
    path = write_checkpoint(tmp_path / "vox-cpk.pth.tar", content, legacy=legacy)
    del content
    started = time.perf_counter()
    loaded = load_model(path)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    report = inspect_file(path)
    inspected = time.perf_counter() - started
    sys.stderr.write(f"import {seconds:.2f} s, inspect {inspected:.2f} s\n")
    assert path.stat().st_size > 700e6
    assert report.parameters is not None
    assert 59e6 < report.parameters < 61e6
    assert loaded.info.domain == "face"
    assert seconds < 30
    assert inspected < 10
