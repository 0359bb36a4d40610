from pathlib import Path

import pytest

from animate_cli.data.splits import hold_out, list_splits
from animate_cli.data.videos import Video
from animate_cli.errors import DataError


def videos(identities: int) -> list[Video]:
    return [Video(Path(f"id{number}#{clip}.mp4")) for number in range(identities) for clip in range(3)]


def test_a_tenth_of_the_identities_is_held_out_whole() -> None:
    train, test = hold_out(videos(25))
    held = {video.identity for video in test}
    assert (len(held), len(test), len(train)) == (2, 6, 69)
    assert not held & {video.identity for video in train}


def test_the_split_depends_on_names_alone() -> None:
    forth, back = hold_out(videos(25)), hold_out(videos(25)[::-1])
    assert [set(part) for part in forth] == [set(part) for part in back]


def test_few_identities_all_train() -> None:
    assert hold_out(videos(9)) == (videos(9), [])


def test_folders_decide_where_there_are_any(tmp_path: Path) -> None:
    for name in ("train/a.mp4", "test/b.mp4", "c.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = {split: [one.path.name for one in some] for split, some in list_splits(tmp_path).items()}
    assert found == {"train": ["a.mp4"], "test": ["b.mp4"]}
    (tmp_path / "train" / "a.mp4").unlink()
    (tmp_path / "train").rmdir()
    with pytest.raises(DataError, match="no folder train/"):
        list_splits(tmp_path)


def test_a_folder_without_splits_is_split(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"id{number}#0.mp4").touch()
    found = list_splits(tmp_path)
    assert [len(found["train"]), len(found["test"])] == [9, 1]
