"""Pictures of every make become plain RGB; animations keep their delays."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from animate_cli.errors import MediaError
from animate_cli.media import flatten, open_reader, read_image, write_image
from tests.media.clips import COLORS, HEIGHT, WIDTH, animation, flat


def test_16_bit_grey_is_scaled(tmp_path: Path) -> None:
    values = np.linspace(0, 65535, 64 * 4).reshape(4, 64).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    assert np.array_equal(read_image(tmp_path / "deep.png")[..., 1], np.rint(values / 257).astype(np.uint8))


def test_float_grey_is_scaled(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 0.5, np.float32)).save(tmp_path / "float.tif")
    assert (read_image(tmp_path / "float.tif") == 128).all()


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGBA", "CMYK", "YCbCr"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    ending = "tif" if mode in ("CMYK", "YCbCr", "PA") else "png"
    image = Image.fromarray(flat((255, 255, 255))).convert("RGBA" if mode == "PA" else mode)
    image.save(tmp_path / f"mode.{ending}")
    pixels = read_image(tmp_path / f"mode.{ending}")
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert (pixels == 255).all()


def test_cmyk_jpeg_keeps_its_colors(tmp_path: Path) -> None:
    Image.fromarray(flat((200, 30, 90))).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    assert np.abs(read_image(tmp_path / "print.jpg").astype(int) - (200, 30, 90)).max() <= 4


def test_another_color_profile_is_converted(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    Image.fromarray(flat((50, 60, 70))).save(tmp_path / "odd.png", icc_profile=lab)
    assert read_image(tmp_path / "odd.png").shape == (HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(flat((9, 99, 199))).save(tmp_path / "turned.png", exif=exif)
    wide = turn < 5
    assert read_image(tmp_path / "turned.png").shape == ((HEIGHT, WIDTH, 3) if wide else (WIDTH, HEIGHT, 3))
    info = open_reader(tmp_path / "turned.png").info
    assert (info.width, info.height) == ((WIDTH, HEIGHT) if wide else (HEIGHT, WIDTH))


def test_alpha_is_kept_when_asked_else_white(tmp_path: Path) -> None:
    Image.fromarray(flat((200, 30, 90, 0))).save(tmp_path / "clear.png")
    assert read_image(tmp_path / "clear.png", alpha=True).shape == (HEIGHT, WIDTH, 4)
    assert (read_image(tmp_path / "clear.png") == 255).all()
    assert open_reader(tmp_path / "clear.png").info.has_alpha


def test_flatten_mixes_with_the_background() -> None:
    half = flat((200, 100, 0, 128))
    assert flatten(half, (0, 100, 255))[0, 0].tolist() == [100, 100, 127]
    assert flatten(half[..., :3]) is not None


@pytest.mark.parametrize("size", [(1, 1), (4, 4), (3, 8), (7681, 3)])
def test_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.fromarray(flat((1, 2, 3), *size)).save(tmp_path / "size.bmp")
    assert read_image(tmp_path / "size.bmp").shape == (size[1], size[0], 3)


def test_damaged_picture_is_one_clear_line(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for ending in ("jpg", "png"):
        whole = tmp_path / f"whole.{ending}"
        Image.fromarray(rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(whole)
        broken = tmp_path / f"broken.{ending}"
        broken.write_bytes(whole.read_bytes()[:900])
        with pytest.raises(MediaError, match="damaged or cut off") as caught:
            read_image(broken)
        assert "\n" not in str(caught.value)


def test_folder_is_in_natural_order_and_passes_over_damage(tmp_path: Path) -> None:
    for k in (10, 9, 100, 1):
        write_image(tmp_path / f"f{k}.png", flat((k, k, k)))
    (tmp_path / "f50.png").write_bytes((tmp_path / "f10.png").read_bytes()[:50])
    (tmp_path / ".hidden.png").write_bytes((tmp_path / "f10.png").read_bytes())
    reader = open_reader(tmp_path)
    assert [int(frame.image[0, 0, 0]) for frame in reader] == [1, 9, 10, 100]
    assert reader.warnings == (
        f"{tmp_path}: 1 of 5 pictures are damaged and were passed over (first f50.png)",
    )


def test_folder_of_two_sizes_and_empty_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="holds no pictures"):
        open_reader(tmp_path)
    write_image(tmp_path / "1.png", flat((1, 1, 1)))
    write_image(tmp_path / "2.png", flat((1, 1, 1), 10, 10))
    with pytest.raises(MediaError, match=r"2\.png: is 10x10 but the folder's first picture is 64x48"):
        list(open_reader(tmp_path))


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_uneven_delays_are_exact(tmp_path: Path, form: str) -> None:
    images = [Image.fromarray(flat(color)) for color in COLORS[:4]]
    delays = [40, 500, 30, 1000]
    path = tmp_path / "uneven"
    images[0].save(path, format=form, save_all=True, append_images=images[1:], duration=delays)
    reader = open_reader(path)
    assert [frame.time * 1000 for frame in reader] == [0, 40, 540, 570]
    assert [frame.duration for frame in reader] == [Fraction(delay, 1000) for delay in delays]
    assert reader.info.duration == Fraction(1570, 1000)


def test_gif_without_delays_runs_as_in_browsers(tmp_path: Path) -> None:
    images = [Image.fromarray(flat(color)) for color in COLORS[:3]]
    images[0].save(tmp_path / "fast.gif", save_all=True, append_images=images[1:], duration=0)
    assert [frame.time * 10 for frame in open_reader(tmp_path / "fast.gif")] == [0, 1, 2]


@pytest.mark.parametrize("form", ["GIF", "PNG"])
def test_cut_off_animation_gives_what_decodes(tmp_path: Path, form: str) -> None:
    rng = np.random.default_rng(0)
    images = [Image.fromarray(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)) for _ in range(10)]
    whole = tmp_path / "whole"
    images[0].save(whole, format=form, save_all=True, append_images=images[1:], duration=40)
    broken = tmp_path / "broken"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    reader = open_reader(broken)
    count = len(list(reader))
    assert 4 <= count <= 6
    assert f"used the {count} of" in reader.warnings[0]


def test_still_for_old_viewers_is_no_frame(tmp_path: Path) -> None:
    animation(tmp_path / "still.png", format="PNG", default_image=True)
    assert len(list(open_reader(tmp_path / "still.png"))) == len(COLORS) - 1


def test_transparent_animation_is_laid_on_white(tmp_path: Path) -> None:
    images = [Image.fromarray(flat((200, 30, 90, alpha))) for alpha in (0, 255, 0)]
    images[0].save(tmp_path / "clear.png", save_all=True, append_images=images[1:], duration=40, disposal=1)
    frames = list(open_reader(tmp_path / "clear.png"))
    assert frames[0].image[0, 0].tolist() == [255, 255, 255]
    assert list(open_reader(tmp_path / "clear.png", alpha=True))[1].image[0, 0].tolist() == [200, 30, 90, 255]


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "tif"])
def test_written_picture_comes_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"é %d.{ending}"
    write_image(path, flat((200, 30, 90)))
    assert np.abs(read_image(path).astype(int) - (200, 30, 90)).max() <= 2
    write_image(path, flat((200, 30, 90, 0)))
    assert (read_image(path) == 255).all()
    assert list(tmp_path.iterdir()) == [path]
