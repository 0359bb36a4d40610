from collections.abc import Callable

import pytest
import torch
from torch import nn

from animate_cli import acceleration
from animate_cli.acceleration import (
    Acceleration,
    choose_acceleration,
    choose_device,
    choose_precision,
    explained_memory,
    prepare,
)
from animate_cli.config import VARIANTS
from animate_cli.errors import DeviceError
from animate_cli.model.blocks import AntiAliasDownscale
from tests.tiny import pictures, tiny_config, tiny_model

CPU = torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cpu:1", "mps:0", "", "CUDA", "meta"])
def test_unknown_devices(name: str) -> None:
    with pytest.raises(DeviceError, match=r"unknown device .*; use auto, cpu, cuda, cuda:N or mps"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:3"])
def test_devices_that_are_not_here(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(DeviceError, match="not available: 0 CUDA devices found"):
        choose_device(name)


def test_mps_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="mps"):
        choose_device("mps")


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"), [(True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_automatic_device(cuda: bool, mps: bool, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto") == torch.device(chosen)


@pytest.mark.parametrize("computes", [True, False])
def test_automatic_precision_on_a_cpu(computes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceleration, "_cpu_computes_bfloat16", lambda: computes)
    assert choose_precision("auto", CPU) == ("bf16" if computes else "fp32")


@pytest.mark.parametrize(("capability", "precision"), [((7, 5), "fp16"), ((8, 0), "bf16"), ((9, 0), "bf16")])
def test_automatic_precision_on_a_gpu(
    capability: tuple[int, int], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert choose_precision("auto", torch.device("cuda")) == precision


def test_precisions_that_cannot_be() -> None:
    with pytest.raises(DeviceError, match="unknown precision 'int4'; use auto, fp32, bf16, fp16, int8"):
        choose_precision("int4", CPU)
    with pytest.raises(DeviceError, match="fp16 is far slower than fp32 on a CPU"):
        choose_precision("fp16", CPU)


def test_bfloat16_is_refused_where_convolutions_do_not_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceleration, "_cpu_takes_bfloat16", lambda: False)
    with pytest.raises(DeviceError, match="bf16 needs a CPU with AVX-512, which this one lacks; use auto or"):
        choose_precision("bf16", CPU)
    assert choose_precision("fp32", CPU) == "fp32"


def test_the_choice_can_be_told() -> None:
    chosen = choose_acceleration("cpu", "fp32")
    assert (str(chosen), chosen.dtype) == ("cpu, fp32", torch.float32)


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_folding_batch_norm_is_exact(variant: str) -> None:
    model = tiny_model(variant)
    folded = prepare(model, Acceleration(CPU, "fp32"))
    source, driving = pictures(1), pictures(1, seed=1)
    expected, found = model.encode(source), folded.encode(source)
    assert torch.allclose(found.keypoints.value, expected.keypoints.value, atol=1e-5)
    keypoints = model.detect(driving)
    wanted, made = model.predict(expected, keypoints), folded.predict(found, keypoints)
    assert torch.allclose(made.image, wanted.image, atol=1e-5)
    assert torch.allclose(made.motion.deformation, wanted.motion.deformation, atol=1e-5)


def test_folding_leaves_the_given_model_alone() -> None:
    model = tiny_model().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    prepared = prepare(model, Acceleration(CPU, "bf16"))
    assert model.training
    assert not prepared.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(parameter.requires_grad for parameter in prepared.parameters())


def test_folding_leaves_only_the_norms_that_must_come_first() -> None:
    prepared = prepare(tiny_model(), Acceleration(CPU, "fp32"))
    norms = [name for name, module in prepared.named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert all(name.endswith("norm1") for name in norms)
    assert len(norms) == tiny_config().generator.num_residual_blocks


def test_half_precision_keeps_the_blur_whole() -> None:
    prepared = prepare(tiny_model(), Acceleration(CPU, "bf16"))
    norms = {name for name, module in prepared.named_modules() if isinstance(module, nn.BatchNorm2d)}
    kinds = {
        weight.dtype for name, weight in prepared.named_parameters() if name.rpartition(".")[0] not in norms
    }
    assert kinds == {torch.bfloat16}
    blurs = [module for module in prepared.modules() if isinstance(module, AntiAliasDownscale)]
    assert len(blurs) == 2
    assert all(blur.kernel.dtype == torch.float32 for blur in blurs)


def run_out(batch_size: int, error: Exception) -> None:
    with explained_memory(batch_size):
        raise error


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
        lambda: MemoryError(),
        lambda: RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"),
        lambda: RuntimeError("MPS backend out of memory"),
    ],
)
def test_out_of_memory_says_what_to_try(make: Callable[[], Exception]) -> None:
    with pytest.raises(DeviceError, match="out of memory with batches of 16; try --batch-size 8"):
        run_out(16, make())
    with pytest.raises(DeviceError, match="batches of 1; try a smaller --size"):
        run_out(1, make())


def test_other_errors_are_left_alone() -> None:
    with pytest.raises(RuntimeError, match="shape"):
        run_out(4, RuntimeError("shape mismatch"))
