"""Measures of pixels against plain numpy and scikit-image."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from skimage.metrics import structural_similarity

from animate_cli.metrics.pixel import L1, Leak, ObjectPsnr, OtherPsnr, Psnr, Sharpness, Ssim
from tests.metrics.seen import observe


def test_l1_and_psnr() -> None:
    seen = observe(3)
    error = seen.truth.numpy() - seen.result.numpy()
    assert L1().look(seen) == pytest.approx(np.abs(error).mean((1, 2, 3)))
    assert Psnr().look(seen) == pytest.approx(-10 * np.log10((error**2).mean((1, 2, 3))), rel=1e-5)


def test_equal_pictures_have_a_finite_psnr() -> None:
    seen = observe()
    same = observe(result=seen.truth)
    assert Psnr().look(same).tolist() == [100.0, 100.0]
    assert L1().look(same).tolist() == [0.0, 0.0]


def ssim_map(truth: np.ndarray, result: np.ndarray) -> np.ndarray:
    """Compute SSIM at every place of pictures [3, H, W] as Wang et al. write it, their border mirrored."""

    def blur(values: np.ndarray) -> np.ndarray:
        return np.array(gaussian_filter(values, 1.5, axes=(1, 2), mode="mirror", radius=5))

    x, y = truth.astype(np.float64), result.astype(np.float64)
    mean_x, mean_y = blur(x), blur(y)
    variances = blur(x * x) - mean_x**2 + blur(y * y) - mean_y**2
    shared = blur(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    likeness = (2 * mean_x * mean_y + c1) * (2 * shared + c2)
    return np.array(likeness / ((mean_x**2 + mean_y**2 + c1) * (variances + c2)))


def test_ssim_is_the_published_one() -> None:
    seen = observe(2)
    maps = [
        ssim_map(truth, result) for truth, result in zip(seen.truth.numpy(), seen.result.numpy(), strict=True)
    ]
    assert Ssim().look(seen) == pytest.approx([values.mean() for values in maps], abs=1e-4)
    inside = structural_similarity(
        seen.truth[0].numpy(), seen.result[0].numpy(), channel_axis=0, data_range=1.0, gaussian_weights=True,
        sigma=1.5, use_sample_covariance=False,
    )  # fmt: skip
    assert maps[0][:, 5:-5, 5:-5].mean() == pytest.approx(inside, abs=1e-4)


def test_ssim_is_torchmetrics() -> None:
    from torchmetrics.functional.image import structural_similarity_index_measure

    seen = observe(3)
    published = structural_similarity_index_measure(seen.result, seen.truth, data_range=1.0, reduction="none")
    assert Ssim().look(seen) == pytest.approx(np.asarray(published), abs=1e-6)
    assert Ssim().look(observe(result=seen.truth[:2])) == pytest.approx([1, 1])


def test_ssim_leaves_out_pictures_below_its_window() -> None:
    small = torch.rand(2, 3, 8, 8)
    assert np.isnan(Ssim().look(observe(truth=small, result=small))).all()


def half_mask(count: int = 2) -> torch.Tensor:
    mask = torch.zeros(count, 64, 64, dtype=torch.bool)
    mask[:, :, :32] = True
    return mask


def test_object_psnr_sees_the_object_alone() -> None:
    truth = observe().truth
    result = truth.clone()
    result[:, :, :, :32] = (truth[:, :, :, :32] - 0.5).abs()
    result[:, :, :, 32:] = 1 - truth[:, :, :, 32:]
    error = (truth - result)[:, :, :, :32].square().mean((1, 2, 3)).numpy()
    seen = observe(result=result, mask=half_mask())
    assert ObjectPsnr().look(seen) == pytest.approx(-10 * np.log10(error), rel=1e-5)


def test_frames_without_the_object_are_left_out() -> None:
    mask = half_mask()
    mask[1] = False
    score = ObjectPsnr().score(ObjectPsnr().look(observe(mask=mask)))
    assert (score.left_out, score.parts[1]) == (1, 1)


def test_sharpness_is_a_ratio_of_energies() -> None:
    truth = observe().truth
    seen = observe(result=truth * 0.5 + 0.2, mask=half_mask())
    measure = Sharpness()
    score = measure.score(measure.look(seen))
    assert score.frames == pytest.approx([0.25, 0.25], rel=1e-5)
    assert float(measure.combine(score.parts)) == pytest.approx(0.25, rel=1e-5)


def test_sharpness_ignores_the_background() -> None:
    truth = observe().truth
    result = truth.clone()
    result[:, :, :, 33:] = torch.rand(2, 3, 64, 31)
    measure = Sharpness()
    score = measure.score(measure.look(observe(result=result, mask=half_mask())))
    assert score.frames == pytest.approx([1, 1])


def test_leak_is_change_beyond_the_truths_own() -> None:
    truth = observe().source.repeat(2, 1, 1, 1)
    result = truth.clone()
    result[1, :, :, 32:] = truth[1, :, :, 32:] + 0.25
    result[1, :, :, :32] = 0.0
    seen = observe(truth=truth, result=result, mask=half_mask(), source_mask=half_mask(1))
    assert Leak().look(seen) == pytest.approx([0, 0.25], abs=1e-6)


def test_a_moving_background_is_no_leak() -> None:
    truth = observe().source.repeat(2, 1, 1, 1)
    truth[1] = 1 - truth[1]
    seen = observe(truth=truth, result=truth, mask=half_mask(), source_mask=half_mask(1))
    assert Leak().look(seen).tolist() == [0, 0]


def test_other_psnr_looks_at_the_other_drivers_result() -> None:
    seen = observe()
    other = observe(driven={"other": seen.truth})
    assert OtherPsnr().look(other).tolist() == [100, 100]
