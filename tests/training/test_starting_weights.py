from dataclasses import replace
from pathlib import Path

import pytest
import torch

from animate_cli.errors import WeightsError
from animate_cli.model.motion_model import MotionModel
from animate_cli.training.starting_weights import adopt, load_start
from animate_cli.weights import WeightsInfo, save_weights
from tests.tiny import tiny_config, tiny_model
from tests.training.runs import on_videos
from tests.weights.published_layout import Sizes, make_checkpoint, write_checkpoint


def test_the_same_layout_is_taken_whole() -> None:
    model, start = tiny_model(seed=1), tiny_model()
    assert adopt(model, start) == []
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), start.parameters(), strict=True))


def test_from_fomm_to_paper_what_is_new_is_named() -> None:
    model, start = tiny_model("paper", seed=1), tiny_model("fomm")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    new = adopt(model, start)
    state = model.state_dict()
    assert {name.split(".")[1] for name in new} == {"attention", "occlusion"}
    assert all(torch.equal(state[name], before[name]) for name in new)
    given = start.state_dict()
    assert all(torch.equal(state[name], given[name]) for name in state.keys() - new)
    assert "generator.final.weight" not in new


def test_of_a_larger_kernel_the_middle_is_taken() -> None:
    config, start = tiny_config(), tiny_model()
    model = MotionModel(replace(config, motion=replace(config.motion, mask_kernel_size=3)))
    assert adopt(model, start) == []
    assert torch.equal(model.motion.mask_head.weight, start.motion.mask_head.weight[:, :, 2:5, 2:5])


def test_weights_that_fit_nowhere_are_refused() -> None:
    config = tiny_config()
    wide = MotionModel(
        replace(
            config,
            num_keypoints=7,
            detector=replace(config.detector, base_channels=5, max_channels=17),
            motion=replace(config.motion, base_channels=5, max_channels=17),
            occlusion=replace(config.occlusion, base_channels=20),
            generator=replace(config.generator, base_channels=5, max_channels=17),
        )
    )
    with pytest.raises(WeightsError, match="another size"):
        adopt(tiny_model(), wide)


def test_given_weights_come_before_the_configs(tmp_path: Path) -> None:
    path, model = tmp_path / "start.safetensors", tiny_model()
    save_weights(path, model, WeightsInfo(model.config))
    loaded = load_start(replace(on_videos(), init_from="nowhere"), str(path))
    assert loaded is not None
    assert torch.equal(loaded.generator.final.weight, model.generator.final.weight)
    from_config = load_start(replace(on_videos(), init_from=str(path)), None)
    assert from_config is not None


def test_nothing_to_start_from() -> None:
    assert load_start(on_videos(), None) is None


def test_a_config_whose_start_is_not_here_says_what_to_pass() -> None:
    with pytest.raises(WeightsError) as caught:
        load_start(replace(on_videos(), init_from="vox-256"), None)
    assert "\n" not in str(caught.value)
    assert "tiny goes on from vox-256, which is not here: pass its weights with --init-from FILE" in str(
        caught.value
    )


def test_published_checkpoints_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "cpk.pth.tar"
    write_checkpoint(path, make_checkpoint(Sizes()))
    start = load_start(on_videos(), str(path))
    assert start is not None
    paper = MotionModel(replace(start.config, motion=replace(start.config.motion, attention="max")))
    new = adopt(paper, start)
    assert new
    assert all(name.startswith("motion.attention") for name in new)
