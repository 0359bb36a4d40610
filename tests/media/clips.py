"""Tiny clips made on the spot, by ffmpeg and Pillow directly rather than by the code under test."""

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
COUNT, WIDTH, HEIGHT = 10, 64, 48
COLORS = [(10 + 20 * k, 100, 230 - 20 * k) for k in range(COUNT)]
TO_709 = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
TO_601 = TO_709.replace("bt709", "bt601")
"""Avi has no place for a tag, and small pictures without one are BT.601."""
TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")


def flat(color: tuple[int, ...], width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    return np.full((height, width, len(color)), color, np.uint8)


def ffmpeg(*arguments: str | Path, data: bytes = b"") -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, input=data, capture_output=True)


def raw_input(images: list[Pixels], rate: Fraction) -> tuple[list[str], bytes]:
    height, width, channels = images[0].shape
    form = "rgb24" if channels == 3 else "rgba"
    size = ["-s", f"{width}x{height}"]
    data = b"".join(image.tobytes() for image in images)
    return ["-f", "rawvideo", "-pix_fmt", form, *size, "-r", str(rate), "-i", "pipe:0"], data


def video(
    path: Path, *options: str, rate: Fraction = Fraction(25), images: list[Pixels] | None = None
) -> Path:
    arguments, data = raw_input(images or [flat(color) for color in COLORS], rate)
    ffmpeg(*arguments, *options, path, data=data)
    return path


def yuv(path: Path, codec: str, *options: str) -> Path:
    return video(path, "-vf", f"{TO_709},format=yuv420p", "-c:v", codec, *TAGS, *options)


def animation(path: Path, **options: object) -> Path:
    first, *rest = [Image.fromarray(flat(color)) for color in COLORS]
    first.save(path, save_all=True, append_images=rest, duration=40, loop=0, **options)  # type: ignore[arg-type]
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    for k, color in enumerate(COLORS):
        Image.fromarray(flat(color)).save(path / f"frame {k}.png")
    (path / "notes.txt").write_text("not a picture")
    return path


def stacked(path: Path) -> Path:
    frames = [flat((*color, 255), HEIGHT, HEIGHT) for color in COLORS]
    Image.fromarray(np.hstack(frames)).save(path, "PNG")
    return path


CLIPS: dict[str, Callable[[Path], Path]] = {
    "mp4": lambda path: yuv(path, "libx264", "-f", "mp4"),
    "mov": lambda path: yuv(path, "libx264", "-f", "mov"),
    "mkv": lambda path: yuv(path, "libx264", "-f", "matroska"),
    "webm": lambda path: yuv(path, "libvpx-vp9", "-f", "webm", "-crf", "20", "-b:v", "0"),
    "avi": lambda path: video(path, "-vf", TO_601, "-c:v", "mpeg4", "-q:v", "2", "-f", "avi"),
    "gif": lambda path: animation(path, format="GIF"),
    "apng": lambda path: animation(path, format="PNG"),
    "webp": lambda path: animation(path, format="WEBP", lossless=True),
    "folder": folder,
    "stacked": stacked,
}
"""Every kind of clip: ten flat frames of COLORS at 25 frames a second, square where stacked."""
