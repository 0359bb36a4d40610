"""Files cut, flipped, blanked and overwritten at random: each is used as far as it goes, or refused in one line."""

import random
import resource
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from animate_cli.errors import AnimateError
from animate_cli.media import open_reader, read_image
from animate_cli.motion_file import load_motion
from animate_cli.weights import inspect_file, load_model
from tests.robustness.material import (
    Maker,
    clip,
    exif_turned,
    frames,
    holds,
    motion,
    pages,
    picture,
    stacked,
    torch_file,
    with_sound,
)  # fmt: skip
from tests.robustness.test_bad_weights import ours
from tests.weights.published_layout import Sizes, make_checkpoint

SMALL = Sizes(residuals=0)
MOST_MEGABYTES = 700
"""That one damaged file may take; a header that promises a picture of 100,000 x 100,000 would ask for 30 GB."""


def read_frames(path: Path) -> None:
    with open_reader(path, alpha=True) as reader:
        for _, _ in zip(reader, range(100), strict=False):
            pass


def read_picture(path: Path) -> None:
    read_image(path, alpha=True)


class Kind(NamedTuple):
    """make: a whole file or folder. use: what reads it. cases: how many damaged ones are tried."""

    make: Maker
    use: Callable[[Path], object]
    cases: int


KINDS = {
    "mp4": Kind(with_sound, read_frames, 50),
    "mkv": Kind(clip("-c:v", "libx264", "-pix_fmt", "yuv420p", ending="mkv"), read_frames, 40),
    "webm": Kind(clip("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", ending="webm"), read_frames, 40),
    "gif": Kind(pages("GIF", duration=40), read_frames, 40),
    "animated png": Kind(pages("PNG", duration=40), read_frames, 30),
    "png": Kind(picture(mode="P"), read_picture, 40),
    "jpg": Kind(exif_turned(6), read_picture, 40),
    "tiff": Kind(pages("TIFF"), read_picture, 30),
    "avif": Kind(picture(form="AVIF"), read_picture, 20),
    "stacked": Kind(stacked, read_frames, 30),
    "folder": Kind(frames(2), read_frames, 20),
    "motion": Kind(motion(), load_motion, 40),
    "weights": Kind(ours(), load_model, 40),
    "zip": Kind(holds(torch_file(make_checkpoint(SMALL))), load_model, 20),
    "legacy": Kind(holds(torch_file(make_checkpoint(SMALL), legacy=True)), load_model, 20),
    "inspected weights": Kind(ours(), inspect_file, 20),
    "inspected zip": Kind(holds(torch_file(make_checkpoint(SMALL))), inspect_file, 20),
}


def test_there_are_five_hundred_cases() -> None:
    assert sum(kind.cases for kind in KINDS.values()) >= 500


def damaged(content: bytes, numbers: random.Random) -> bytes:
    """Return a file with some of it gone or wrong, mostly in its header."""
    data = bytearray(content)
    reach = min(len(data), numbers.choice([64, 400, len(data)]))
    place, length = numbers.randrange(reach), numbers.choice([1, 4, 8, 30])
    way = numbers.choice(["flip", "flip", "flip", "cut", "blank", "overwrite"])
    if way == "cut":
        return bytes(data[:place])
    if way == "flip":
        for _ in range(numbers.choice([1, 2, 8])):
            data[numbers.randrange(reach)] ^= 1 << numbers.randrange(8)
        return bytes(data)
    length = min(length, len(data) - place)
    data[place : place + length] = (b"\0" if way == "blank" else b"\xff") * length
    return bytes(data)


@pytest.mark.parametrize("name", KINDS)
def test_damage_is_used_or_told(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    path = tmp_path / "given"
    kind.make(path)
    file = sorted(path.iterdir())[0] if path.is_dir() else path
    whole = file.read_bytes()
    before = peak_megabytes()
    for seed in range(kind.cases):
        file.write_bytes(damaged(whole, random.Random(f"{name} {seed}")))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                kind.use(path)
        except AnimateError as error:
            require_line(error, file, f"{name}, seed {seed}")
        except Exception as error:
            error.add_note(f"{name}, seed {seed}")
            raise
    assert peak_megabytes() - before < MOST_MEGABYTES


def require_line(error: AnimateError, file: Path, case: str) -> None:
    assert str(file.parent) in str(error), case
    assert len(str(error).splitlines()) == 1, case


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_a_picture_that_claims_to_be_huge_is_refused_without_memory(tmp_path: Path) -> None:
    from tests.robustness.material import png_claiming

    path, before = tmp_path / "huge.png", peak_megabytes()
    png_claiming(100_000, 100_000)(path)
    for use in (read_picture, read_frames):
        with pytest.raises(AnimateError, match="too large"):
            use(path)
    assert peak_megabytes() - before < 100
    assert Image.MAX_IMAGE_PIXELS is not None
