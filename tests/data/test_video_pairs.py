from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from animate_cli.config import AugmentationConfig, DataConfig
from animate_cli.data.video_pairs import VideoPairs, group_videos
from animate_cli.data.videos import FrameStore, Video, list_videos
from animate_cli.errors import DataError
from animate_cli.media import open_reader, open_writer
from tests.training.runs import write_videos

PLAIN = DataConfig(augmentation=AugmentationConfig(horizontal_flip=False, time_flip=False))
SIZE = (32, 32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_videos(tmp_path / "data", ["id1#a", "id1#b", "id10#a"])


def make(data: Path, config: DataConfig = PLAIN, seed: int = 0, batch_size: int = 3) -> VideoPairs:
    return VideoPairs(config, list_videos(data), data.parent / "cache", batch_size, seed)


def test_a_number_decides_its_batch(data: Path) -> None:
    config = replace(PLAIN, augmentation=AugmentationConfig(brightness=0.1, hue=0.1, resize=(0.9, 1.1)))
    first, again = make(data, config), make(data, config)
    assert torch.equal(first.batch(7, SIZE).source, again.batch(7, SIZE).source)
    first.batch(8, SIZE)
    assert torch.equal(first.batch(7, SIZE).driving, again.batch(7, SIZE).driving)
    assert not torch.equal(first.batch(7, SIZE).source, first.batch(8, SIZE).source)
    assert not torch.equal(first.batch(7, SIZE).source, make(data, config, seed=1).batch(7, SIZE).source)


def test_numbers_and_seeds_have_no_end(data: Path) -> None:
    pairs = make(data, seed=2**63)
    assert pairs.batch(2**40, SIZE).source.shape == (3, 3, 32, 32)


def test_batches_are_two_frames_of_one_video(data: Path) -> None:
    store = FrameStore(data.parent / "cache", SIZE)
    clips = [store.frames(video) for video in list_videos(data)]
    for number in range(5):
        batch = make(data).batch(number, SIZE)
        assert batch.target is batch.driving
        assert batch.initial is None
        for source, driving in zip(batch.source, batch.driving, strict=True):
            places = [(i, j) for i, clip in enumerate(clips) for j, frame in enumerate(clip)
                      for shown in (source, driving)
                      if np.allclose(shown.permute(1, 2, 0).numpy() * 255, frame, atol=1e-3)]  # fmt: skip
            assert len(places) == 2
            assert places[0][0] == places[1][0]
            assert places[0][1] != places[1][1]


def test_identities_are_exact() -> None:
    videos = [Video(Path(name)) for name in ("id1#a.mp4", "id1#b.mp4", "id10#a.mp4", "id2.mp4")]
    groups = group_videos(videos, by_identity=True)
    assert [[video.path.stem for video in group] for group in groups] == [
        ["id1#a", "id1#b"],
        ["id10#a"],
        ["id2"],
    ]
    assert [len(group) for group in group_videos(videos, by_identity=False)] == [1, 1, 1, 1]


def test_identity_sampling_draws_each_person_as_often(data: Path) -> None:
    pairs = make(data, replace(PLAIN, id_sampling=True), batch_size=60)
    store = FrameStore(data.parent / "cache", SIZE)
    lone = store.frames(list_videos(data)[0])
    assert list_videos(data)[0].identity == "id1"
    assert len(pairs.groups) == 2
    batch = pairs.batch(0, SIZE)
    shown = (batch.source.permute(0, 2, 3, 1).numpy() * 255).round().astype(np.uint8)
    of_lone = sum(any(np.array_equal(one, frame) for frame in lone) for one in shown)
    assert 5 <= of_lone <= 25


def test_sizes_can_change_from_batch_to_batch(data: Path) -> None:
    pairs = make(data)
    small, large = pairs.batch(0, (16, 16)), pairs.batch(0, SIZE)
    assert small.source.shape[-2:] == (16, 16)
    shrunk = torch.nn.functional.interpolate(large.source, (16, 16), mode="area")
    assert (shrunk - small.source).abs().mean() < 0.02


def test_a_broken_video_is_told_when_it_is_drawn(data: Path) -> None:
    (data / "zero.mp4").touch()
    pairs = make(data, batch_size=30)
    with pytest.raises(DataError, match=r"zero\.mp4"):
        pairs.batch(0, SIZE)


def write_masks(data: Path, frames: int = 5) -> None:
    """Beside each video, a clip whose frames are white where the video's first channel is bright."""
    for video in list_videos(data):
        with open_reader(video.path) as reader:
            pictures = [frame.image for frame in reader][:frames]
        height, width = pictures[0].shape[:2]
        path = data / f"{video.name}.mask.mp4"
        with open_writer(path, width=width, height=height, fps=Fraction(25)) as writer:
            for picture in pictures:
                writer.write(((picture[..., :1] > 127) * np.uint8(255)).repeat(3, -1))


def test_masks_beside_all_videos_move_with_the_pictures(data: Path) -> None:
    assert make(data).batch(0, SIZE).truth.mask is None
    write_masks(data)
    config = replace(PLAIN, augmentation=AugmentationConfig(brightness=0.1, hue=0.1, resize=(0.8, 1.2)))
    batch = make(data, config).batch(0, SIZE)
    assert batch.truth.mask is not None
    assert batch.truth.mask.shape == (3, *SIZE)
    plain = make(data).batch(0, SIZE)
    assert plain.truth.mask is not None
    sure = (plain.target[:, 0] - 0.5).abs() > 0.2
    assert ((plain.truth.mask > 0.5) == (plain.target[:, 0] > 0.5))[sure].float().mean() > 0.9
    (data / "id1#a.mask.mp4").unlink()
    assert make(data).batch(0, SIZE).truth.mask is None


def test_masks_change_no_picture(data: Path) -> None:
    before = make(data).batch(4, SIZE)
    write_masks(data)
    assert torch.equal(make(data).batch(4, SIZE).source, before.source)


def test_a_mask_of_another_length_is_told(data: Path) -> None:
    write_masks(data, frames=3)
    with pytest.raises(DataError, match=r"mask\.mp4: has 3 frames, its video 5"):
        make(data).batch(0, SIZE)
