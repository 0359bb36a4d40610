"""Where the object is in a clip: a mask that was given, the toons' truth beside it, or an estimate."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Literal

from animate_cli.diagnosis.object_mask import Scene, watch
from animate_cli.diagnosis.off_object import given_mask
from animate_cli.errors import MediaError
from animate_cli.media import FrameReader, open_reader
from animate_cli.media.sniff import Kind, sniff
from animate_cli.pipeline.fitting import Picture
from animate_cli.pipeline.job import Cut

Origin = Literal["given", "truth", "estimated"]
ASPECT_SLACK = 0.03


@dataclass(frozen=True)
class MaskSource:
    """The file that holds a clip's masks, None where they are to be estimated."""

    origin: Origin
    path: Path | None = None


def find_masks(clip: Path, wanted: Path | None, *, alone: bool) -> MaskSource:
    """Choose where a clip's masks come from.

    Args:
        clip: the input.
        wanted: what --mask names: a file, or a folder with masks called like the inputs.
        alone: the clip is the only input, so that a file, or a folder of frames, can be its mask.

    Raises:
        MediaError: what --mask names does not hold this clip's mask.
    """
    if wanted is None:
        truth = clip.with_suffix(".mask.mp4")
        return MaskSource("truth", truth) if truth.is_file() else MaskSource("estimated")
    if not wanted.exists():
        raise MediaError(f"{wanted}: no such mask file or folder")
    if wanted.is_dir():
        named = [path for path in sorted(wanted.iterdir()) if _name(path) == clip.stem and path != clip]
        if named:
            return MaskSource("given", named[0])
    if wanted.is_file() and not alone:
        raise MediaError(f"{wanted}: is one mask for several inputs; give a folder with masks of their names")
    if wanted.is_dir() and not alone:
        raise MediaError(f"{wanted}: holds no mask called {clip.stem} (such as {clip.stem}.mask.mp4 or .png)")
    return MaskSource("given", wanted)


def _name(path: Path) -> str:
    return path.stem.removesuffix(".mask") if path.is_file() else ""


def scenes(reader: FrameReader, masks: MaskSource, cut: Cut) -> Iterator[Scene]:
    """Yield where the object is in every frame of a clip, and whether the camera stands still.

    Raises:
        MediaError: the masks do not fit the clip.
    """
    pictures = (frame.image for frame in reader)
    if masks.path is None:
        yield from watch(pictures, reader.info.fps)
        return
    camera = watch(pictures, reader.info.fps)
    given = _given(masks.path, cut)
    for index, scene in enumerate(camera):
        mask = next(given, None)
        if mask is None:
            raise MediaError(f"{masks.path}: has {index} frames, fewer than {reader.path}")
        _check_aspect(mask, reader, masks.path)
        yield Scene(given_mask(mask), scene.camera_still)


def _given(path: Path, cut: Cut) -> Iterator[Picture]:
    """Yield the masks' pictures; a single one holds for every frame."""
    if sniff(path) is Kind.PICTURE:
        with open_reader(path) as reader:
            return repeat(next(iter(reader)).image)
    masks = open_reader(path, start=cut.start, end=cut.end, fps=cut.fps)
    return chain(frame.image for frame in masks)


def _check_aspect(mask: Picture, reader: FrameReader, path: Path) -> None:
    height, width = mask.shape[:2]
    info = reader.info
    if abs(height * info.width / (width * info.height) - 1) > ASPECT_SLACK:
        raise MediaError(
            f"{path}: is {width}x{height}, another shape than {reader.path} ({info.width}x{info.height})"
        )
