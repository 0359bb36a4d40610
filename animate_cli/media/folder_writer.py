"""A folder of numbered PNG frames."""

from fractions import Fraction
from pathlib import Path

from PIL import Image

from animate_cli.errors import MediaError
from animate_cli.files import real_place
from animate_cli.media.temporary import remove, temporary_beside
from animate_cli.media.values import Pixels
from animate_cli.media.writer import FrameWriter

NAME = "{:06d}.png"
FRAME_FILES = "[0-9]" * 6 + ".png"
FAST_COMPRESSION = 3


class FolderWriter(FrameWriter):
    """Writes 000000.png, 000001.png, ... into a folder that appears when all are written.

    In a folder that was there before, frames of that naming are replaced and other files stay.
    """

    def __init__(self, path: Path, width: int, height: int, fps: Fraction, *, alpha: bool) -> None:
        super().__init__(path, width, height, fps, alpha=alpha)
        self.draft = temporary_beside(path, "")
        try:
            self.draft.mkdir()
        except OSError as error:
            raise MediaError(f"{path}: cannot be made ({error.strerror})") from error

    def add(self, image: Pixels, time: Fraction) -> None:
        """See FrameWriter."""
        try:
            target = self.draft / NAME.format(self.num_frames)
            Image.fromarray(image).save(target, compress_level=FAST_COMPRESSION)
        except OSError as error:
            raise MediaError(f"{self.path}: cannot be written ({error.strerror or error})") from error

    def complete(self) -> None:
        """See FrameWriter."""
        try:
            if not self.path.exists():
                self.draft.rename(real_place(self.path))
                return
            for old in self.path.glob(FRAME_FILES):
                old.unlink()
            for new in self.draft.iterdir():
                new.replace(self.path / new.name)
            self.draft.rmdir()
        except OSError as error:
            raise MediaError(f"{self.path}: cannot be written ({error.strerror})") from error

    def discard(self) -> None:
        """See FrameWriter."""
        remove(self.draft)
