"""Media made of pictures: one, a folder of them, or one with frames side by side."""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from animate_cli.errors import MediaError
from animate_cli.media.flatten import flatten
from animate_cli.media.medium import Note, in_range
from animate_cli.media.pillow import is_picture, opened, to_pixels
from animate_cli.media.values import Frame, Pixels, VideoInfo


def read_picture(path: Path, *, alpha: bool) -> Pixels:
    """Read one picture: uint8 [H, W, 3], or [H, W, 4] where it has alpha and alpha is asked for.

    Raises:
        MediaError: The picture is damaged.
    """
    with opened(path) as picture:
        return to_pixels(picture, alpha=alpha)


def rated_info(path: Path, count: int, rate: Fraction, *, stacked: bool = False) -> VideoInfo:
    """Describe count pictures as large as the one at path, or all stacked in it, shown at rate."""
    with opened(path) as picture:
        height, width = to_pixels(picture, alpha=False).shape[:2]
        has_alpha = picture.has_transparency_data
    return VideoInfo(height if stacked else width, height, rate, count, count / rate, False, has_alpha)


class Picture:
    """A single picture as a clip of one frame."""

    def __init__(self, path: Path, rate: Fraction) -> None:
        self.path = path
        self.info = rated_info(path, 1, rate)
        self.times = (Fraction(0),)

    def frames(self, start: Fraction, end: Fraction | None, *, alpha: bool, note: Note) -> Iterator[Frame]:
        """See Medium."""
        if in_range(Fraction(0), start, end):
            yield Frame(read_picture(self.path, alpha=alpha), Fraction(0), 1 / self.info.fps)


class StackedPicture:
    """Square frames side by side in one picture, which is decoded whole."""

    def __init__(self, path: Path, rate: Fraction) -> None:
        self.path = path
        with opened(path) as picture:
            count = picture.width // picture.height
        self.info = rated_info(path, count, rate, stacked=True)
        self.times = tuple(k / rate for k in range(count))

    def frames(self, start: Fraction, end: Fraction | None, *, alpha: bool, note: Note) -> Iterator[Frame]:
        """See Medium."""
        stack, size = read_picture(self.path, alpha=alpha), self.info.height
        for k, time in enumerate(self.times):
            if in_range(time, start, end):
                yield Frame(stack[:, k * size : (k + 1) * size].copy(), time, 1 / self.info.fps)


class Folder:
    """A folder of pictures of one size, in the natural order of their names; other files are passed over."""

    def __init__(self, path: Path, rate: Fraction) -> None:
        self.path = path
        self.files = picture_files(path)
        if not self.files:
            raise MediaError(f"{path}: the folder holds no pictures; give one with PNG or JPEG frames")
        self.info = rated_info(self.files[0], len(self.files), rate)
        self.times = tuple(k / rate for k in range(len(self.files)))

    def frames(self, start: Fraction, end: Fraction | None, *, alpha: bool, note: Note) -> Iterator[Frame]:
        """See Medium; a damaged picture is passed over with a note."""
        damaged = []
        for file, time in zip(self.files, self.times, strict=True):
            if not in_range(time, start, end):
                continue
            try:
                image = read_picture(file, alpha=alpha)
            except MediaError:
                damaged.append(file.name)
                continue
            self.require_size(file, image)
            yield Frame(with_channels(image, alpha and self.info.has_alpha), time, 1 / self.info.fps)
        if damaged:
            note(
                f"{self.path}: {len(damaged)} of {len(self.files)} pictures are damaged and were passed over"
                f" (first {damaged[0]})"
            )

    def require_size(self, file: Path, image: Pixels) -> None:
        """Raise MediaError unless a frame is as large as the first."""
        height, width = image.shape[:2]
        if (width, height) != (self.info.width, self.info.height):
            first = f"{self.info.width}x{self.info.height}"
            raise MediaError(
                f"{file}: is {width}x{height} but the folder's first picture is {first};"
                " frames of a clip must be of one size"
            )


def with_channels(image: Pixels, alpha: bool) -> Pixels:
    """Give a frame the channels of its clip: opaque alpha added, or transparency onto white."""
    if alpha and image.shape[2] == 3:
        return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    return image if alpha else flatten(image)


def picture_files(folder: Path) -> list[Path]:
    """List the pictures in a folder, told by their contents, in natural order of their names."""
    try:
        files = sorted(folder.iterdir(), key=lambda file: natural_order(file.name))
        return [file for file in files if file.name[0] != "." and file.is_file() and is_picture(file)]
    except OSError as error:
        raise MediaError(f"{folder}: cannot be read ({error.strerror})") from error


def natural_order(name: str) -> list[tuple[int, str]]:
    """Order names so that frame-9 comes before frame-10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), part) if part.isdecimal() else (-1, part.casefold()) for part in parts]
