"""Tracks from planted boxes: gaps, cuts, crossings, single mistakes."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from animate_cli.faces.box import Box
from animate_cli.faces.follow import follow_faces, glance_at_faces, search_step, watch_faces
from animate_cli.faces.tracking import Track
from tests.faces.scenes import Planted, numbered

RATE = Fraction(20)
Place = Callable[[int], Box]


def follow(places: dict[int, list[Box]], count: int, every: int = 1) -> list[Track]:
    return follow_faces(numbered(count), Planted(places), RATE, every=every)


def still(_: int) -> Box:
    return Box.around(100, 100, 40)


def test_one_face_is_one_track() -> None:
    (track,) = follow({t: [still(t)] for t in range(30)}, 30)
    assert (track.start, track.end) == (0, 30)
    np.testing.assert_allclose(track.between(0, 30), [[80, 80, 120, 120]] * 30)


def test_gaps_up_to_half_a_second_are_bridged_by_interpolation() -> None:
    def moving(t: int) -> Box:
        return Box.around(100 + 3 * t, 100, 40)

    (track,) = follow({t: [moving(t)] for t in range(40) if not 12 <= t < 21}, 40)
    centres = track.between(0, 40)[:, [0, 2]].mean(1)
    np.testing.assert_allclose(centres, [100 + 3 * t for t in range(40)], atol=0.5)


def test_longer_gaps_end_a_track() -> None:
    tracks = follow({t: [still(t)] for t in range(60) if not 20 <= t < 40}, 60)
    assert [(track.start, track.end) for track in tracks] == [(0, 20), (40, 60)]


def test_two_faces_that_cross_keep_their_names() -> None:
    def places(t: int) -> list[Box]:
        right, left = Box.around(50 + 6 * t, 100, 40), Box.around(350 - 6 * t, 112, 44)
        return [left] if 24 <= t <= 26 else [left, right]  # where they meet, one hides the other

    tracks = follow({t: places(t) for t in range(50)}, 50)
    assert len(tracks) == 2
    for track, speed in zip(tracks, (6, -6), strict=True):
        centres = track.between(0, 50)[:, [0, 2]].mean(1)
        np.testing.assert_allclose(np.diff(centres)[5:-5].mean(), speed, rtol=0.05)


def test_a_glance_now_and_then_tells_where_faces_are_in_the_clip() -> None:
    places = {0: [still(0)], 1: [Box.around(104, 100, 40)], 2: [Box.around(300, 200, 60)]}
    first, other = glance_at_faces(numbered(3), Planted(places), 25)
    np.testing.assert_allclose(first.between(0, 26)[[0, 25]], [[80, 80, 120, 120], [84, 80, 124, 120]])
    assert (first.start, first.end) == (0, 26)
    assert (other.start, other.end) == (50, 75)


def test_a_cut_ends_tracks_and_is_searched_at_once() -> None:
    frames = numbered(40)
    for frame in frames[23:]:
        frame[2:] = 220
    planted = Planted({t: [still(t)] for t in range(40)})
    tracks = follow_faces(frames, planted, RATE, every=5)
    assert [(track.start, track.end) for track in tracks] == [(0, 23), (23, 40)]
    assert planted.searched == [0, 5, 10, 15, 20, 23, 28, 33, 38]


def test_fades_and_movement_are_no_cuts() -> None:
    frames = numbered(40)
    for index, frame in enumerate(frames):
        frame[2:] = 40 + 5 * index
    assert len(follow_faces(frames, Planted({t: [still(t)] for t in range(40)}), RATE, every=1)) == 1


def test_a_single_wrong_box_does_not_show() -> None:
    places = {t: [still(t)] for t in range(30)}
    places[14] = [Box.around(112, 92, 24)]
    (track,) = follow(places, 30)
    np.testing.assert_allclose(track.between(0, 30), [[80, 80, 120, 120]] * 30, atol=1e-9)


def test_a_part_of_a_face_is_no_face() -> None:
    places = {t: [still(t), Box.around(108, 92, 20)] for t in range(30)}
    assert len(follow(places, 30)) == 1


def test_searching_now_and_then_gives_nearly_the_same_boxes() -> None:
    def nodding(t: int) -> Box:
        return Box.around(100 + 10 * np.sin(t / 15), 100 + 6 * np.cos(t / 20), 40)

    places = {t: [nodding(t)] for t in range(120)}
    (dense,), (sparse,) = follow(places, 120), follow(places, 120, search_step(RATE))
    assert (sparse.start, sparse.end) == (0, 120)
    assert np.abs(dense.between(0, 120) - sparse.between(0, 120)).max() < 1.5


def test_nothing_to_follow() -> None:
    assert follow({}, 30) == []
    assert follow({0: [still(0)]}, 1)[0].end == 1


def test_a_track_is_told_when_it_has_ended_and_none_before_it_is_left() -> None:
    places: dict[int, list[Box]] = {t: [still(t)] for t in range(60)}
    for t in range(5, 12):
        places[t].append(Box.around(300, 100, 40))  # ends first, and waits for the one that began before it
    del places[30]
    places.update({t: [] for t in range(30, 50)})
    told = list(watch_faces(numbered(60), Planted(places), RATE, every=1))
    tracks = [(track.start, track.end) for one in told for track in one.tracks]
    assert tracks == [(0, 30), (5, 12), (50, 60)]
    (when,) = [index for index, one in enumerate(told) if len(one.tracks) == 2]
    assert 40 <= when <= 42
    assert {one.until for one in told[: when - 1]} == {0}
    assert told[when].until == when + 1
