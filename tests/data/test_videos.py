import os
from pathlib import Path

import numpy as np
import pytest

from animate_cli.data import videos as module
from animate_cli.data.videos import FrameStore, Video, list_videos
from animate_cli.errors import DataError
from animate_cli.media import write_image
from tests.training.runs import write_videos

ACTIONS = Path(__file__).parents[2].parent / "shared" / "data" / "actions"


def store(tmp_path: Path, size: tuple[int, int] = (32, 32)) -> FrameStore:
    return FrameStore(tmp_path / "cache", size)


def test_train_is_preferred_and_order_is_by_name(tmp_path: Path) -> None:
    for name in ("train/b.mp4", "train/a.gif", "test/c.mp4", "d.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [video.path.name for video in list_videos(tmp_path)] == ["a.gif", "b.mp4"]
    assert [video.path.name for video in list_videos(tmp_path, "test")] == ["c.mp4"]


def test_only_videos_are_listed(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mask.mp4", "a.landmarks.npz", "manifest.CSV", ".hidden.mp4", "b.png"):
        (tmp_path / name).touch()
    (tmp_path / "frames").mkdir()
    assert [video.path.name for video in list_videos(tmp_path)] == ["a.mp4", "b.png", "frames"]


def test_folders_without_videos_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        list_videos(tmp_path / "missing")
    with pytest.raises(DataError, match="holds no videos"):
        list_videos(tmp_path)


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("id1#clip.mp4", "id1"),
        ("id10#clip#2.mp4", "id10"),
        ("id1.5#clip.mp4", "id1.5"),
        ("alone.mp4", "alone"),
        ("#odd.mp4", ""),
    ],
)
def test_identity_is_what_stands_before_the_first_hash(name: str, identity: str) -> None:
    assert Video(Path(name)).identity == identity


def test_identity_of_a_folder_is_its_whole_name(tmp_path: Path) -> None:
    (tmp_path / "walk.v1").mkdir()
    assert Video(tmp_path / "walk.v1").identity == "walk.v1"


def test_frames_come_at_the_size_asked_for(tmp_path: Path) -> None:
    video = list_videos(write_videos(tmp_path / "data"))[0]
    frames = store(tmp_path, (16, 24)).frames(video)
    assert frames.shape == (5, 16, 24, 3)
    assert frames.dtype == np.uint8


def count_decodings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    decoded: list[Path] = []
    decode = module.decode

    def counted(video: Video, size: tuple[int, int]) -> object:
        decoded.append(video.path)
        return decode(video, size)

    monkeypatch.setattr(module, "decode", counted)
    return decoded


def test_a_video_is_decoded_once_for_all_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = count_decodings(monkeypatch)
    video = list_videos(write_videos(tmp_path / "data"))[0]
    first = store(tmp_path)
    frames = [first.frames(video), first.frames(video), store(tmp_path).frames(video)]
    assert len(decoded) == 1
    assert np.array_equal(frames[0], frames[2])
    store(tmp_path, (16, 16)).frames(video)
    assert len(decoded) == 2


def test_a_video_that_changed_is_decoded_again(tmp_path: Path) -> None:
    video = list_videos(write_videos(tmp_path / "data"))[0]
    before = store(tmp_path).frames(video)
    changed = sorted(video.path.iterdir())[0]
    write_image(changed, np.zeros((40, 48, 3), np.uint8))
    os.utime(changed, (1, 1))
    after = store(tmp_path).frames(video)
    assert not np.array_equal(before[0], after[0])
    assert np.array_equal(before[1:], after[1:])


def test_nothing_stays_open(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("open files cannot be counted here")
    frames, videos = store(tmp_path), list_videos(write_videos(tmp_path / "data"))
    before = len(list(descriptors.iterdir()))
    for video in videos:
        frames.frames(video)
    assert len(list(descriptors.iterdir())) <= before


def reason(tmp_path: Path, video: Path) -> str:
    with pytest.raises(DataError) as caught:
        store(tmp_path).frames(Video(video))
    assert "\n" not in str(caught.value)
    assert video.name in str(caught.value)
    return str(caught.value)


def test_videos_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing" * 100)
    assert "cannot be used" in reason(tmp_path, broken)
    assert reason(tmp_path, tmp_path / "missing.mp4")
    single = write_videos(tmp_path / "data", ["one"], frames=1) / "one"
    assert "at least 2 frames, not 1" in reason(tmp_path, single)


def test_a_name_that_is_no_utf_8_is_as_good_as_any(tmp_path: Path) -> None:
    video = list_videos(write_videos(tmp_path / "data", ["caf\udce9#1"]))[0]
    assert store(tmp_path).frames(video).shape == (5, 32, 32, 3)


@pytest.mark.parametrize("length", [0, 200])
def test_a_damaged_cache_is_told(tmp_path: Path, length: int) -> None:
    video = list_videos(write_videos(tmp_path / "data"))[0]
    store(tmp_path).frames(video)
    cached = next((tmp_path / "cache").iterdir())
    cached.write_bytes(cached.read_bytes()[:length])
    with pytest.raises(DataError, match="is damaged; delete"):
        store(tmp_path).frames(video)


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    video = list_videos(write_videos(tmp_path / "data"))[0]
    (tmp_path / "cache").touch()
    with pytest.raises(DataError, match="cache"):
        store(tmp_path).frames(video)


@pytest.mark.skipif(not ACTIONS.exists(), reason="the clips are not here")
def test_stacked_pictures_are_videos(tmp_path: Path) -> None:
    videos = list_videos(ACTIONS)
    assert len(videos) > 10
    frames = store(tmp_path, (64, 64)).frames(videos[0])
    assert len(frames) > 4
    assert frames.shape[1:] == (64, 64, 3)
    assert frames.std() > 1
