"""`animate toons`: what lands in the folder, and what is refused."""

import json
import os
import signal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.data import toon_clips
from animate_cli.data.toon_clips import ClipPlan, ClipReport, draw_clip
from animate_cli.data.toons.families import FAMILIES
from animate_cli.data.videos import list_videos
from animate_cli.errors import DataError
from animate_cli.media import open_reader
from tests.cli.conftest import Animate

SMALL = ("--identities", "2", "--frames", "4", "--size", "32")


def plan(split: str = "train", clip: int = 0, identity: int = 1) -> ClipPlan:
    return ClipPlan("toon-body", 0, split, identity, clip, 3, Fraction(25), 32)


def test_one_clip_is_told_as_one(animate: Animate, tmp_path: Path) -> None:
    outcome = animate("toons", "toon-face", "-o", tmp_path / "data", *SMALL, "--identities", "1")
    assert ": 1 clip of 1 toon, 4 frames each" in outcome.stdout


@pytest.mark.parametrize("family", FAMILIES)
def test_clips_come_with_their_truth(animate: Animate, tmp_path: Path, family: str) -> None:
    out = tmp_path / "data"
    outcome = animate("toons", family, "-o", out, *SMALL, "--clips", "2", "--fps", "10")
    assert outcome.code == 0
    assert outcome.stdout == f"wrote {out / 'train'}: 4 clips of 2 toons, 4 frames each, 32x32\n"
    assert outcome.stderr == ""
    videos = list_videos(out)
    assert [video.path.name for video in videos] == [
        "00000#00.mp4", "00000#01.mp4", "00001#00.mp4", "00001#01.mp4",
    ]  # fmt: skip
    assert len(list((out / "train").iterdir())) == 12
    with open_reader(out / "train" / "00001#01.mp4") as reader:
        assert reader.info.fps == 10
        frames = [frame.image for frame in reader]
    with open_reader(out / "train" / "00001#01.mask.mp4") as reader:
        masks = [frame.image for frame in reader]
    assert len(frames) == len(masks) == 4
    with np.load(out / "train" / "00001#01.landmarks.npz") as truth:
        assert truth["points"].shape == (4, len(FAMILIES[family].landmarks), 2)
        assert truth["visible"].shape == truth["points"].shape[:2]
        assert tuple(truth["names"]) == FAMILIES[family].landmarks
        x, y = truth["points"][0][truth["visible"][0]].round().astype(int).T
    assert (masks[0][y, x, 0] > 60).mean() > 0.7
    assert 0.02 < (masks[0] > 128).mean() < 0.9


def test_report_as_json(animate: Animate, tmp_path: Path) -> None:
    outcome = animate(
        "toons", "toon-animal", "-o", tmp_path / "data", *SMALL, "--split", "test", "--json", "-"
    )
    report = json.loads(outcome.stdout)
    assert (report["schema"], report["family"], report["split"]) == (1, "toon-animal", "test")
    assert report["landmarks"] == list(FAMILIES["toon-animal"].landmarks)
    assert [clip["name"] for clip in report["clips"]] == ["00000#00", "00001#00"]
    assert all(clip["frames"] == 4 and 0 < clip["visible"] <= 1 for clip in report["clips"])


def test_more_jobs_draw_the_same_clips(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    plans = [plan(identity=number) for number in range(2)]
    alone = list(toon_clips.write_clips(plans, one))
    together = list(toon_clips.write_clips(plans, two, jobs=2))
    assert sorted(map(str, together)) == sorted(map(str, alone))
    for path in (one / "train").glob("*.npz"):
        with np.load(path) as first, np.load(two / "train" / path.name) as second:
            np.testing.assert_allclose(first["points"], second["points"], atol=1e-3)


def die(plan: ClipPlan, folder: Path) -> ClipReport:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_process_that_is_killed_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toon_clips, "write_clip", die)
    with pytest.raises(DataError, match="a process of --jobs 2 was ended"):
        list(toon_clips.write_clips([plan()], tmp_path / "data", jobs=2))
    assert not (tmp_path / "data").exists()


def test_clips_are_found_again_and_splits_never_meet() -> None:
    first, again = draw_clip(plan()), draw_clip(plan())
    assert np.array_equal(first.images, again.images)
    others = [draw_clip(plan("test")), draw_clip(plan(clip=1)), draw_clip(plan(identity=2))]
    assert not any(np.array_equal(first.images, other.images) for other in others)


def test_a_full_folder_is_kept_unless_asked(animate: Animate, tmp_path: Path) -> None:
    out = tmp_path / "data"
    assert animate("toons", "toon-body", "-o", out, *SMALL, "-q").code == 0
    before = {path.name: path.stat().st_mtime_ns for path in (out / "train").iterdir()}
    outcome = animate("toons", "toon-body", "-o", out, *SMALL)
    assert (outcome.code, outcome.stdout) == (1, "")
    assert (
        outcome.stderr
        == f"error: {out / 'train'}: the folder is not empty; use --overwrite or choose another\n"
    )
    assert {path.name: path.stat().st_mtime_ns for path in (out / "train").iterdir()} == before
    assert animate("toons", "toon-body", "-o", out, *SMALL, "--split", "validation").code == 0
    assert animate("toons", "toon-body", "-o", out, *SMALL[:1], "1", *SMALL[2:], "--overwrite").code == 0
    assert len(list((out / "train").iterdir())) == 3
    assert sorted(path.name for path in out.iterdir()) == ["train", "validation"]


def test_a_link_stays_and_the_folder_behind_it_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "disk" / "clips", tmp_path / "data" / "train"
    real.mkdir(parents=True)
    (real / "old.mp4").touch()
    link.parent.mkdir()
    link.symlink_to(real)
    list(toon_clips.write_clips([plan()], tmp_path / "data", overwrite=True))
    assert link.is_symlink()
    assert len(list(real.iterdir())) == 3
    assert [path.name for folder in (link.parent, real.parent) for path in folder.iterdir()] == [
        "train",
        "clips",
    ]


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(plan: ClipPlan, folder: Path) -> ClipReport:
        (folder / "half").write_text("half")
        raise DataError("no room")

    monkeypatch.setattr(toon_clips, "write_clip", fail)
    with pytest.raises(DataError, match="no room"):
        list(toon_clips.write_clips([plan()], tmp_path / "data"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("toon-bod", "-o", "x"), 2, "is not one of 'toon-face', 'toon-body', 'toon-animal'"),
        (("toon-body", "-o", "x.mp4"), 1, "x.mp4: give the name of a folder"),
        (("toon-body", "-o", "missing/x"), 1, "does not exist; make it first"),
        (("toon-body", "-o", "x", "--frames", "1"), 2, "'--frames'"),
        (("toon-body",), 2, "'--output'"),
    ],
)
def test_wrong_words_are_refused_in_one_line(
    animate: Animate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = animate("toons", *words)
    assert outcome.code == code
    assert message in outcome.stderr
    assert len(outcome.lines) == 1
    assert list(tmp_path.iterdir()) == []
