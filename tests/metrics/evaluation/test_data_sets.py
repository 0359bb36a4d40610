"""Data sets: toons with their truth, folders in every shape, and names."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from animate_cli.data.toon_tests import FINGERPRINTS, TURNED, VERSION, plan_test_split
from animate_cli.data.toons.families import FAMILIES
from animate_cli.errors import DataError
from animate_cli.metrics.evaluation.folder import FolderClips
from animate_cli.metrics.evaluation.job import short_names
from animate_cli.metrics.evaluation.toons import ToonClip, ToonClips

CLIP = ToonClip(replace(plan_test_split("toon-face")[1], num_frames=6, size=48))


@pytest.mark.parametrize("family", FAMILIES)
def test_toons_come_with_their_truth(family: str) -> None:
    clip = ToonClip(replace(CLIP.plan, family=family))
    frames = list(clip.frames())
    assert len(frames) == clip.num_frames
    for frame in frames:
        assert frame.picture.shape == (48, 48, 3)
        assert frame.mask is not None
        assert frame.mask.any()
        assert not frame.mask.all()
        assert frame.marks is not None
        assert frame.marks.names == FAMILIES[family].landmarks
        seen = frame.marks.points[frame.marks.present]
        assert ((seen >= 0) & (seen <= 47)).all()
        assert frame.others == {}
    assert any((frame.picture != frames[0].picture).any() for frame in frames)


def test_another_drives_only_when_asked_for() -> None:
    plain, driven = list(CLIP.frames()), list(CLIP.frames(["other", "hue"]))
    for frame, with_other in zip(plain, driven, strict=True):
        assert (frame.picture == with_other.picture).all()
        assert with_other.others.keys() == {"other"}
        assert (with_other.others["other"] != frame.picture).mean() > 0.3


def test_toons_are_the_same_each_time_and_never_twice() -> None:
    first, again = next(CLIP.frames()), next(CLIP.frames())
    assert (first.picture == again.picture).all()
    assert len({clip.fingerprint for clip in ToonClips(num_clips=5).clips()}) == 5


def test_toons_are_those_of_the_frozen_split() -> None:
    clips = ToonClips("toon-body")
    assert clips.facts["version"] == VERSION
    assert clips.facts["sha256"] == FINGERPRINTS["toon-body"]
    assert [clip.plan for clip in clips.clips()] == plan_test_split("toon-body")


def test_hard_subsets_have_clips_of_their_own() -> None:
    clips = ToonClips("toon-body", num_clips=20).clips()
    for name in ("turned", "camouflaged", "lacking"):
        assert 0 < sum(name in clip.subsets for clip in clips) < len(clips)


def test_turned_toons_turn() -> None:
    hard = [clip for clip in ToonClips(num_clips=10).clips() if "turned" in clip.subsets]
    yaw = hard[0]._cast()[1].yaw
    assert float((yaw - yaw[0]).abs().max()) > np.deg2rad(TURNED["toon-face"])


def picture(path: Path, width: int = 16, value: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((16, width, 3), value, np.uint8)).save(path)


def test_a_folder_of_frames_is_one_clip(tmp_path: Path) -> None:
    for index in range(3):
        picture(tmp_path / "talk" / f"{index}.png", value=index)
    (clip,) = FolderClips(tmp_path / "talk").clips()
    assert (clip.name, clip.num_frames, clip.fps) == ("talk", 3, Fraction(25))


def test_stacked_pictures_are_clips_each(tmp_path: Path) -> None:
    for name in ("a", "b"):
        picture(tmp_path / f"{name}.png", width=16 * 5)
    assert [(clip.name, clip.num_frames) for clip in FolderClips(tmp_path).clips()] == [("a", 5), ("b", 5)]
    assert len(FolderClips(tmp_path, limit=1).clips()) == 1


def test_a_changed_clip_has_another_fingerprint(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", width=80)
    (clip,) = FolderClips(tmp_path / "a.png").clips()
    before = clip.fingerprint
    picture(tmp_path / "a.png", width=160)
    assert clip.fingerprint != before


def test_two_clips_of_one_name_are_refused(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", width=80)
    picture(tmp_path / "a" / "0.png")
    with pytest.raises(DataError, match="have one name"):
        FolderClips(tmp_path)


def test_short_names() -> None:
    assert short_names(["vox", "runs/a.safetensors"]) == ["vox", "a"]
    assert short_names(["x/w.safetensors", "y/w.safetensors"]) == ["x/w.safetensors", "y/w.safetensors"]
    assert short_names(["vox", "vox", "vox"]) == ["vox", "vox (2)", "vox (3)"]
