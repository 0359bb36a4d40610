import torch

from animate_cli.data.likeness import looks_alike
from animate_cli.model.grid import coordinate_grid


def test_what_stands_still_and_looks_the_same_is_shown() -> None:
    picture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    still = coordinate_grid(16, 16, like=picture).expand(2, -1, -1, -1)
    assert looks_alike(picture, picture, still).all()


def test_a_place_of_another_colour_is_not() -> None:
    source, target = torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 32)
    target[..., 8:24, 8:24] = 1
    still = coordinate_grid(16, 16, like=source)[None]
    alike = looks_alike(source, target, still)
    assert not alike[0, 6:10, 6:10].any()
    assert alike[0, :3].all()


def test_an_edge_may_be_off_by_one_place() -> None:
    source, target = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    source[..., 8:], target[..., 9:] = 1, 1
    assert looks_alike(source, target, coordinate_grid(16, 16, like=source)[None]).all()


def test_the_source_is_moved_before_it_is_compared() -> None:
    source = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)).round()
    moved = source.flip(3)
    grid = coordinate_grid(16, 16, like=source)[None]
    mirrored = torch.stack([-grid[..., 0], grid[..., 1]], -1)
    assert looks_alike(source, moved, mirrored).all()
    assert not looks_alike(source, moved, grid).all()
