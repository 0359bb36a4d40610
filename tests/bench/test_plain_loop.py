"""The plain loop: the same frames as the engine's, computed in the old way."""

import numpy as np
import pytest
import torch

from animate_cli.animator import Animator
from animate_cli.arrays import Picture, to_pictures
from animate_cli.bench.plain_loop import PlainLoop
from animate_cli.config import VARIANTS
from tests.tiny import pictures, tiny_model


@pytest.fixture
def driving() -> list[Picture]:
    return list(to_pictures(pictures(5, seed=1)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_frames_are_those_of_the_engine(variant: str, driving: list[Picture]) -> None:
    model, source = tiny_model(variant), to_pictures(pictures(1))[0]
    plain = PlainLoop(model, torch.device("cpu")).animate(source, driving, lambda: None)
    engine = Animator(model, device="cpu", precision="fp32", batch_size=2).animate_frames(source, driving)
    difference = np.abs(np.stack(plain).astype(int) - np.stack(list(engine)))
    assert difference.max() <= 1
    assert len(plain) == len(driving)


def test_the_source_is_encoded_for_every_frame(driving: list[Picture]) -> None:
    loop = PlainLoop(tiny_model(), torch.device("cpu"))
    encoded, told = [], []
    loop.model.generator.first.register_forward_hook(lambda *_: encoded.append(1))
    loop.animate(driving[0], driving, lambda: told.append(1))
    assert len(encoded) == len(told) == len(driving)


def test_the_given_model_is_left_as_it_is() -> None:
    model = tiny_model()
    PlainLoop(model, torch.device("cpu"))
    assert not model.motion.unet._forward_pre_hooks
    assert all(parameter.requires_grad for parameter in model.parameters())
