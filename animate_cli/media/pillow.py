"""Pictures decoded by Pillow into plain sRGB arrays, whatever they were stored as."""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from animate_cli.errors import MediaError
from animate_cli.media.flatten import flatten
from animate_cli.media.values import Pixels

FORMATS = (
    "PNG",
    "JPEG",
    "GIF",
    "WEBP",
    "BMP",
    "DIB",
    "TIFF",
    "PPM",
    "AVIF",
    "JPEG2000",
    "ICO",
    "QOI",
    "PCX",
    "SGI",
)
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, ArithmeticError, RuntimeError,
    struct.error, Image.DecompressionBombError,
)  # fmt: skip
"""What decoders raise where a file is damaged."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings of large pictures and odd metadata from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture; what goes wrong inside the block becomes a MediaError that names the file."""
    try:
        with quiet():
            picture = Image.open(path, formats=FORMATS)
        with picture:
            yield picture
    except Image.DecompressionBombError as error:
        raise MediaError(f"{path}: the picture is too large to open; scale it down first") from error
    except BROKEN as error:
        raise MediaError(f"{path}: the picture is damaged or cut off ({one_line(error)})") from error


def is_picture(path: Path) -> bool:
    """Tell whether the file starts like a picture that Pillow reads."""
    try:
        with quiet():
            Image.open(path, formats=FORMATS).close()
    except UnidentifiedImageError:
        return False
    except BROKEN:
        return True
    return True


def one_line(error: BaseException) -> str:
    """Say an error's message in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def to_pixels(picture: Image.Image, *, alpha: bool) -> Pixels:
    """Convert a picture of any mode to RGB [H, W, 3], or to RGBA [H, W, 4] if it has alpha and alpha is set.

    The EXIF orientation is applied and a colour profile other than sRGB converted. Without alpha, transparent
    places become white.
    """
    with quiet():
        picture = to_srgb(to_8_bits(upright(picture)))
        if not picture.has_transparency_data:
            return np.array(picture.convert("RGB"))
        pixels = np.array(picture.convert("RGBA"))
    return pixels if alpha else flatten(pixels)


def upright(picture: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF orientation asks; broken EXIF data is ignored."""
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        picture.load()
        return picture


def to_8_bits(picture: Image.Image) -> Image.Image:
    """Scale grey of 16 or 32 bits or floating point to 8 bits; other modes pass."""
    if picture.mode not in ("I", "F") and not picture.mode.startswith("I;16"):
        return picture
    values: NDArray[np.float64] = np.asarray(picture).astype(np.float64)
    scale = 255.0 if picture.mode == "F" and values.max(initial=0.0) <= 1.0 else 1.0
    scale = scale if picture.mode == "F" else 1 / 257
    return Image.fromarray(np.clip(np.rint(values * scale), 0, 255).astype(np.uint8))


def to_srgb(picture: Image.Image) -> Image.Image:
    """Convert CMYK, and RGB of another colour profile, to sRGB as far as the profile can be read."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return picture
        mode = "RGB" if picture.mode == "CMYK" else picture.mode
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, *BROKEN):
        return picture
    return converted if converted is not None else picture
