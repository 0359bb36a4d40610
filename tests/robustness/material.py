"""Inputs of every kind, good and bad, made on the spot: each maker writes one file or folder."""

import io
import pickle
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save as to_safetensors

Pixels = NDArray[np.uint8]
Maker = Callable[[Path], object]

RATE = 25
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 240000000\n".encode()
PAGE = b"<!DOCTYPE html><html><body>Not found</body></html>"
WORDS = b"this is not a video, just some words. " * 50


class Trap:
    """Unpickling this with code allowed makes a file called trapped in the working folder."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (Path("trapped"),)


def holds(content: bytes) -> Maker:
    """Make a file of these bytes."""
    return lambda path: path.write_bytes(content)


def blob(width: int, height: int, x: float = 0.5) -> Pixels:
    """A soft bright spot at a share x of the width."""
    ys, xs = np.mgrid[:height, :width]
    spot = np.exp(-((xs - x * width) ** 2 + (ys - height / 2) ** 2) / max(height / 4, 1) ** 2)
    return np.repeat((40 + 200 * spot)[..., None], 3, axis=2).astype(np.uint8)


def picture(width: int = 48, height: int = 48, mode: str = "RGB", form: str = "PNG", **options: Any) -> Maker:
    """Make a picture of any mode and format."""
    return lambda path: path.write_bytes(picture_bytes(width, height, mode, form, **options))


def picture_bytes(
    width: int = 48, height: int = 48, mode: str = "RGB", form: str = "PNG", **options: Any
) -> bytes:
    """Encode a picture of any mode and format."""
    image = Image.fromarray(blob(width, height))
    if mode == "I;16":
        image = Image.fromarray(blob(width, height)[..., 0].astype(np.uint16) * 257)
    elif mode == "RGBA":
        image.putalpha(Image.fromarray(blob(width, height)[..., 0]))
    else:
        image = image.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def large_picture(path: Path) -> None:
    """Make an 8K picture of one colour."""
    Image.new("RGB", (7680, 4320), (90, 120, 60)).save(path, "PNG", compress_level=1)


def exif_turned(turn: int) -> Maker:
    """Make a JPEG that its EXIF data turns."""
    exif = Image.Exif()
    exif[0x0112] = turn
    return picture(48, 32, form="JPEG", exif=exif)


def deep_png(path: Path) -> None:
    """Make a PNG with 16 bits a channel, which Pillow cannot write."""
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=48x48:d=0.04", "-frames:v", "1", "-pix_fmt", "rgb48be", path)


def pages(form: str, count: int = 3, **options: Any) -> Maker:
    """Make a picture of several pages: GIF, PNG, WEBP, TIFF or AVIF."""
    first, *rest = [Image.fromarray(blob(48, 48, 0.3 + 0.1 * k)) for k in range(count)]
    return lambda path: first.save(path, form, save_all=True, append_images=rest, **options)


def ffmpeg(*arguments: str | Path, data: bytes = b"") -> None:
    """Run ffmpeg itself, rather than our own writers."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, input=data, capture_output=True)


@cache
def clip_bytes(
    *options: str, width: int = 48, height: int = 48, count: int = 3, ending: str = "mp4"
) -> bytes:
    """Encode a clip in which a spot moves to the right."""
    data = b"".join(blob(width, height, 0.3 + 0.4 * k / max(count, 2)).tobytes() for k in range(count))
    source = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{width}x{height}",
        "-r",
        str(RATE),
        "-i",
        "pipe:0",
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{ending}"
        ffmpeg(*source, *(options or ["-pix_fmt", "yuv420p"]), path, data=data)
        return path.read_bytes()


def clip(*options: str, **shape: Any) -> Maker:
    """Make a clip in which a spot moves to the right."""
    return lambda path: path.write_bytes(clip_bytes(*options, **shape))


def turned(degrees: int) -> Maker:
    """Make a clip of 48x32 that its metadata turns."""

    def write(path: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder) / "plain.mp4"
            plain.write_bytes(clip_bytes(width=48, height=32))
            ffmpeg("-display_rotation", str(degrees), "-i", plain, "-c", "copy", "-f", "mp4", path)

    return write


def exif_clip(path: Path) -> None:
    """Make a clip of one Motion JPEG frame that its EXIF data turns."""
    with tempfile.TemporaryDirectory() as folder:
        exif_turned(6)(Path(folder) / "frame.jpg")
        ffmpeg("-i", Path(folder) / "frame.jpg", "-c", "copy", "-f", "mov", path)


def noisy_clip(path: Path) -> None:
    """Make a clip of 30 key frames that do not compress."""
    source = "nullsrc=s=64x64:r=25:d=1.2,geq=random(1)*255:128:128"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        source,
        "-pix_fmt",
        "yuv420p",
        "-g",
        "1",
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
        path,
    )


def cut(make: Maker, share: float) -> Maker:
    """Make what another maker makes, without its end."""

    def write(path: Path) -> None:
        make(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return write


def changed(make: Maker, old: bytes, new: bytes) -> Maker:
    """Make what another maker makes, some of its bytes replaced."""

    def write(path: Path) -> None:
        make(path)
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new))

    return write


def with_sound(path: Path) -> None:
    """Make a clip with a tone."""
    tone = ["-f", "lavfi", "-i", "sine=d=0.12"]
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc=s=48x48:r=25:d=0.12", *tone, "-pix_fmt", "yuv420p", "-f", "mp4", path
    )


def sound_only(path: Path) -> None:
    """Make a film without pictures."""
    ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", "-f", "mp4", path)


def no_frames(path: Path) -> None:
    """Make a video with a picture track that holds no picture."""
    nothing = ["-f", "lavfi", "-i", "testsrc=s=48x48:r=25:d=1", "-frames:v", "0", "-pix_fmt", "yuv420p"]
    ffmpeg(*nothing, "-f", "matroska", path)


def varying_rate(path: Path) -> None:
    """Make a clip whose frames come at 0, 0.04, 0.2 and 0.5 seconds."""
    times = "setpts=if(eq(N\\,0)\\,0\\,if(eq(N\\,1)\\,0.04\\,if(eq(N\\,2)\\,0.2\\,0.5)))/TB"
    source = ["-f", "lavfi", "-i", "testsrc=s=48x48:r=25:d=0.16", "-vf", f"settb=1/1000,{times}"]
    ffmpeg(*source, "-fps_mode", "vfr", "-pix_fmt", "yuv420p", "-f", "mp4", path)


def frames(count: int = 3, width: int = 48) -> Maker:
    """Make a folder of frames."""

    def write(path: Path) -> None:
        path.mkdir(parents=True)
        for k in range(count):
            Image.fromarray(blob(width, 48, 0.3 + 0.1 * k)).save(path / f"frame {k}.png")

    return write


def folder(**entries: Maker) -> Maker:
    """Make a folder with these entries; two underscores stand for a dot."""

    def write(path: Path) -> None:
        path.mkdir(parents=True)
        for name, make in entries.items():
            make(path / name.replace("__", "."))

    return write


def link(target: str) -> Maker:
    """Make a symbolic link."""
    return lambda path: path.symlink_to(target)


def hard_link(target: str) -> Maker:
    """Make a second name of a file."""
    return lambda path: path.hardlink_to(path.parent / target)


def zipped(path: Path) -> None:
    """Make a zip archive with a picture in it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("source.png", picture_bytes())


def png_claiming(width: int, height: int) -> Maker:
    """Make a PNG whose header promises another size than its pixels fill."""
    content = bytearray(picture_bytes())
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib_crc(bytes(content[12:29])))
    return holds(bytes(content))


def zlib_crc(data: bytes) -> int:
    """Return a PNG chunk's check sum."""
    import zlib

    return zlib.crc32(data)


def torch_file(content: object, *, legacy: bool = False) -> bytes:
    """Encode something as torch.save does."""
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


TRAPS: dict[str, Callable[[], bytes]] = {
    "zip": lambda: torch_file({"generator": Trap(), "kp_detector": Trap(), "step": Trap()}),
    "legacy": lambda: torch_file({"generator": Trap(), "step": Trap()}, legacy=True),
    "pickle": lambda: pickle.dumps({"value": Trap()}),
    "old pickle": lambda: pickle.dumps({"value": Trap()}, protocol=0),
    "numpy": lambda: numpy_trap(),
    "yaml": lambda: b"name: !!python/object/apply:pathlib.Path.touch [trapped]\n",
}
"""Files that run code when they are read carelessly."""


def numpy_trap() -> bytes:
    """Encode an array of objects, which numpy pickles."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([Trap()], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def motion(metadata: dict[str, str] | None = None, drop: str = "", **tensors: Any) -> Maker:
    """Make a motion file of three frames and five keypoints, some of it replaced."""
    value = np.linspace(-0.5, 0.5, 30, dtype=np.float32).reshape(3, 5, 2) ** 2
    content: dict[str, Any] = {
        "value": value,
        "jacobian": np.tile(np.eye(2, dtype=np.float32), (3, 5, 1, 1)),
        "time": np.arange(3) / RATE,
    }
    content |= tensors
    content.pop(drop, None)
    facts = {"format": "animate-motion/1", "rate": str(RATE)} | (metadata or {})
    return holds(to_safetensors(content, facts))


def stacked(path: Path) -> None:
    """Make a picture of five frames side by side."""
    Image.fromarray(np.hstack([blob(48, 48, 0.3 + 0.1 * k) for k in range(5)])).save(path, "PNG")


def bad_array(shape: tuple[int, ...], value: float = 0.0) -> NDArray[np.float32]:
    """Return an array of one value."""
    return np.full(shape, value, np.float32)


def steps(count: int) -> NDArray[np.float64]:
    """Return 0, 1, 2, ..."""
    return np.arange(count, dtype=np.float64)
