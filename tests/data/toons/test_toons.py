import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_motion, random_pose_pairs
from animate_cli.data.toons.identity import Identity
from animate_cli.data.toons.landmarks import find_landmarks
from animate_cli.data.toons.motion import true_motion
from animate_cli.data.toons.pose import MAX_YAW, Pose, random_pose, rest_pose
from animate_cli.data.toons.render import render
from animate_cli.data.toons.trees import take
from animate_cli.data.toons.values import LANDMARK_NAMES

NOSE = LANDMARK_NAMES.index("nose_tip")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def people(count: int, seed: int = 0) -> Identity:
    return random_identity(generator(seed), count)


def plain(who: Identity) -> Identity:
    """The same toons without the outlines, light and grain that do not stick to surfaces."""
    zero = torch.zeros_like(who.style.outline)
    return who._replace(
        style=who.style._replace(
            kind=torch.zeros_like(who.style.kind), outline=zero, shading=zero, grain=zero
        ),
        hair=who.hair._replace(gloss=zero),
        wear=who.wear._replace(glasses=zero),
    )


def test_frames_have_their_shapes_and_ranges() -> None:
    frame = render(people(5), random_pose(generator(1), 5), 64)
    assert frame.image.shape == (5, 3, 64, 64)
    assert frame.mask.shape == (5, 64, 64)
    assert frame.landmarks.shape == (5, len(LANDMARK_NAMES), 2)
    assert frame.visible.shape == (5, len(LANDMARK_NAMES))
    assert frame.visible.dtype == torch.bool
    for values in (frame.image, frame.mask):
        assert values.isfinite().all()
        assert values.min() >= 0
        assert values.max() <= 1


def test_drawing_is_deterministic_and_independent_of_the_batch() -> None:
    who, pose = people(10), random_pose(generator(1), 10)
    whole = render(who, pose, 48)
    alone = render(take(who, slice(3, 4)), take(pose, slice(3, 4)), 48)
    assert torch.equal(render(people(10), random_pose(generator(1), 10), 48).image, whole.image)
    torch.testing.assert_close(alone.image[0], whole.image[3], atol=2e-3, rtol=0)
    torch.testing.assert_close(alone.landmarks[0], whole.landmarks[3])


def test_identities_differ() -> None:
    images = render(people(6), rest_pose(6), 32).image.flatten(1)
    assert torch.cdist(images, images).add(torch.eye(6) * 99).min() > 1


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_turning_moves_the_nose(sign: float) -> None:
    who, pose = people(8), rest_pose(8)
    turned = pose._replace(yaw=torch.full((8,), sign * 0.6))
    before, after = find_landmarks(who, pose)[0], find_landmarks(who, turned)[0]
    assert ((after - before)[:, NOSE, 0] * sign > 0.1).all()
    lifted = pose._replace(pitch=torch.full((8,), 0.3))
    assert (find_landmarks(who, lifted)[0][:, NOSE, 1] < before[:, NOSE, 1]).all()


def test_left_is_the_subjects_left_and_hides_when_turned_away() -> None:
    who, pose = people(8), rest_pose(8)
    left, right = LANDMARK_NAMES.index("left_eye_outer"), LANDMARK_NAMES.index("right_eye_outer")
    landmarks, _ = find_landmarks(who, pose)
    assert (landmarks[:, left, 0] > landmarks[:, right, 0]).all()
    _, visible = find_landmarks(who, pose._replace(yaw=torch.full((8,), MAX_YAW)))
    assert not visible[:, left].any()


def test_opening_the_mouth_parts_the_lips() -> None:
    who, pose = people(8), rest_pose(8)
    upper, lower = LANDMARK_NAMES.index("lip_upper"), LANDMARK_NAMES.index("lip_lower")

    def gap(landmarks: Tensor) -> Tensor:
        return landmarks[:, lower, 1] - landmarks[:, upper, 1]

    wide = pose._replace(mouth_open=torch.ones(8))
    assert (gap(find_landmarks(who, wide)[0]) > gap(find_landmarks(who, pose)[0]) + 0.05).all()


def test_the_mask_covers_visible_landmarks() -> None:
    frame = render(people(16), random_pose(generator(1), 16), 96)
    face = slice(0, LANDMARK_NAMES.index("chin"))
    on_mask = grid_sample(frame.mask[:, None], frame.landmarks[:, None, face], align_corners=True)[:, 0, 0]
    assert on_mask[frame.visible[:, face]].min() > 0.5


def test_true_motion_of_a_pose_to_itself_stays() -> None:
    who, pose = people(6), random_pose(generator(1), 6)
    deformation, visible = true_motion(who, pose, pose, 32)
    line = torch.linspace(-1, 1, 32)
    y, x = torch.meshgrid(line, line, indexing="ij")
    offset = (deformation - torch.stack([x, y], -1)).norm(dim=-1)
    assert visible.float().mean() > 0.95
    assert offset[visible].max() < 0.02


def test_true_motion_warps_the_source_onto_the_driving_frame() -> None:
    who = plain(people(12))
    driving, source = random_pose_pairs(generator(2), 12)
    shown, wanted = render(who, source, 128), render(who, driving, 128)
    deformation, visible = true_motion(who, driving, source, 128)
    warped = grid_sample(shown.image, deformation, align_corners=True, padding_mode="border")
    error = ((warped - wanted.image) ** 2).mean(1)
    on_toon = visible & (wanted.mask > 0.9)
    assert visible.float().mean() > 0.4
    assert -10 * math.log10(error[visible].mean().item()) > 24
    assert -10 * math.log10(error[on_toon].mean().item()) > 21
    untouched = ((shown.image - wanted.image) ** 2).mean(1)
    assert error[on_toon].mean() < 0.25 * untouched[on_toon].mean()


def test_pairs_are_difficult_enough() -> None:
    who = people(600)
    first, second = random_pose_pairs(generator(3), 600)
    moved = (find_landmarks(who, first)[0] - find_landmarks(who, second)[0]).norm(dim=-1)
    assert moved.mean() * 255 / 2 >= 18
    assert ((first.yaw - second.yaw).abs() > math.radians(40)).float().mean() >= 0.3
    assert max(first.yaw.abs().max(), second.yaw.abs().max()) <= MAX_YAW


def test_clips_are_smooth_and_repeatable() -> None:
    clip = random_motion(generator(4), 6, 25, 25.0)
    again = random_motion(generator(4), 6, 25, 25.0)
    assert clip.place.shape == (6, 25, 2)
    assert all(torch.equal(a, b) for a, b in zip(clip, again, strict=True))
    assert clip.yaw.diff(dim=1).abs().max() < math.radians(12)
    assert clip.place.diff(dim=1).abs().max() < 0.12


def test_any_identity_takes_any_pose() -> None:
    pose = take(random_pose(generator(5), 1), torch.zeros(6, dtype=torch.long))
    assert isinstance(pose, Pose)
    landmarks, _ = find_landmarks(people(6), pose)
    center = landmarks[:, :20].mean(1)
    assert (center - center.mean(0)).abs().max() < 0.25
