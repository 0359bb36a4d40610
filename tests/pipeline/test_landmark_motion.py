"""Motion from landmarks: the way to the model's coordinates, gaps, and how good the result is."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from animate_cli.animator import Animator
from animate_cli.arrays import Picture
from animate_cli.data.toon_clips import ClipPlan, ClipTruth, cast_clip, draw_clip, draw_frames, to_truth
from animate_cli.data.toon_tests import plan_test_split
from animate_cli.data.toons.sixty_eight import to_68
from animate_cli.faces.box import Box
from animate_cli.faces.landmark_finder import FoundLandmarks
from animate_cli.faces.named_keypoints import name_keypoints
from animate_cli.faces.tracking import Track
from animate_cli.motion import Motion
from animate_cli.pipeline.fitting import place_picture
from animate_cli.pipeline.landmark_motion import boxes_through, fill_gaps, to_model


def test_places_reach_the_model_through_box_and_fitting() -> None:
    whole = place_picture((100, 200), (64, 64), "pad")
    middle = to_model(np.array([[99.5, 49.5]]), None, whole)
    np.testing.assert_allclose(middle, [[0, 0]], atol=1e-9)
    corner = to_model(np.array([[-0.5, -0.5]]), None, whole)
    np.testing.assert_allclose(corner, [[-64 / 63, -32 / 63]])
    box = Box(20, 10, 84, 74)
    places = np.array([[20.0, 10.0], [83.0, 73.0]])
    np.testing.assert_allclose(
        to_model(places, box, place_picture((64, 64), (64, 64), "pad")), [[-1, -1], [1, 1]]
    )


def test_frames_take_the_first_track_that_has_them() -> None:
    main = Track([2, 4], [Box(0, 0, 10, 10), Box(4, 0, 14, 10)], [1, 1], end=5)
    other = Track([0], [Box(50, 50, 60, 60)], [1], end=6)
    boxes = boxes_through([main, other], 6)
    assert [box.left for box in boxes if box] == [50, 50, 0, 2, 4, 50]
    assert boxes_through([], 2) == [None, None]


def test_gaps_are_interpolated_and_ends_held() -> None:
    found = {index: FoundLandmarks(np.full((68, 2), float(index)), np.ones(68)) for index in (1, 4)}
    assert fill_gaps(found, 6)[:, 0, 0].tolist() == [1, 1, 2, 3, 4, 4]


def psnr(result: Picture, truth: Picture) -> float:
    errors = np.square((result.astype(float) - truth) / 255).mean((1, 2, 3))
    return float((-10 * np.log10(errors)).mean())


@pytest.mark.parametrize("driver", ["the same toon", "another toon"])
def test_true_landmarks_drive_nearly_as_well_as_the_networks_own_keypoints(driver: str) -> None:
    """Toons driven by toons whose true landmarks are made into the 68."""
    animator = Animator.from_weights("toon-face", device="cpu")
    names = animator.info.keypoint_names or ()
    scores = []
    for plan in (replace(plan, num_frames=4) for plan in plan_test_split("toon-face")[:8]):
        truth = draw_clip(plan)
        driving = truth if driver == "the same toon" else draw_driver(plan)
        found = list(animator.detect(driving.images))
        landmarks = to_68(driving.points.astype(float) / (plan.size - 1) * 2 - 1)
        for motions in (found, name_keypoints(landmarks, found, names)):
            scores.append(psnr(animate(animator, truth.images[0], motions)[1:], truth.images[1:]))
    own, by_landmarks = np.mean(scores[::2]), np.mean(scores[1::2])
    assert by_landmarks > own - 0.7


def draw_driver(plan: ClipPlan) -> ClipTruth:
    """Draw another toon in a clip's poses."""
    other, _ = cast_clip(replace(plan, identity=plan.identity + 1))
    return to_truth(draw_frames(plan, other, cast_clip(plan)[1]))


def animate(animator: Animator, source: Picture, motions: list[Motion]) -> Picture:
    timed = ((motion, Fraction(index, 10)) for index, motion in enumerate(motions))
    return np.stack([one.image for one in animator.animate(animator.set_source(source), timed, motions[0])])
