"""Framing of faces, and putting them back."""

from fractions import Fraction

import numpy as np
import pytest

from animate_cli.faces.box import Box
from animate_cli.faces.paste import Paster
from animate_cli.motion import Motion
from animate_cli.motion_file import MotionClip
from animate_cli.pipeline.faces import motions_at
from animate_cli.pipeline.framing import frame_face, is_framed
from animate_cli.weights import Framing

HALF = Framing(0.5, 0.5, 0.5)


def test_a_face_gets_its_share_and_place() -> None:
    box = frame_face(Box(100, 40, 150, 90), Framing(0.25, 0.5, 0.4))
    assert (box.width, box.height) == (200, 200)
    assert ((125 - box.left) / 200, (65 - box.top) / 200) == (0.5, 0.4)


@pytest.mark.parametrize(
    ("face", "size", "framed"),
    [
        (Box(64, 64, 192, 192), (256, 256), True),
        (Box(84, 92, 176, 184), (256, 256), True),
        (Box(100, 100, 150, 150), (256, 256), False),  # small
        (Box(0, 64, 128, 192), (256, 256), False),  # at the side
        (Box(64, 64, 192, 192), (256, 512), False),  # in a wide picture
        (Box(5, 5, 251, 251), (256, 256), False),  # all face
    ],
)
def test_what_is_framed_like_the_training_pictures(face: Box, size: tuple[int, int], framed: bool) -> None:
    assert is_framed(face, size, HALF) is framed


def test_boxes_that_overlap_share_their_pixels() -> None:
    picture = np.full((100, 160, 3), 100, np.uint8)
    paster = Paster(picture, [Box(0, 0, 100, 100), Box(60, 0, 160, 100)])
    same = np.full((50, 50, 3), 200, np.uint8)
    pasted = paster.paste([same, same]).astype(int)
    assert pasted.max() <= 201  # nowhere twice
    assert pasted[50, 50, 0] == pasted[50, 110, 0] == 200
    dark = paster.paste([np.zeros((50, 50, 3), np.uint8), same]).astype(int)
    assert dark[50, 66, 0] < 50
    assert dark[50, 94, 0] > 150


def test_patches_that_are_the_picture_itself_change_nothing() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (100, 160, 3)).astype(np.uint8)
    boxes = [Box(-20, 10, 70, 100), Box(30, 0, 110, 80)]
    columns = [np.clip(np.arange(int(box.left), int(box.right)), 0, 159) for box in boxes]
    patches = [picture[int(box.top) : int(box.bottom)][:, at] for box, at in zip(boxes, columns, strict=True)]
    np.testing.assert_array_equal(Paster(picture, boxes).paste(patches), picture)


def test_a_shorter_driving_stays_at_its_last_frame() -> None:
    motions = [Motion(np.full((2, 2), i, np.float32), np.zeros((2, 2, 2), np.float32)) for i in range(3)]
    clip = MotionClip(motions, [Fraction(i, 10) for i in range(3)], Fraction(10))
    times = [Fraction(i, 25) for i in range(8)]
    found = [int(motion.value[0, 0]) for motion, _ in motions_at(clip, times)]
    assert found == [0, 0, 0, 1, 1, 2, 2, 2]
