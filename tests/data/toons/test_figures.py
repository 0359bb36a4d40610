"""The contract of a family of toons, run over each that is made of tubes."""

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from animate_cli.data.toons.families import ANIMAL, BODY, FAMILIES, Family
from animate_cli.data.toons.hard import camouflaged, lacking, turned
from animate_cli.data.toons.pairs import ToonPairs
from animate_cli.data.toons.trees import take, tree_map

Figures = Family[Any, Any]


@pytest.fixture(params=[BODY, ANIMAL], ids=lambda family: family.name)
def family(request: pytest.FixtureRequest) -> Figures:
    chosen: Figures = request.param
    return chosen


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def plain(who: Any) -> Any:
    """The same toons without the outlines, light, shadow and grain that do not stick to surfaces."""
    style = who.style
    zero = torch.zeros_like(style.outline)
    style = style._replace(kind=torch.zeros_like(style.kind), outline=zero, shading=zero, grain=zero)
    return who._replace(style=style, shadow=zero)


def test_frames_have_their_shapes_and_ranges(family: Figures) -> None:
    who, (pose, _) = family.random_identity(generator(), 6), family.random_pose_pairs(generator(1), 6)
    frame = family.render(who, pose, 50)
    assert frame.image.shape == (6, 3, 50, 50)
    assert frame.mask.shape == (6, 50, 50)
    assert frame.landmarks.shape == (6, len(family.landmarks), 2)
    assert frame.visible.shape == (6, len(family.landmarks))
    assert frame.visible.dtype == torch.bool
    for values in (frame.image, frame.mask):
        assert values.isfinite().all()
        assert values.min() >= 0
        assert values.max() <= 1
    assert (frame.mask.flatten(1).mean(1) > 0.01).all()


def test_drawing_is_deterministic_and_independent_of_the_batch(family: Figures) -> None:
    who, (pose, _) = family.random_identity(generator(), 40), family.random_pose_pairs(generator(1), 40)
    whole = family.render(who, pose, 32)
    again = family.render(
        family.random_identity(generator(), 40), family.random_pose_pairs(generator(1), 40)[0], 32
    )
    assert torch.equal(again.image, whole.image)
    for row in (3, 37):
        alone = family.render(take(who, slice(row, row + 1)), take(pose, slice(row, row + 1)), 32)
        torch.testing.assert_close(alone.image[0], whole.image[row], atol=2e-3, rtol=0)
        torch.testing.assert_close(alone.landmarks[0], whole.landmarks[row])
        assert torch.equal(alone.visible[0], whole.visible[row])


def test_identities_differ(family: Figures) -> None:
    _, (pose, _) = family.random_identity(generator(), 6), family.random_pose_pairs(generator(1), 6)
    same = take(pose, torch.zeros(6, dtype=torch.long))
    images = family.render(family.random_identity(generator(), 6), same, 32).image.flatten(1)
    assert torch.cdist(images, images).add(torch.eye(6) * 99).min() > 1


def test_the_mask_covers_visible_landmarks(family: Figures) -> None:
    who, (pose, _) = family.random_identity(generator(), 48), family.random_pose_pairs(generator(1), 48)
    frame = family.render(who, pose, 128)
    reached = torch.nn.functional.max_pool2d(frame.mask[:, None], 7, 1, 3)
    on_mask = grid_sample(reached, frame.landmarks[:, None], align_corners=True)[:, 0, 0]
    assert on_mask[frame.visible].min() > 0.3
    assert 0.6 < frame.visible.float().mean() < 0.98


def test_true_motion_of_a_pose_to_itself_stays(family: Figures) -> None:
    who, (pose, _) = family.random_identity(generator(), 8), family.random_pose_pairs(generator(1), 8)
    deformation, visible = family.true_motion(who, pose, pose, 32)
    line = torch.linspace(-1, 1, 32)
    y, x = torch.meshgrid(line, line, indexing="ij")
    offset = (deformation - torch.stack([x, y], -1)).norm(dim=-1)
    assert visible.float().mean() > 0.97
    assert offset[visible].quantile(0.99) < 0.02


def test_true_motion_warps_the_source_onto_the_driving_frame(family: Figures) -> None:
    who = plain(family.random_identity(generator(), 16))
    driving, source = family.random_pose_pairs(generator(2), 16)
    shown, wanted = family.render(who, source, 128), family.render(who, driving, 128)
    deformation, visible = family.true_motion(who, driving, source, 128)
    warped = grid_sample(shown.image, deformation, align_corners=True, padding_mode="border")
    error, untouched = (((image - wanted.image) ** 2).mean(1) for image in (warped, shown.image))
    on_toon = visible & (wanted.mask > 0.9)
    assert on_toon.sum() > 0.4 * (wanted.mask > 0.9).sum()
    assert -10 * math.log10(error[visible].mean().item()) > 28
    assert -10 * math.log10(error[on_toon].mean().item()) > 23
    assert error[on_toon].mean() < 0.1 * untouched[on_toon].mean()


def test_clips_are_smooth_repeatable_and_move(family: Figures) -> None:
    clip = family.random_motion(generator(4), 8, 25, 25.0)
    again = family.random_motion(generator(4), 8, 25, 25.0)
    assert clip.place.shape == (8, 25, 2)
    assert all(torch.equal(a, b) for a, b in zip(clip, again, strict=True))
    who = take(family.random_identity(generator(), 8), torch.arange(8).repeat_interleave(25))
    landmarks = family.render(who, tree_map(lambda leaf: leaf.flatten(0, 1), clip), 16).landmarks
    steps = landmarks.view(8, 25, -1, 2).diff(dim=1).norm(dim=-1)
    assert steps.max() < 0.3
    assert 0.002 < steps.mean() < 0.05


def test_pairs_are_difficult_enough(family: Figures) -> None:
    who = family.random_identity(generator(), 200)
    poses = family.random_pose_pairs(generator(3), 200)
    first, second = (family.render(who, pose, 16) for pose in poses)
    moved = (first.landmarks - second.landmarks).norm(dim=-1)
    assert moved.mean() * 255 / 2 >= 18
    for hard in (turned(*poses), camouflaged(who), lacking(first, second)):
        assert hard.shape == (200,)
        assert 0.03 < hard.float().mean() < 0.7


def test_any_identity_takes_any_pose(family: Figures) -> None:
    pose = take(family.random_pose_pairs(generator(5), 1)[0], torch.zeros(8, dtype=torch.long))
    frame = family.render(family.random_identity(generator(), 8), pose, 32)
    center = frame.landmarks.mean(1)
    assert (center - center.mean(0)).abs().max() < 0.5


@pytest.mark.parametrize("name", FAMILIES)
def test_pairs_to_train_on_are_drawn_of_every_family(name: str) -> None:
    family = FAMILIES[name]
    batch = ToonPairs(32, 4, seed=1, family=family).batch(0)
    assert batch.source_landmarks.shape == (4, len(family.landmarks), 2)
    assert batch.motion.isfinite().all()
    assert batch.detail.amax() > 0.5
    assert torch.equal(batch.driving[~batch.cross], batch.target[~batch.cross])


def rest(yaw: float, count: int = 12) -> tuple[Any, Tensor, Tensor]:
    from animate_cli.data.toons.bodies.pose import rest_pose

    who = BODY.random_identity(generator(), count)
    frame = BODY.render(who, rest_pose(count)._replace(yaw=torch.full((count,), yaw)), 48)
    return who, frame.landmarks, frame.visible


def mark(name: str) -> int:
    return BODY.landmarks.index(name)


def test_left_is_the_subjects_left() -> None:
    for yaw, sign in ((0.0, 1.0), (math.pi, -1.0)):
        _, landmarks, _ = rest(yaw)
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
            across = landmarks[:, mark(f"left_{joint}"), 0] - landmarks[:, mark(f"right_{joint}"), 0]
            assert (across * sign > 0.01).all()


def test_the_face_disappears_when_the_back_is_turned() -> None:
    face = [mark("nose"), mark("left_eye"), mark("right_eye")]
    assert rest(0.0)[2][:, mark("nose")].all()
    assert not rest(math.pi)[2][:, face].any()
    aside = rest(math.pi / 2)[2]
    assert not aside[:, mark("left_eye")].any()


def test_bodies_stand_upright_on_the_ground() -> None:
    _, landmarks, visible = rest(0.0)
    y = landmarks[..., 1]
    order = ["head_top", "nose", "chin", "neck", "left_shoulder", "left_hip", "left_knee", "left_ankle"]
    for upper, lower in pairwise(order):
        assert (y[:, mark(upper)] < y[:, mark(lower)]).all()
    assert (landmarks[:, mark("left_ankle"), 1] - 0.88).abs().max() < 0.15
    assert visible[:, [mark(name) for name in order]].float().mean() > 0.85


def test_turning_is_measured_the_short_way_round() -> None:
    from animate_cli.data.toons.bodies.pose import rest_pose

    first, second = rest_pose(3), rest_pose(3)
    first = first._replace(yaw=torch.tensor([3.0, 0.0, 6.2]))
    second = second._replace(yaw=torch.tensor([-3.0, 1.8, 0.0]))
    assert turned(first, second).tolist() == [False, True, False]
