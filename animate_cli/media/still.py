"""One picture into a file, whole or not at all."""

from pathlib import Path

from PIL import Image

from animate_cli.errors import MediaError
from animate_cli.files import explain
from animate_cli.media.check import check_output
from animate_cli.media.flatten import flatten
from animate_cli.media.formats import STILLS
from animate_cli.media.values import Pixels
from animate_cli.temporary import real_place, remove, temporary_beside

OPTIONS: dict[str, dict[str, object]] = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"quality": 95}}
WITHOUT_ALPHA = frozenset({"JPEG", "BMP"})


def write_image(path: Path | str, image: Pixels) -> None:
    """Write image, uint8 [H, W, 3] or [H, W, 4], in the format that path's ending names.

    Formats without transparency get a white background.

    Raises:
        MediaError: The ending is unknown, or the file cannot be written.
    """
    path = Path(path)
    check_output(path, still=True)
    kind = STILLS[path.suffix.lower()]
    picture = Image.fromarray(flatten(image) if kind in WITHOUT_ALPHA else image)
    draft = temporary_beside(path, path.suffix)
    try:
        picture.save(draft, format=kind, **OPTIONS.get(kind, {}))
        draft.replace(real_place(path))
    except OSError as error:
        raise MediaError(f"{path}: cannot be written ({explain(error)})") from error
    finally:
        remove(draft)
