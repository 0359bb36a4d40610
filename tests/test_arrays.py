import torch

from animate_cli.arrays import to_motions
from animate_cli.model.values import Keypoints


def test_a_kept_motion_does_not_keep_its_batch() -> None:
    motions = to_motions(Keypoints(torch.rand(3, 4, 2), torch.rand(3, 4, 2, 2)))
    assert len(motions) == 3
    assert all(part.base is None for motion in motions for part in motion)
