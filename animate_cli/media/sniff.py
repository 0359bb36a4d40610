"""What a path holds, told from its contents and never from its ending."""

from enum import Enum, auto
from pathlib import Path

from PIL import Image

from animate_cli.errors import MediaError
from animate_cli.media.pillow import is_picture, opened

FEWEST_STACKED = 4
ANIMATIONS = frozenset({"GIF", "PNG", "WEBP"})


class Kind(Enum):
    """The kinds of media that can be read."""

    FOLDER = auto()
    PICTURE = auto()
    STACKED = auto()
    ANIMATION = auto()
    VIDEO = auto()


def sniff(path: Path) -> Kind:
    """Tell what kind of medium path is.

    Raises:
        MediaError: It is missing, empty, or may not be read.
    """
    if path.is_dir():
        return Kind.FOLDER
    require_contents(path)
    if not is_picture(path):
        return Kind.VIDEO
    with opened(path) as picture:
        return picture_kind(picture)


def require_contents(path: Path) -> None:
    """Raise MediaError unless path is a file with something in it that may be read."""
    try:
        if not path.exists():
            raise MediaError(f"{path}: there is no such file or folder")
        if not path.is_file():
            raise MediaError(f"{path}: not a file or folder; give a picture, a video or a folder of pictures")
        with path.open("rb") as file:
            if not file.read(1):
                raise MediaError(f"{path}: the file is empty; give a picture or a video")
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror})") from error


def picture_kind(picture: Image.Image) -> Kind:
    """Tell an animation and frames stacked side by side from a plain picture."""
    if getattr(picture, "is_animated", False) and picture.format in ANIMATIONS:
        return Kind.ANIMATION
    if getattr(picture, "is_animated", False) and picture.format == "AVIF":
        return Kind.VIDEO
    frames, rest = divmod(picture.width, picture.height)
    return Kind.STACKED if rest == 0 and frames >= FEWEST_STACKED else Kind.PICTURE
