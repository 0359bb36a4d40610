"""One way out for every kind of moving picture."""

from abc import ABC, abstractmethod
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from animate_cli.errors import MediaError
from animate_cli.media.values import Pixels


class FrameWriter(ABC):
    """Takes frames one by one; the output appears when all are in, or not at all.

    In a with block, leaving normally finishes the output; any exception, Ctrl-C included, leaves what was
    there before untouched. num_frames: frames taken. warnings: sentences on what could not be kept.
    """

    def __init__(self, path: Path, width: int, height: int, fps: Fraction, *, alpha: bool) -> None:
        if fps <= 0:
            raise MediaError(f"{path}: a rate of {fps} frames a second is not possible; give one above 0")
        if min(width, height) < 1:
            raise ValueError(f"frames of {width}x{height} have no pixels")
        self.path, self.width, self.height, self.fps, self.alpha = path, width, height, fps, alpha
        self.num_frames = 0
        self.warnings: tuple[str, ...] = ()
        self.latest: Fraction | None = None
        self.ends = Fraction(0)
        self.done = False

    def write(self, image: Pixels, time: Fraction | None = None, duration: Fraction | None = None) -> None:
        """Add a frame.

        Args:
            image: uint8 [height, width, 3], or [height, width, 4] for a writer with alpha.
            time: Seconds, later than the frame before; None for one step of the rate after it.
            duration: Seconds that it stays if it is the last; None for one step of the rate.

        Raises:
            MediaError: Writing failed; nothing is left of the output.
            ValueError: The frame has another size, or its time is not later.
        """
        self.require_fit(image)
        if time is None:
            time = Fraction(0) if self.latest is None else self.latest + 1 / self.fps
        if self.latest is not None and time <= self.latest:
            raise ValueError(f"frame at {time} s does not follow the one at {self.latest} s")
        self.latest, self.ends = time, time + (duration or 1 / self.fps)
        self.add(image, time)
        self.num_frames += 1

    def require_fit(self, image: Pixels) -> None:
        """Raise ValueError unless image is what this writer was opened for."""
        wanted = (self.height, self.width, 4 if self.alpha else 3)
        if image.shape != wanted or image.dtype != "uint8":
            raise ValueError(f"frame is {image.dtype} {list(image.shape)}, not uint8 {list(wanted)}")

    def finish(self) -> None:
        """Complete the output and put it in place.

        Raises:
            MediaError: That failed, or no frame was written; nothing is left of the output.
        """
        if self.done:
            return
        try:
            if not self.num_frames:
                raise MediaError(f"{self.path}: there are no frames to write")
            self.complete()
        except BaseException:
            self.abort()
            raise
        self.done = True

    def abort(self) -> None:
        """Give up: nothing is left of the output, and what was there before stays."""
        if not self.done:
            self.done = True
            self.discard()

    @abstractmethod
    def add(self, image: Pixels, time: Fraction) -> None:
        """Take a frame that fits."""

    @abstractmethod
    def complete(self) -> None:
        """Finish the work and put the output in place."""

    @abstractmethod
    def discard(self) -> None:
        """Stop the work and remove what there is of it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.abort()
