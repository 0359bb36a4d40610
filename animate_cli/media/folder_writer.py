"""A folder of numbered PNG frames."""

import os
from fractions import Fraction
from pathlib import Path

from PIL import Image

from animate_cli.errors import MediaError
from animate_cli.files import explain
from animate_cli.media.values import Pixels
from animate_cli.media.writer import FrameWriter
from animate_cli.temporary import real_place, remove, temporary_beside

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
            raise MediaError(f"{path}: cannot be made ({explain(error)})") from error

    def add(self, image: Pixels, time: Fraction) -> None:
        """See FrameWriter."""
        try:
            target = self.draft / NAME.format(self.num_frames)
            Image.fromarray(image).save(target, compress_level=FAST_COMPRESSION)
        except OSError as error:
            raise MediaError(f"{self.path}: cannot be written ({explain(error)})") from error

    def complete(self) -> None:
        """See FrameWriter."""
        try:
            if not self.becomes_the_folder():
                self.replace_frames()
        except OSError as error:
            raise MediaError(f"{self.path}: cannot be written ({explain(error)})") from error

    def becomes_the_folder(self) -> bool:
        """Give the complete folder its name; False where one that holds something, or a link, has it."""
        if self.path.exists() and (self.path.is_symlink() or any(self.path.iterdir())):
            return False
        if os.name == "nt" and self.path.exists():
            self.path.rmdir()
        self.draft.rename(real_place(self.path))
        return True

    def replace_frames(self) -> None:
        """Put the frames over those in the folder and only then remove older ones that are left."""
        names = {new.name for new in self.draft.iterdir()}
        for name in sorted(names):
            (self.draft / name).replace(self.path / name)
        for old in self.path.glob(FRAME_FILES):
            if old.name not in names:
                old.unlink()
        self.draft.rmdir()

    def discard(self) -> None:
        """See FrameWriter."""
        remove(self.draft)
