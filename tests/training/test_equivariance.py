import pytest
import torch
from torch import Tensor

from animate_cli.config import TransformConfig
from animate_cli.model.grid import coordinate_grid
from animate_cli.model.values import Keypoints
from animate_cli.training.equivariance import RandomWarp, equivariance_jacobian, equivariance_value

STRONG = TransformConfig(sigma_affine=0.2, sigma_tps=0.05)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def identity_warp(batch: int = 1) -> RandomWarp:
    return RandomWarp(torch.eye(2, 3).expand(batch, -1, -1), torch.zeros(batch, 1, 25))


def random_points(*shape: int) -> Tensor:
    return torch.rand(*shape, 2, generator=seeded(1)) * 2 - 1


def random_keypoints(batch: int, count: int) -> Keypoints:
    noise = torch.randn(batch, count, 2, 2, generator=seeded(2))
    return Keypoints(random_points(batch, count), torch.eye(2) + 0.2 * noise)


def test_warp_is_deterministic_by_seed() -> None:
    first, again = (RandomWarp.sample(2, STRONG, seeded(3), "cpu") for _ in range(2))
    other = RandomWarp.sample(2, STRONG, seeded(4))
    assert torch.equal(first.theta, again.theta)
    assert torch.equal(first.control_weights, again.control_weights)
    assert not torch.equal(first.theta, other.theta)


def test_warp_follows_its_deviations() -> None:
    warp = RandomWarp.sample(4000, TransformConfig(), seeded())
    assert (warp.theta - torch.eye(2, 3)).std().item() == pytest.approx(0.05, rel=0.05)
    assert warp.control_weights.std().item() == pytest.approx(0.005, rel=0.05)
    assert warp.control_weights.shape == (4000, 1, 25)


def test_warp_follows_the_formula() -> None:
    warp = RandomWarp.sample(1, STRONG, seeded())
    x, y = 0.3, -0.7
    expected = warp.theta[0, :, :2] @ torch.tensor([x, y]) + warp.theta[0, :, 2]
    for index, weight in enumerate(warp.control_weights[0, 0]):
        distance = torch.tensor(abs(x - (index % 5 / 2 - 1)) + abs(y - (index // 5 / 2 - 1)))
        expected = expected + weight * distance**2 * torch.log(distance + 1e-6)
    torch.testing.assert_close(warp.warp_points(torch.tensor([[[x, y]]]))[0, 0], expected)


@pytest.mark.parametrize("points_tps", [0, 2, 5])
def test_any_number_of_control_points(points_tps: int) -> None:
    warp = RandomWarp.sample(2, TransformConfig(points_tps=points_tps), seeded())
    assert warp.warp_points(random_points(2, 7)).isfinite().all()
    assert warp.jacobian(random_points(2, 7)).shape == (2, 7, 2, 2)


def test_one_grid_goes_through_every_warp() -> None:
    warp = RandomWarp.sample(3, STRONG, seeded())
    grid = coordinate_grid(4, 6, like=warp.theta)[None]
    together, apart = warp.warp_points(grid), warp.warp_points(grid.expand(3, -1, -1, -1))
    assert together.shape == (3, 4, 6, 2)
    torch.testing.assert_close(together, apart)


def test_jacobian_equals_autograd() -> None:
    warp = RandomWarp.sample(2, STRONG, seeded())
    points = random_points(2, 5).requires_grad_()
    warped = warp.warp_points(points)
    rows = [torch.autograd.grad(warped[..., i].sum(), points, create_graph=True)[0] for i in range(2)]
    by_autograd, ours = torch.stack(rows, dim=-2), warp.jacobian(points)
    torch.testing.assert_close(ours, by_autograd)
    gradients = [torch.autograd.grad(jacobian.square().sum(), points)[0] for jacobian in (ours, by_autograd)]
    torch.testing.assert_close(*gradients)


def test_jacobian_equals_finite_differences() -> None:
    """Between the control points' rows and columns, where r has its kinks."""
    warp, step = RandomWarp.sample(1, STRONG, seeded()), 1e-2
    points = torch.tensor([[[0.25, -0.3], [0.7, 0.2], [-0.8, 0.85], [-0.2, -0.75]]])
    columns = [
        (warp.warp_points(points + step * axis) - warp.warp_points(points - step * axis)) / (2 * step)
        for axis in torch.eye(2)
    ]
    torch.testing.assert_close(warp.jacobian(points), torch.stack(columns, dim=-1), rtol=0, atol=5e-3)


def test_identity_warp_changes_nothing() -> None:
    image, points = torch.rand(1, 3, 8, 12, generator=seeded()), random_points(1, 4)
    torch.testing.assert_close(identity_warp().warp_image(image), image)
    torch.testing.assert_close(identity_warp().warp_points(points), points)
    torch.testing.assert_close(identity_warp().jacobian(points), torch.eye(2).expand(1, 4, 2, 2))


def test_image_is_reflected_at_the_border() -> None:
    image = torch.arange(5.0)[None, None, None, :].expand(1, 1, 3, 5)
    shift = RandomWarp(torch.tensor([[[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]]), torch.zeros(1, 1, 25))
    torch.testing.assert_close(shift.warp_image(image)[0, 0, 0], torch.tensor([2.0, 3.0, 4.0, 3.0, 2.0]))


def test_identity_warp_gives_an_equivariant_function_no_loss() -> None:
    keypoints = random_keypoints(2, 6)
    assert equivariance_value(keypoints, keypoints, identity_warp(2)).item() == 0
    assert equivariance_jacobian(keypoints, keypoints, identity_warp(2)).item() < 1e-6


def test_equivariant_keypoints_have_no_loss_under_any_warp() -> None:
    warp, warped = RandomWarp.sample(2, STRONG, seeded()), random_keypoints(2, 6)
    driving = Keypoints(warp.warp_points(warped.value), warp.jacobian(warped.value) @ warped.jacobian)
    assert equivariance_value(driving, warped, warp).item() < 1e-6
    assert equivariance_jacobian(driving, warped, warp).item() < 1e-5


def test_losses_measure_the_error() -> None:
    driving = Keypoints(torch.zeros(1, 1, 2), torch.eye(2)[None, None])
    warped = Keypoints(torch.tensor([[[0.1, -0.3]]]), 1.5 * torch.eye(2)[None, None])
    assert equivariance_value(driving, warped, identity_warp()).item() == pytest.approx(0.2)
    assert equivariance_jacobian(driving, warped, identity_warp()).item() == pytest.approx(0.25)


def test_coordinates_do_not_follow_autocast() -> None:
    warp, keypoints = RandomWarp.sample(2, STRONG, seeded()), random_keypoints(2, 6)
    expected = warp.warp_points(keypoints.value), equivariance_jacobian(keypoints, keypoints, warp)
    with torch.autocast("cpu", torch.bfloat16):
        ours = warp.warp_points(keypoints.value), equivariance_jacobian(keypoints, keypoints, warp)
    torch.testing.assert_close(ours, expected)
