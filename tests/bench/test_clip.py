"""Which part of a driving is measured."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.bench.clip import prepare_clip
from animate_cli.bench.settings import BenchSettings
from animate_cli.errors import MediaError
from animate_cli.media import open_writer
from animate_cli.motion import Motion
from animate_cli.motion_file import MotionClip, save_motion
from tests.bench.listening import Heard


@pytest.fixture
def driving(tmp_path: Path) -> Path:
    path = tmp_path / "driving.mkv"
    with open_writer(path, width=32, height=32, fps=Fraction(30000, 1001)) as writer:
        for shade in range(6):
            writer.write(np.full((32, 32, 3), 40 * shade, np.uint8))
    return path


@pytest.mark.parametrize(("asked", "used"), [(1, 1), (4, 4), (6, 6), (100, 6)])
def test_no_more_frames_than_asked_for(driving: Path, tmp_path: Path, asked: int, used: int) -> None:
    clip = prepare_clip(BenchSettings(driving=driving, frames=asked), (64, 64), tmp_path, Heard())
    with clip.open() as reader:
        assert len(list(reader)) == clip.num_frames == used
    few = clip.first(2)
    with few.open() as reader:
        assert len(list(reader)) == few.num_frames == min(used, 2)


def test_what_is_not_given_is_drawn(tmp_path: Path) -> None:
    clip = prepare_clip(BenchSettings(frames=3), (64, 64), tmp_path, Heard())
    assert {clip.source.parent, clip.driving.parent} == {tmp_path}
    with clip.open() as reader:
        shown = np.stack([frame.image for frame in reader])
    assert shown.shape == (3, 64, 64, 3)
    assert shown.std() > 10


def test_a_saved_motion_is_refused(tmp_path: Path) -> None:
    motion = Motion(np.zeros((4, 2), np.float32), np.zeros((4, 2, 2), np.float32))
    path = tmp_path / "talk.safetensors"
    save_motion(path, MotionClip([motion], [Fraction(0)], Fraction(25)))
    with pytest.raises(MediaError, match="is a saved motion"):
        prepare_clip(BenchSettings(driving=path), (64, 64), tmp_path, Heard())
