"""Which thread is the slowest, and how much longer than it the whole takes."""

import pytest

from animate_cli.bench.overlap import find_overlap

IN_JOB = {
    "decode": 0.5, "keypoints": 3.0, "motion": 3.0, "generator": 8.0, "pictures": 1.0, "encode": 0.5, "rest": 1.0,
}  # fmt: skip
ALONE = {"decode": 0.8, "keypoints": 2.5, "motion": 2.5, "generator": 7.0, "pictures": 0.8, "encode": 1.4}


def test_the_networks_thread_does_all_its_stages_in_turn() -> None:
    overlap = find_overlap(IN_JOB, ALONE)
    assert overlap.slowest == "the networks"
    assert overlap.seconds == pytest.approx(15.0)
    assert overlap.ratio == pytest.approx(17.0 / 15.0)


def test_a_slow_encoder_is_found_by_what_it_takes_alone() -> None:
    overlap = find_overlap({**IN_JOB, "encode": 24.0}, {**ALONE, "encode": 38.0})
    assert overlap.slowest == "encoding"
    assert overlap.ratio == pytest.approx(40.5 / 38.0)
