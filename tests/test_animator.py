import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from animate_cli.animator import Animator
from animate_cli.arrays import Picture, to_pictures
from animate_cli.errors import DeviceError
from animate_cli.fast.model import FastMotionModel
from animate_cli.media import open_reader, read_image
from animate_cli.model.motion_model import EncodedSource, MotionModel
from animate_cli.model.values import Keypoints, Prediction
from animate_cli.motion import Motion, MotionOptions
from animate_cli.pipeline.fitting import resize
from animate_cli.rendered import Rendered
from tests.tiny import needs_bfloat16, pictures, tiny_config, tiny_model

EXAMPLES = Path(__file__).parents[1] / "examples"


def frames(count: int, height: int = 64, width: int = 64, seed: int = 0) -> list[Picture]:
    tensor = pictures(count, height, width, seed).permute(0, 2, 3, 1)
    return list((tensor.numpy() * 255).round().astype(np.uint8))


def make(batch_size: int = 4, precision: str = "fp32", model: MotionModel | None = None) -> Animator:
    return Animator(model or tiny_model(), device="cpu", precision=precision, batch_size=batch_size)


def timed(motions: Sequence[Motion], rate: int = 25) -> list[tuple[Motion, Fraction]]:
    return [(motion, Fraction(index, rate)) for index, motion in enumerate(motions)]


def animate(
    animator: Animator, source: Picture, driving: Sequence[Picture], **options: Any
) -> list[Rendered]:
    motions = timed(list(animator.detect(driving)))
    return list(animator.animate(animator.set_source(source), motions, options=MotionOptions(**options)))


def images(rendered: Sequence[Rendered]) -> Picture:
    return np.stack([one.image for one in rendered])


class Watched(FastMotionModel):
    """A model that remembers what it was asked for and gave."""

    encodings: int
    predictions: list[Tensor]

    @classmethod
    def wrap(cls, model: FastMotionModel) -> "Watched":
        model.__class__ = cls
        assert isinstance(model, cls)
        model.encodings, model.predictions = 0, []
        return model

    def encode(self, image: Tensor, canvas: Tensor | None = None) -> EncodedSource:
        self.encodings += 1
        return super().encode(image, canvas)

    def predict(
        self, source: EncodedSource, keypoints: Keypoints, also: Sequence[EncodedSource] = ()
    ) -> Prediction:
        prediction = super().predict(source, keypoints, also)
        self.predictions.extend(prediction.image)
        return prediction


def watch(animator: Animator) -> Watched:
    return Watched.wrap(animator.model)


@pytest.mark.parametrize("variant", ["fomm", "paper"])
def test_batch_of_one_equals_any_batch(variant: str) -> None:
    source, driving = frames(1)[0], frames(7, seed=1)
    results, predictions = [], []
    for batch_size in (1, 3, 8):
        animator = make(batch_size, model=tiny_model(variant))
        watched = watch(animator)
        results.append(animate(animator, source, driving))
        predictions.append(torch.stack(watched.predictions))
    for result, prediction in zip(results[1:], predictions[1:], strict=True):
        assert torch.allclose(prediction, predictions[0], atol=1e-5)
        assert np.abs(images(result).astype(int) - images(results[0])).max() <= 1
        for a, b in zip(result, results[0], strict=True):
            assert np.allclose(a.motion.value, b.motion.value, atol=1e-5)


def test_memory_of_the_frame_before_reaches_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("animate_cli.model.steady_paint.HIDDEN", 1.0)  # the small model hides little
    source, driving = frames(1)[0], frames(7, seed=1)
    plain = images(animate(make(8), source, driving))
    whole, *parts = (images(animate(make(size), source, driving, steady=1.0)) for size in (8, 3, 1))
    assert np.array_equal(whole[0], plain[0])
    assert not np.array_equal(whole[3], plain[3])
    for part in parts:
        assert np.abs(part.astype(int) - whole).max() <= 1


def test_results_are_the_same_from_run_to_run() -> None:
    first, second = (images(animate(make(), frames(1)[0], frames(5, seed=1))) for _ in range(2))
    assert np.array_equal(first, second)


@needs_bfloat16
def test_half_precision_is_close() -> None:
    source, driving = frames(1)[0], frames(4, seed=1)
    half, whole = (animate(make(precision=name), source, driving) for name in ("bf16", "fp32"))
    assert np.abs(images(half).astype(int) - images(whole)).mean() < 3
    for a, b in zip(half, whole, strict=True):
        assert np.abs(a.motion.value - b.motion.value).max() < 0.05
        assert a.motion.value.dtype == np.float32


def test_source_is_encoded_once() -> None:
    animator = make(batch_size=2)
    watched = watch(animator)
    animate(animator, frames(1)[0], frames(7, seed=1))
    assert watched.encodings == 1
    assert len(watched.predictions) == 7


def test_relative_motion_from_the_reference_gives_the_sources_pose() -> None:
    animator = make()
    source = animator.set_source(frames(1)[0])
    rendered = animate(animator, frames(1)[0], frames(3, seed=1))
    still, moved = rendered[0], rendered[1]
    assert np.allclose(still.motion.value, source.motion.value, atol=1e-5)
    assert np.allclose(still.motion.jacobian, source.motion.jacobian, atol=1e-4)
    assert not np.allclose(moved.motion.value, source.motion.value, atol=1e-3)


def test_relative_motion_without_a_reference_takes_the_first_frame() -> None:
    animator = make()
    source, motions = animator.set_source(frames(1)[0]), list(animator.detect(frames(6, seed=1)))
    default = images(list(animator.animate(source, timed(motions))))
    given = images(list(animator.animate(source, timed(motions), motions[0])))
    other = images(list(animator.animate(source, timed(motions), motions[4])))
    assert np.array_equal(default, given)
    assert not np.array_equal(default, other)


def test_absolute_motion_is_the_drivings_own() -> None:
    animator = make()
    motions = list(animator.detect(frames(3, seed=1)))
    rendered = animate(animator, frames(1)[0], frames(3, seed=1), relative=False)
    for one, motion in zip(rendered, motions, strict=True):
        assert np.array_equal(one.motion.value, motion.value)
        assert np.array_equal(one.motion.jacobian, motion.jacobian)


@pytest.mark.parametrize("strength", [0.0, 0.5, 2.0])
def test_strength_scales_the_movement(strength: float) -> None:
    animator = make()
    source = animator.set_source(frames(1)[0]).motion.value
    driving = frames(3, seed=1)
    scaled = animate(animator, frames(1)[0], driving, strength=strength)
    whole = animate(animator, frames(1)[0], driving)
    for a, b in zip(scaled, whole, strict=True):
        expected = source + strength * (b.motion.value - source)
        assert np.allclose(a.motion.value, expected, atol=1e-5)


def test_scale_is_adapted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    animator, calls = make(batch_size=2), []
    scale = Animator._movement_scale

    def counted(*arguments: Any) -> float:
        calls.append(scale(*arguments))
        return calls[-1]

    monkeypatch.setattr(Animator, "_movement_scale", counted)
    adapted = animate(animator, frames(1)[0], frames(7, seed=1))
    assert len(calls) == 1
    plain = animate(animator, frames(1)[0], frames(7, seed=1), adapt_scale=False)
    assert calls[1] == 1.0
    source = animator.set_source(frames(1)[0]).motion.value
    moved = plain[1].motion.value - source
    assert np.allclose(adapted[1].motion.value, source + calls[0] * moved, atol=1e-5)


def test_smoothing_calms_the_motion() -> None:
    animator = make()
    source, driving = frames(1)[0], [*frames(1, seed=1), *frames(1, seed=2)] * 4
    jumpy, calm = (animate(animator, source, driving, relative=False, smooth=s) for s in (0.0, 1.0))
    travel = [
        sum(float(np.abs(b.motion.value - a.motion.value).sum()) for a, b in pairwise(run))
        for run in (jumpy, calm)
    ]
    assert travel[1] < 0.7 * travel[0]


@pytest.mark.parametrize("size", [(128, 128), (96, 96), (64, 64)])
def test_canvas_sets_the_size_of_the_result(size: tuple[int, int]) -> None:
    animator = make()
    picture, canvas = frames(1)[0], frames(1, *size)[0]
    source = animator.set_source(picture, canvas)
    motions = list(animator.detect(frames(2, seed=1)))
    large = list(animator.animate(source, timed(motions)))
    small = list(animator.animate(animator.set_source(picture), timed(motions)))
    assert large[0].image.shape == (*size, 3)
    assert large[0].deformed.shape == (*size, 3)
    assert np.array_equal(large[1].motion.value, small[1].motion.value)


def test_large_results_show_what_small_ones_do() -> None:
    """The networks paint at the size that they know; only detail of the source is added to it."""
    animator = Animator.from_weights("toon-face", device="cpu")
    source, driving = read_image(EXAMPLES / "source.png"), EXAMPLES / "driving.mp4"
    with open_reader(driving, start=Fraction(18, 25), end=Fraction(20, 25)) as reader:
        motions = timed(list(animator.detect(frame.image for frame in reader)))
    with open_reader(driving) as reader:
        (calm,) = animator.detect([next(iter(reader)).image])
    canvas = resize(source, (384, 384))
    small, large = (
        next(animator.animate(animator.set_source(source, given), motions, calm)).image.astype(int)
        for given in (None, canvas)
    )
    assert np.abs(resize(large.astype(np.uint8), (256, 256)) - small).mean() < 2
    assert np.abs(small - source.astype(int)).mean() > 6


def test_a_canvas_of_the_models_size_changes_nothing() -> None:
    animator = make()
    motions = timed(list(animator.detect(frames(2, seed=1))))
    first, second = (
        images(list(animator.animate(animator.set_source(frames(1)[0], canvas), motions)))
        for canvas in (None, frames(1)[0])
    )
    assert np.array_equal(first, second)


def test_pictures_of_other_sizes_are_resized() -> None:
    animator = make()
    source = animator.set_source(frames(1, 128, 128)[0])
    motions = list(animator.detect(frames(2, 96, 96)))
    assert [one.image.shape for one in animator.animate(source, timed(motions))] == [(64, 64, 3)] * 2


def test_transparency_moves_with_the_picture() -> None:
    animator = make()
    gray = np.repeat(frames(1, seed=3)[0][..., :1], 3, axis=2)
    source = animator.set_source(gray, alpha=gray[..., 0])
    motions = timed(list(animator.detect(frames(3, seed=1))))
    for rendered in animator.animate(source, motions):
        assert rendered.image.shape == (64, 64, 4)
        assert np.abs(rendered.image[..., 3].astype(int) - rendered.deformed[..., 0]).max() <= 1


def test_transparency_may_be_larger_than_the_model() -> None:
    animator = make()
    opaque = np.full((128, 128), 255, np.uint8)
    source = animator.set_source(frames(1)[0], frames(1, 128, 128)[0], opaque)
    rendered = next(animator.animate(source, timed([source.motion])))
    assert rendered.image.shape == (128, 128, 4)
    assert (rendered.image[32:96, 32:96, 3] > 200).mean() > 0.5


def test_details_are_there_for_those_who_draw_them() -> None:
    rendered = animate(make(), frames(1)[0], frames(2, seed=1))[1]
    assert rendered.deformed.shape == (64, 64, 3)
    assert rendered.deformed.dtype == np.uint8
    assert [occlusion.shape for occlusion in rendered.occlusions] == [(16, 16), (32, 32), (64, 64)]
    assert all(0 <= occlusion.min() <= occlusion.max() <= 1 for occlusion in rendered.occlusions)
    assert rendered.deformed is rendered.deformed


def test_details_that_nobody_wants_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(tensor: Tensor) -> Picture:
        calls.append(tensor.shape)
        return to_pictures(tensor)

    monkeypatch.setattr("animate_cli.rendered.to_pictures", counted)
    images(animate(make(batch_size=2), frames(1)[0], frames(4, seed=1)))
    assert calls == []


def pose(angle: float, scale: float = 1.0, place: tuple[float, float] = (0.0, 0.0)) -> Motion:
    """Return four keypoints of a shape that an angle bends, anywhere and of any size."""
    value = np.array([[-0.5, -0.4], [0.5, -0.4], [0.4 * math.cos(angle), 0.5 * math.sin(angle)], [0.0, 0.1]])
    return Motion((value * scale + place).astype(np.float32), np.tile(np.eye(2, dtype=np.float32), (4, 1, 1)))


@pytest.mark.parametrize(("scale", "place"), [(1.0, (0.0, 0.0)), (0.3, (0.4, -0.5)), (1.6, (-0.2, 0.1))])
def test_reference_is_the_nearest_pose_whatever_its_place_and_size(
    scale: float, place: tuple[float, float]
) -> None:
    animator = make()
    source = animator.set_source(frames(1)[0])._replace(motion=pose(1.0))
    motions = [pose(0.2), pose(0.6, 0.9), pose(1.0, scale, place), pose(1.5), pose(2.5, scale, place)]
    assert animator.choose_reference(source, motions) == 2


def test_out_of_memory_says_what_batch_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    animator = make(batch_size=8)
    source, motions = animator.set_source(frames(1)[0]), list(animator.detect(frames(1)))

    def refuse(*arguments: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(animator.model, "predict", refuse)
    with pytest.raises(DeviceError, match="try --batch-size 4"):
        list(animator.animate(source, timed(motions)))
    monkeypatch.setattr(animator.model, "detect", refuse)
    with pytest.raises(DeviceError, match="try --batch-size 4"):
        list(animator.detect(frames(1)))


def test_frames_in_frames_out() -> None:
    animator, driving = make(batch_size=2), frames(5, seed=1)
    results = list(animator.animate_frames(frames(1)[0], iter(driving)))
    assert np.array_equal(np.stack(results), images(animate(animator, frames(1)[0], driving)))


def test_no_frames_give_no_pictures() -> None:
    animator = make()
    assert list(animator.animate(animator.set_source(frames(1)[0]), [])) == []
    assert list(animator.detect([])) == []


def test_one_frame_is_enough() -> None:
    assert len(animate(make(), frames(1)[0], frames(1, seed=1))) == 1


def test_frames_are_taken_as_they_are_needed() -> None:
    taken = []

    def driving() -> Any:
        for frame in frames(9, seed=1):
            taken.append(1)
            yield frame

    animator = make(batch_size=3)
    next(animator.animate_frames(frames(1)[0], driving()))
    assert len(taken) == 3


def test_models_keep_their_own_facts() -> None:
    model = tiny_model()
    animator = make(model=model)
    assert animator.size == (64, 64)
    assert animator.info.config == model.config == replace(tiny_config())
