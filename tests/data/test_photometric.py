import torch

from animate_cli.data.photometric import _CHANGES, photometric


def images() -> torch.Tensor:
    return torch.rand(24, 3, 20, 20, generator=torch.Generator().manual_seed(0))


def test_changes_keep_shape_and_range_and_repeat() -> None:
    before = images()
    changed = photometric(before, torch.Generator().manual_seed(1))
    assert changed.shape == before.shape
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert torch.equal(before, images())
    assert torch.equal(changed, photometric(before, torch.Generator().manual_seed(1)))
    assert (changed != before).flatten(1).any(1).float().mean() > 0.7


def test_no_strength_changes_nothing() -> None:
    assert torch.equal(photometric(images(), torch.Generator(), strength=0.0), images())


def test_every_change_works_alone() -> None:
    generator = torch.Generator().manual_seed(2)
    for change, _ in _CHANGES:
        changed = change(images(), torch.rand(24, 4, generator=generator), generator)
        assert changed.shape == (24, 3, 20, 20)
        assert changed.isfinite().all()
        assert not torch.equal(changed, images())
