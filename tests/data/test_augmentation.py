import pytest
import torch
from torch import Tensor

from animate_cli.config import AugmentationConfig
from animate_cli.data.augmentation import augment, pad_to, random_crop, resize_and_crop

NOTHING = AugmentationConfig(horizontal_flip=False, time_flip=False)
EVERYTHING = AugmentationConfig(brightness=0.3, contrast=0.3, saturation=0.3, hue=0.2, resize=(0.8, 1.2))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def clip() -> Tensor:
    return torch.rand(2, 3, 12, 16, generator=seeded(9))


def outcomes(config: AugmentationConfig, candidates: dict[str, Tensor], tries: int = 40) -> set[str]:
    """Name what augmentation gave in many tries; anything else than a candidate is an error."""
    generator, seen = seeded(), set()
    for _ in range(tries):
        result = augment(clip(), config, generator)
        seen.add(next(name for name, expected in candidates.items() if torch.equal(result, expected)))
    return seen


def test_nothing_changes_nothing() -> None:
    assert torch.equal(augment(clip(), NOTHING, seeded()), clip())


def test_flips_are_independent() -> None:
    candidates = {
        "same": clip(),
        "time": clip().flip(0),
        "sideways": clip().flip(3),
        "both": clip().flip(0, 3),
    }
    assert outcomes(AugmentationConfig(), candidates) == set(candidates)


@pytest.mark.parametrize(("axis", "name"), [(0, "time_flip"), (3, "horizontal_flip")])
def test_each_flip_can_be_off(axis: int, name: str) -> None:
    config = AugmentationConfig(time_flip=name == "time_flip", horizontal_flip=name == "horizontal_flip")
    assert outcomes(config, {"same": clip(), "flipped": clip().flip(axis)}) == {"same", "flipped"}


def test_deterministic_by_generator() -> None:
    first, again, other = (augment(clip(), EVERYTHING, seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("seed", range(8))
def test_both_frames_change_alike_and_keep_shape_and_range(seed: int) -> None:
    twins = clip()[:1].expand(2, -1, -1, -1)
    result = augment(twins, EVERYTHING, seeded(seed))
    assert result.shape == twins.shape
    assert torch.equal(result[0], result[1])
    assert result.min() >= 0
    assert result.max() <= 1


def test_shrinking_repeats_the_edges() -> None:
    shrunk = resize_and_crop(torch.ones(2, 3, 12, 16), (0.5, 0.5), seeded())
    torch.testing.assert_close(shrunk, torch.ones(2, 3, 12, 16))


def test_padding_is_even_and_only_where_needed() -> None:
    padded = pad_to(torch.arange(3.0)[None, None, None, :].expand(1, 1, 4, 3), 2, 6)
    assert padded.shape == (1, 1, 4, 6)
    assert padded[0, 0, 0].tolist() == [0, 0, 1, 2, 2, 2]


def test_crops_reach_every_place() -> None:
    generator, frames = seeded(), torch.arange(5.0)[None, None, None, :].expand(1, 1, 4, 5)
    assert {random_crop(frames, 4, 3, generator)[0, 0, 0, 0].item() for _ in range(50)} == {0, 1, 2}
