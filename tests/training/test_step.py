from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from animate_cli import acceleration
from animate_cli.config import Config, DiscriminatorConfig, LossConfig
from animate_cli.data.pairs import PairBatch, Truth
from animate_cli.data.toon_stream import ToonStream
from animate_cli.errors import ConfigError
from animate_cli.model.discriminator import Discriminator, Judgement
from animate_cli.model.values import Keypoints
from animate_cli.presets import load_config
from animate_cli.training import step as step_module
from animate_cli.training.reconstruct import reconstruct
from animate_cli.training.step import TrainingStep, to_device
from tests.tiny import needs_bfloat16, tiny_config
from tests.training.runs import FixedPairs, on_toons, on_videos

GAN = DiscriminatorConfig(base_channels=4, max_channels=16, num_blocks=2, keypoint_heatmaps=True)


def adversarial(**optimizer: Any) -> Config:
    config = on_videos(**optimizer)
    terms = replace(config.loss, generator_gan=1.0, feature_matching=(10.0, 10.0))
    return replace(config, loss=terms, discriminator=GAN)


def make(config: Config) -> TrainingStep:
    return TrainingStep(config, 10, device="cpu")


def batch(number: int = 0, *, relative: bool = False, side: int = 64) -> PairBatch:
    return FixedPairs(relative=relative).batch(number, (side, side))


def toons(config: Config) -> PairBatch:
    return ToonStream(config.data, config.optimizer.batch_size).batch(0, config.model.size)


def state_of(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def changed(before: dict[str, Tensor], module: nn.Module) -> set[str]:
    return {name for name, value in module.state_dict().items() if not torch.equal(value, before[name])}


def test_a_step_trains_every_network_and_names_its_losses() -> None:
    work = make(on_videos())
    before = state_of(work.model)
    losses = work.run(batch(), 0)
    assert losses.keys() == {"reconstruction", "equivariance_value", "equivariance_jacobian"}
    assert {name.partition(".")[0] for name in changed(before, work.model)} == {
        "detector",
        "motion",
        "generator",
    }


def test_steps_are_the_same_every_time_and_seeds_differ() -> None:
    values = [TrainingStep(on_videos(), 10, device="cpu", seed=seed).run(batch(), 0) for seed in (0, 0, 1)]
    assert values[0] == values[1] != values[2]


def test_a_rate_of_zero_freezes_the_detector_whole() -> None:
    config = on_videos(detector_learning_rate=0.0)
    work = make(config)
    before = state_of(work.model)
    for number in range(2):
        work.run(batch(number), number)
    assert {name.partition(".")[0] for name in changed(before, work.model)} == {"motion", "generator"}


def test_all_networks_are_compiled_where_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[nn.Module] = []
    monkeypatch.setattr(nn.Module, "compile", lambda network: compiled.append(network))
    make(on_videos())
    assert not compiled
    work = make(on_videos(compile=True, half_size_steps=1))
    models = (work.model, work.half_size)
    assert compiled == [part for one in models for part in (one.detector, one.motion, one.generator)]


@pytest.mark.slow
def test_compiled_networks_compute_the_same_and_keep_their_names() -> None:
    plain, work = make(on_videos()), make(on_videos(compile=True))
    assert work.run(batch(), 0) == pytest.approx(plain.run(batch(), 0), rel=1e-4)
    assert work.model.state_dict().keys() == plain.model.state_dict().keys()
    plain.restore(work.state())


def test_half_size_steps_come_first() -> None:
    work = make(on_videos(half_size_steps=3))
    assert [work.size_at(number) for number in (0, 2, 3)] == [(32, 32), (32, 32), (64, 64)]
    before = state_of(work.model)
    work.run(batch(side=32), 0)
    assert "generator.final.weight" in changed(before, work.model)


def test_keypoint_steps_train_the_detector_alone() -> None:
    work = make(on_toons(keypoint_steps=2))
    before = state_of(work.model)
    losses = work.run(toons(work.config), 0)
    assert set(losses) == {"keypoint_supervision"}
    assert {name.split(".")[0] for name in changed(before, work.model)} == {"detector"}
    assert "reconstruction" in work.run(toons(work.config), 2)


def test_nobody_judges_while_the_detector_learns_alone() -> None:
    config = on_toons(keypoint_steps=5)
    work = make(replace(config, loss=replace(config.loss, generator_gan=1.0), discriminator=GAN))
    assert set(work.run(toons(config), 0)) == {"keypoint_supervision"}
    assert "discriminator_gan" in work.run(toons(config), 5)


def test_keypoint_steps_need_landmarks() -> None:
    with pytest.raises(ConfigError, match=r"optimizer.keypoint_steps .* needs loss.keypoint_supervision"):
        make(on_videos(keypoint_steps=2))


@needs_bfloat16
def test_bfloat16_trains_float32_weights() -> None:
    work = make(on_videos(precision="bf16"))
    plain = make(on_videos()).run(batch(), 0)
    losses = work.run(batch(), 0)
    assert losses == pytest.approx(plain, rel=0.1, abs=0.05)
    assert all(weight.dtype == torch.float32 for weight in work.model.parameters())


def test_automatic_precision_is_what_the_device_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    for computes, chosen in ((False, "fp32"), (True, "bf16")):
        monkeypatch.setattr(acceleration, "_cpu_computes_bfloat16", lambda computes=computes: computes)
        assert make(on_videos(precision="auto")).config.optimizer.precision == chosen


def test_pictures_too_small_to_be_judged_are_told_before_the_first_step() -> None:
    deep = replace(adversarial(half_size_steps=10), discriminator=DiscriminatorConfig())
    with pytest.raises(ConfigError, match=r"32x32 is too small .* at least 61 pixels; .* loss.generator_gan"):
        make(deep)
    late = replace(deep, loss=replace(deep.loss, adversarial_from=1.0))
    assert make(late).discriminator is not None


def test_both_adversaries_learn() -> None:
    work = make(adversarial())
    assert work.discriminator is not None
    model, judge = state_of(work.model), state_of(work.discriminator)
    losses = work.run(batch(), 0)
    assert {"generator_gan", "feature_matching", "discriminator_gan"} <= losses.keys()
    assert changed(model, work.model)
    assert changed(judge, work.discriminator)


def test_the_adversaries_join_late_in_a_run() -> None:
    config = adversarial()
    config = replace(config, loss=replace(config.loss, adversarial_from=0.5))
    work = TrainingStep(config, 4, device="cpu", seed=0)
    judged = ["discriminator_gan" in work.run(batch(), number) for number in range(4)]
    assert judged == [False, False, True, True]


def test_the_model_does_not_train_the_discriminator(monkeypatch: pytest.MonkeyPatch) -> None:
    work = make(adversarial())
    assert work.discriminator is not None
    gradients: list[bool] = []
    add = work.updates.add

    def watched(*arguments: Any) -> Any:
        result = add(*arguments)
        assert work.discriminator is not None
        gradients.append(any(weight.grad is not None for weight in work.discriminator.parameters()))
        return result

    monkeypatch.setattr(work.updates, "add", watched)
    work.run(batch(), 0)
    assert gradients == [False]
    assert all(weight.requires_grad for weight in work.discriminator.parameters())


def seen_by_discriminator(
    monkeypatch: pytest.MonkeyPatch, work: TrainingStep, pairs: PairBatch
) -> list[Tensor]:
    seen: list[Tensor] = []
    assert work.discriminator is not None
    forward: Callable[..., Judgement] = Discriminator.forward

    def watched(self: Discriminator, image: Tensor, keypoints: Keypoints) -> Judgement:
        seen.append(keypoints.value)
        return forward(self, image, keypoints)

    monkeypatch.setattr(Discriminator, "forward", watched)
    work.run(pairs, 0)
    return seen


def test_the_discriminator_sees_where_the_target_has_its_keypoints(monkeypatch: pytest.MonkeyPatch) -> None:
    work, outcomes = make(adversarial()), []

    def watched(*arguments: Any) -> Any:
        outcomes.append(reconstruct(*arguments))
        return outcomes[-1]

    monkeypatch.setattr(step_module, "reconstruct", watched)
    seen = seen_by_discriminator(monkeypatch, work, batch(relative=True))
    assert len(seen) == 4
    assert not torch.allclose(outcomes[0].moved.value, outcomes[0].driving.value)
    assert all(torch.equal(value, outcomes[0].moved.value) for value in seen)
    assert not any(value.requires_grad for value in seen)


def warped_frames(monkeypatch: pytest.MonkeyPatch, photometric: float) -> Tensor:
    config = on_videos()
    work = make(replace(config, data=replace(config.data, photometric=photometric)))
    seen: list[Tensor] = []
    detect = work.model.detect

    def watched(image: Tensor) -> Keypoints:
        seen.append(image.detach())
        return detect(image)

    monkeypatch.setattr(work.model, "detect", watched)
    work.run(batch(), 0)
    return seen[-1]


def test_warped_frames_are_disguised_where_driving_frames_are(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, disguised, again = (warped_frames(monkeypatch, strength) for strength in (0.0, 1.0, 1.0))
    assert plain.shape == disguised.shape
    assert not torch.allclose(plain, disguised, atol=0.02)
    assert torch.equal(disguised, again)


def test_losses_that_are_not_finite_stop_the_step() -> None:
    work = make(on_videos())
    pairs = batch()
    with pytest.raises(FloatingPointError, match="reconstruction"):
        work.run(pairs._replace(target=torch.full_like(pairs.target, torch.nan)), 0)


def tiny_preset(name: str) -> Config:
    """Return a preset with its own losses and rates, but tiny networks and no downloaded one."""
    config = load_config(name)
    loss = replace(config.loss, perceptual=(), reconstruction=10.0, pyramid=(1.0, 0.5))
    judge = replace(config.discriminator, base_channels=4, max_channels=8)
    optimizer = replace(config.optimizer, batch_size=2)
    return replace(config, model=tiny_config(), loss=loss, discriminator=judge, optimizer=optimizer)


@pytest.mark.parametrize("name", ["vox-adv-256", "taichi-adv-256"])
def test_adversarial_presets_take_a_step(name: str) -> None:
    config = tiny_preset(name)
    assert len(config.loss.feature_matching) == config.discriminator.num_blocks
    work = make(config)
    before = state_of(work.model.detector)
    losses = work.run(batch(), 0)
    assert {"generator_gan", "feature_matching", "discriminator_gan"} <= losses.keys()
    assert bool(changed(before, work.model.detector)) == (config.optimizer.detector_learning_rate > 0)


def test_feature_matching_alone_needs_no_discriminator() -> None:
    config = replace(on_videos(), loss=LossConfig(perceptual=(), reconstruction=1.0))
    assert config.loss.feature_matching
    assert make(config).discriminator is None


def test_spectral_norm_and_state_survive_a_restore() -> None:
    config = adversarial()
    config = replace(config, discriminator=replace(GAN, spectral_norm=True))
    work, other = make(config), TrainingStep(config, 10, device="cpu", seed=5)
    work.run(batch(), 0)
    other.restore(work.state())
    assert other.discriminator is not None
    assert not changed(state_of(other.model), work.model)
    assert not changed(state_of(other.discriminator), work.discriminator or nn.Identity())


def test_to_device_reaches_into_named_tuples() -> None:
    zero = torch.zeros(1)
    pairs = PairBatch(zero, zero, zero, truth=Truth(detail=torch.ones(1)))
    moved = to_device(pairs, torch.device("meta"))
    assert moved.source.is_meta
    assert moved.initial is None
    assert moved.truth.detail is not None
    assert moved.truth.detail.is_meta
