"""The frame that relative motion starts from shows the source's pose, not its looks."""

import numpy as np
import pytest

from animate_cli.motion import Motion
from animate_cli.reference import choose_reference

NAMES = (
    "left_eye_outer", "left_eye_upper", "left_pupil", "right_eye_outer", "right_eye_upper", "right_pupil",
    "lip_upper", "lip_lower", "chin",
)  # fmt: skip


def face(
    mouth: float = 0.02, lids: float = 0.03, chin: float = 0.6, turn: float = 0.0, low: float = 0.0
) -> Motion:
    """A face of named keypoints: how far mouth and eyes are open, how long the chin and
    how low the mouth is, how far it is turned."""
    places = [
        (0.25, -0.2), (0.15, -0.2 - lids), (0.15, -0.2), (-0.25, -0.2), (-0.15, -0.2 - lids), (-0.15, -0.2),
        (turn, 0.3 + low - mouth / 4), (turn, 0.3 + low + 3 * mouth / 4), (turn, chin + mouth / 2),
    ]  # fmt: skip
    value = np.array(places, np.float32)
    return Motion(value, np.tile(np.eye(2, dtype=np.float32), (len(value), 1, 1)))


def test_a_long_chin_is_no_open_mouth() -> None:
    source = face(chin=0.8, low=0.12)
    driving = [face(mouth=0.3), face(mouth=0.2), face(mouth=0.02)]
    assert choose_reference(source, driving) != 2, "the shapes alone mislead"
    assert choose_reference(source, driving, NAMES) == 2


@pytest.mark.parametrize("lids", [0.0, 0.06])
def test_lids_count(lids: float) -> None:
    driving = [face(lids=one) for one in (0.06, 0.03, 0.0)]
    assert choose_reference(face(lids=lids), driving, NAMES) == (0 if lids else 2)


def test_the_head_counts_where_expressions_are_alike() -> None:
    driving = [face(turn=turn) for turn in (-0.2, 0.0, 0.2)]
    assert choose_reference(face(turn=0.18), driving, NAMES) == 2


def test_place_and_size_do_not_count() -> None:
    driving = [face(mouth=0.2), face(mouth=0.1), face()]
    moved = Motion(face(mouth=0.1).value * 0.4 + np.float32(0.5), face().jacobian)
    assert choose_reference(moved, driving, NAMES) == 1
