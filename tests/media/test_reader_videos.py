"""What is special about videos: time stamps, orientation, colours, damage."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from animate_cli.errors import MediaError
from animate_cli.media import open_reader, read_image
from tests.media.clips import COLORS, TAGS, TO_709, ffmpeg, flat, video, yuv

NTSC = Fraction(30000, 1001)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm", "mov"])
def test_ntsc_rate_and_times_are_exact(tmp_path: Path, ending: str) -> None:
    path = video(tmp_path / f"ntsc.{ending}", rate=NTSC)
    reader = open_reader(path)
    assert (reader.info.fps, reader.info.duration) == (NTSC, 10 / NTSC)
    assert [frame.time for frame in reader] == [k / NTSC for k in range(10)]


def test_varying_rate_keeps_its_times(tmp_path: Path) -> None:
    path = tmp_path / "vfr.mp4"
    vary = "select='not(mod(n,2))+lt(n,4)',scale"
    video(path, "-vf", vary, "-fps_mode", "passthrough", "-bf", "0", "-pix_fmt", "yuv420p")
    assert [frame.time * 25 for frame in open_reader(path)] == [0, 1, 2, 3, 4, 6, 8]


def test_late_first_frame_is_time_0_and_start_lands_on_it(tmp_path: Path) -> None:
    path = video(tmp_path / "late.mkv", "-output_ts_offset", "3", "-pix_fmt", "yuv420p", "-g", "4")
    assert [frame.time * 25 for frame in open_reader(path)] == list(range(10))
    reader = open_reader(path, start=Fraction(6, 25))
    assert [frame.time * 25 for frame in reader] == list(range(4))
    assert reader.first_time == Fraction(6, 25)
    assert reader.warnings == ()


@pytest.mark.parametrize(
    ("option", "corner"),
    [(("-display_rotation", "90"), 1), (("-display_rotation", "180"), 2), (("-display_rotation", "270"), 3)],
)
def test_rotation_is_applied(tmp_path: Path, option: tuple[str, str], corner: int) -> None:
    image = flat((0, 0, 0))
    image[:24, :32] = 255
    plain = video(tmp_path / "plain.mp4", "-pix_fmt", "yuv420p", images=[image])
    ffmpeg(*option, "-i", plain, "-c", "copy", tmp_path / "turned.mp4")
    turned = read_image(tmp_path / "turned.mp4")
    assert np.abs(turned.astype(int) - np.rot90(image, corner)).mean() < 8
    info = open_reader(tmp_path / "turned.mp4").info
    assert (info.height, info.width) == turned.shape[:2]


def test_mirroring_is_applied(tmp_path: Path) -> None:
    image = flat((0, 0, 0))
    image[:24, :32] = 255
    plain = video(tmp_path / "plain.mp4", "-pix_fmt", "yuv420p", images=[image])
    ffmpeg("-display_hflip", "-i", plain, "-c", "copy", tmp_path / "turned.mp4")
    assert np.abs(read_image(tmp_path / "turned.mp4").astype(int) - image[:, ::-1]).mean() < 8


def test_wide_pixels_are_shown_square(tmp_path: Path) -> None:
    path = video(tmp_path / "wide.mp4", "-vf", "setsar=2/1", "-pix_fmt", "yuv420p")
    assert read_image(path).shape == (48, 128, 3)


@pytest.mark.parametrize("color", [(255, 0, 0), (0, 255, 0), (200, 30, 90), (255, 255, 255), (0, 0, 0)])
@pytest.mark.parametrize(
    ("matrix", "size", "tags"),
    [
        ("bt601", (64, 48), ()),
        ("bt709", (64, 720), ()),
        ("bt709", (64, 48), TAGS),
        ("bt601", (64, 720), ("-colorspace", "smpte170m")),
    ],
)
def test_matrix_follows_the_tag_or_the_size(
    tmp_path: Path, color: tuple[int, ...], matrix: str, size: tuple[int, int], tags: tuple[str, ...]
) -> None:
    scale = f"scale=out_color_matrix={matrix}:out_range=tv:flags=accurate_rnd+full_chroma_int"
    untag = "" if tags else ",setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown"
    kept = ("-vf", f"{scale},format=yuv420p{untag}", "-crf", "10")
    path = video(tmp_path / "color.mp4", *kept, *tags, images=[flat(color, *size)])
    assert np.abs(read_image(path).astype(int) - color).max() <= 3


def test_full_range_is_read_as_such(tmp_path: Path) -> None:
    path = video(tmp_path / "full.avi", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "2")
    for frame, color in zip(open_reader(path), COLORS, strict=True):
        assert np.abs(frame.image.astype(int) - color).max() <= 4


@pytest.mark.parametrize("form", ["gray", "gray10le", "yuv444p10le", "gbrp", "rgb48le"])
def test_deep_and_grey_formats(tmp_path: Path, form: str) -> None:
    path = video(tmp_path / "deep.mkv", "-c:v", "ffv1", "-pix_fmt", form, images=[flat((180, 180, 180))])
    assert np.abs(read_image(path).astype(int) - 180).max() <= 2


def test_alpha_beside_vp9_is_kept_or_laid_on_white(tmp_path: Path) -> None:
    images = [flat((200, 30, 90, 128)), flat((200, 30, 90, 128))]
    path = video(tmp_path / "alpha.webm", "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", images=images)
    assert open_reader(path).info.has_alpha
    kept = [frame.image for frame in open_reader(path, alpha=True)]
    assert [image.shape for image in kept] == [(48, 64, 4)] * 2
    assert np.abs(kept[1][..., 3].astype(int) - 128).max() <= 3
    assert read_image(path).shape == (48, 64, 3)
    assert read_image(path)[5, 5, 1] > 130


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm", "avi"])
def test_broken_tail_gives_what_decodes_with_counts(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(30)]
    fast = ("-movflags", "+faststart") if ending == "mp4" else ()
    whole = video(tmp_path / f"whole.{ending}", "-pix_fmt", "yuv420p", *fast, images=images)
    broken = tmp_path / f"broken.{ending}"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    reader = open_reader(broken)
    count = len(list(reader))
    assert 8 <= count <= 22
    (warning,) = reader.warnings
    assert f"used the {count} of about" in warning
    assert str(broken) in warning


def test_cut_off_before_the_index_is_told(tmp_path: Path) -> None:
    whole = yuv(tmp_path / "whole.mp4", "libx264")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(whole.read_bytes()[:1500])
    with pytest.raises(MediaError, match=r"broken\.mp4: the video is cut off before its index"):
        open_reader(broken)


def test_what_is_no_video_fails_with_one_line(tmp_path: Path) -> None:
    contents = {
        "empty.mp4": b"",
        "text.mp4": b"hello world, no video here\n" * 40,
        "zeros.mkv": bytes(5000),
        "lines.txt": b"just text\n" * 100,
        "page.html": b"<!DOCTYPE html><html><body>404</body></html>",
        "pointer.mp4": b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n",
        "list.m3u8": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        "parts.ffconcat": b"ffconcat version 1.0\nfile 'x.mp4'\n",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(MediaError) as caught:
            open_reader(tmp_path / name)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)
    with pytest.raises(MediaError, match="there is no such file"):
        open_reader(tmp_path / "missing.mp4")


def test_sound_alone_is_no_moving_picture(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", tmp_path / "sound.m4a")
    with pytest.raises(MediaError, match="holds no moving picture"):
        open_reader(tmp_path / "sound.m4a")


def test_one_frame_video(tmp_path: Path) -> None:
    path = video(tmp_path / "one.mp4", "-vf", TO_709, "-pix_fmt", "yuv420p", images=[flat((9, 9, 9))])
    reader = open_reader(path)
    assert len(list(reader)) == reader.info.num_frames == 1
