"""Real clips, where they lie beside the checkout: read, written with sound, and read again."""

from fractions import Fraction
from pathlib import Path

import pytest

from animate_cli.media import open_reader, open_writer

SHARED = Path(__file__).parents[3] / "shared"
CLIPS = sorted((SHARED / "media").glob("*.mp4"))
STACKS = sorted((SHARED / "data" / "actions" / "test").glob("*.png"))


@pytest.mark.skipif(not CLIPS, reason="no real clips here")
@pytest.mark.parametrize("clip", CLIPS, ids=lambda path: path.stem)
def test_real_clip_comes_back_with_its_rate_and_sound(clip: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    with open_reader(clip, end=Fraction(1)) as reader:
        with open_writer(target, width=64, height=64, fps=reader.info.fps, audio=reader.audio) as writer:
            for frame in reader:
                writer.write(frame.image[:64, :64], frame.time, frame.duration)
        before = reader.info
    after = open_reader(target).info
    assert (after.fps, after.num_frames, after.duration) == (before.fps, before.num_frames, before.duration)
    assert after.has_audio == before.has_audio
    assert reader.warnings == writer.warnings == ()


@pytest.mark.skipif(not STACKS, reason="no real clips here")
def test_real_stacked_pictures_are_clips() -> None:
    for path in STACKS:
        reader = open_reader(path)
        assert (reader.info.width, reader.info.height, reader.info.fps) == (64, 64, Fraction(25))
        assert len(list(reader)) == reader.info.num_frames
