"""What the command line's tests share: run it as a function, and small weights made on the spot."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from animate_cli.cli import app
from animate_cli.config import (
    DenseMotionConfig,
    DetectorConfig,
    GeneratorConfig,
    ModelConfig,
    OcclusionConfig,
)
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights import WeightsInfo, save_weights
from tests.weights.published_layout import Sizes, make_checkpoint, write_checkpoint


class Outcome(NamedTuple):
    """How a command ended and what it said."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stderr.splitlines()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small networks lose more to threads than they gain."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


Animate = Callable[..., Outcome]


@pytest.fixture
def animate(capfd: pytest.CaptureFixture[str]) -> Animate:
    def run(*words: str | Path) -> Outcome:
        code = app.run([str(word) for word in words])
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run


@pytest.fixture(scope="session")
def tiny_config() -> ModelConfig:
    """A model of 60,000 parameters at 64 pixels."""
    return ModelConfig(
        num_keypoints=5,
        size=(64, 64),
        detector=DetectorConfig(base_channels=4, max_channels=16, num_blocks=2),
        motion=DenseMotionConfig(base_channels=4, max_channels=16, num_blocks=2),
        occlusion=OcclusionConfig(base_channels=8),
        generator=GeneratorConfig(base_channels=8, max_channels=32, num_residual_blocks=1),
    )


@pytest.fixture(scope="session")
def tiny_weights(tiny_config: ModelConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(path, MotionModel(tiny_config).eval(), WeightsInfo(tiny_config, domain="face", style="toon"))
    return path


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("published") / "cpk.pth.tar", make_checkpoint(Sizes()))
