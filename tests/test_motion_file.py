"""Motion survives a file, and can be cut and resampled."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from animate_cli.errors import MediaError
from animate_cli.motion import Motion
from animate_cli.motion_file import MotionClip, cut_motion, is_motion_file, load_motion, save_motion

RATE = Fraction(30000, 1001)


@pytest.fixture
def clip() -> MotionClip:
    random = np.random.default_rng(0)
    motions = [
        Motion(random.random((10, 2), dtype=np.float32), random.random((10, 2, 2), dtype=np.float32))
        for _ in range(30)
    ]
    return MotionClip(motions, [i / RATE for i in range(30)], RATE, "abc")


def test_round_trip_is_exact(clip: MotionClip, tmp_path: Path) -> None:
    save_motion(tmp_path / "m.safetensors", clip)
    loaded = load_motion(tmp_path / "m.safetensors")
    assert (loaded.times, loaded.rate, loaded.weights) == (clip.times, RATE, "abc")
    for mine, theirs in zip(clip.motions, loaded.motions, strict=True):
        np.testing.assert_array_equal(mine.value, theirs.value)
        np.testing.assert_array_equal(mine.jacobian, theirs.jacobian)


def test_layout_of_the_file(clip: MotionClip, tmp_path: Path) -> None:
    save_motion(tmp_path / "m.safetensors", clip)
    tensors = load_file(tmp_path / "m.safetensors")
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    assert shapes == {"value": (30, 10, 2), "jacobian": (30, 10, 2, 2), "time": (30,)}
    assert is_motion_file(tmp_path / "m.safetensors")


def test_cut_starts_its_own_clock(clip: MotionClip) -> None:
    cut = cut_motion(clip, Fraction(1, 2), Fraction(4, 5), None)
    assert len(cut.motions) == 9
    assert cut.times[0] == 15 / RATE - Fraction(1, 2)


@pytest.mark.parametrize("fps", [Fraction(10), Fraction(60)])
def test_resampling_keeps_duration(clip: MotionClip, fps: Fraction) -> None:
    resampled = cut_motion(clip, Fraction(0), None, fps)
    assert abs(len(resampled.motions) / fps - 30 / RATE) <= 1 / fps
    assert resampled.times[1] == 1 / fps
    assert resampled.rate == fps


def test_damaged_files_are_told_apart(clip: MotionClip, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(MediaError, match="not a readable motion file"):
        load_motion(path)
    save_file({"other": np.zeros(3)}, path)
    with pytest.raises(MediaError, match="--save-motion"):
        load_motion(path)
    with pytest.raises(MediaError, match="not a readable"):
        load_motion(tmp_path / "missing.safetensors")


def test_failed_save_leaves_the_old_file(clip: MotionClip, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot write"):
        save_motion(tmp_path / "missing" / "m.safetensors", clip)
    assert list(tmp_path.iterdir()) == []
