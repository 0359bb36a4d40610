"""Blocks in bytes: near the plain ones, alike in any batch, and only where they are fast."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from animate_cli import acceleration
from animate_cli.acceleration import choose_precision
from animate_cli.animator import Animator
from animate_cli.bench.agreement import compare_frames
from animate_cli.bench.operations import count_operations
from animate_cli.errors import DeviceError
from animate_cli.fast.byte_blocks import ByteResidual, ByteUp
from animate_cli.fast.eight_bits import ToBytes, multiplies_bytes
from animate_cli.fast.model import FastMotionModel
from animate_cli.media import open_reader, read_image
from animate_cli.model.blocks import ResidualBlock
from animate_cli.model.motion_model import MotionModel
from animate_cli.weights import load_model
from tests.tiny import pictures, tiny_config, tiny_model

EXAMPLES = Path(__file__).parents[2] / "examples"
CPU = torch.device("cpu")
LAST = torch.channels_last

fast_bytes = pytest.mark.skipif(not multiplies_bytes(), reason="this CPU has no fast products of bytes")


def block(channels: int = 32) -> ResidualBlock:
    """Return a block whose channels are of very different sizes, as trained ones are."""
    torch.manual_seed(2)
    made = ResidualBlock(channels).eval().requires_grad_(False)
    for norm in (made.norm1, made.norm2):
        assert isinstance(norm, nn.BatchNorm2d)
        norm.weight.copy_(torch.linspace(0.05, 3, channels))
        norm.bias.uniform_(-0.3, 0.3)
    assert isinstance(made.norm2, nn.BatchNorm2d)
    made.norm2.running_var.fill_(float(made.conv1(made.norm1(features()).relu()).var()))  # type: ignore[union-attr]
    return made


def features(count: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, 32, 12, 10, generator=generator).contiguous(memory_format=LAST)


@fast_bytes
@torch.inference_mode()
def test_a_block_in_bytes_does_what_the_plain_one_does() -> None:
    x, plain = features(), block()
    wanted = plain(x) - x
    found = ByteResidual(plain)(x.clone()) - x
    assert (found - wanted).std() / wanted.std() < 0.02


@fast_bytes
@torch.inference_mode()
def test_a_frame_is_computed_alike_in_any_batch() -> None:
    x, quick = features(3), ByteResidual(block())
    singles = torch.cat([quick(x[i : i + 1].clone()) for i in range(3)])
    assert torch.equal(quick(x.clone()), singles)


@fast_bytes
@torch.inference_mode()
def test_bytes_count_as_operations() -> None:
    x, quick = features(), ByteResidual(block())
    assert count_operations(lambda: quick(x)) == 2 * 2 * (3 * 32 * 12 * 10) * (32 * 3 * 3)


def test_bytes_mean_what_was_given_and_cut_off_what_is_beyond() -> None:
    largest = torch.tensor([1.0, 100.0])
    x = torch.tensor([[-2.0, -0.5, 0.0, 0.3, 2.0], [-150.0, -3.0, 0.0, 70.0, 100.0]])
    for signed, lowest in ((False, torch.zeros(2)), (True, -128 * largest / 127)):
        bytes_ = ToBytes(largest, signed=signed)
        found = (bytes_(x[None, :, :, None])[0, ..., 0].float() - bytes_.zero) * bytes_.unit[:, None]
        wanted = x.clamp(lowest[:, None], largest[:, None])
        assert ((found - wanted).abs() <= bytes_.unit[:, None] / 2 + 1e-6).all()


def settled(model: MotionModel) -> MotionModel:
    """Let the generator's batch norms see what passes through them, as training does."""
    source, driving = pictures(4), pictures(4, seed=1)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        for norm in model.generator.modules():
            if isinstance(norm, nn.BatchNorm2d):
                nn.init.uniform_(norm.weight, 0.5, 1.5)
                norm.momentum = 0.5
    model.generator.train()
    with torch.no_grad():
        for _ in range(8):
            model.predict(model.encode(source), model.detect(driving))
    return model.eval()


@fast_bytes
@torch.inference_mode()
def test_a_decoder_in_bytes_paints_what_the_plain_one_does() -> None:
    model = settled(tiny_model("fomm"))
    quick = FastMotionModel(model, eight_bits=True)
    assert all(isinstance(block, ByteUp) for block in quick.generator.up_blocks)
    source, keypoints = model.encode(pictures(1)).expand(3), model.detect(pictures(3, seed=1))
    wanted = model.predict(source, keypoints).image
    found = quick.predict(quick.encode(pictures(1)).expand(3), keypoints).image
    contrast = wanted.std()
    assert 0 < (found - wanted).std() / contrast < 0.06
    assert (found - wanted).mean().abs() / contrast < 0.005


@fast_bytes
@pytest.mark.parametrize("between", ["skips", "hints", "finer occlusion"])
def test_a_decoder_leaves_bytes_where_something_comes_between(between: str) -> None:
    config = tiny_config("fomm")
    config = replace(
        config,
        generator=replace(config.generator, skips=between == "skips", hints=between == "hints"),
        occlusion=replace(config.occlusion, multiscale=between == "finer occlusion"),
    )
    quick = FastMotionModel(MotionModel(config), eight_bits=True)
    assert not any(isinstance(block, ByteUp) for block in quick.generator.up_blocks)
    quick.predict(quick.encode(pictures(1)), quick.detect(pictures(1)))


@fast_bytes
@pytest.mark.skipif(not torch.cpu.get_capabilities().get("avx512_bf16"), reason="bfloat16 is emulated here")
def test_the_bundled_model_loses_little() -> None:
    model = load_model("toon-face").model
    source = read_image(EXAMPLES / "source.png")
    with open_reader(EXAMPLES / "driving.mp4") as reader:
        driving = [frame.image for frame in reader][::20]
    exact, bytewise = (
        list(Animator(model, device="cpu", precision=precision).animate_frames(source, driving))
        for precision in ("fp32", "int8")
    )
    assert any((one != other).any() for one, other in pairwise(exact))
    psnr = compare_frames(exact, bytewise).psnr
    assert psnr is not None
    assert psnr > 45


@pytest.mark.parametrize(("device", "multiplies"), [("cpu", False), ("cuda", True)])
def test_bytes_are_refused_where_they_would_be_slow(
    device: str, multiplies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceleration, "multiplies_bytes", lambda: multiplies)
    with pytest.raises(DeviceError, match="int8 needs a CPU that multiplies bytes"):
        choose_precision("int8", torch.device(device))
