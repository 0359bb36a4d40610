"""Videos and animated PNG, encoded by ffmpeg frame by frame."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from animate_cli.errors import MediaError
from animate_cli.files import explain
from animate_cli.media.feed import INPUT, KEEP_TIMES, Feed
from animate_cli.media.formats import TAG_BT709, TO_BT709, Codec, codec_for, container_for
from animate_cli.media.process import Ffmpeg
from animate_cli.media.sound import Sound, find_sound, seconds, sound_input, sound_output
from animate_cli.media.values import AudioSource, Pixels
from animate_cli.media.writer import FrameWriter
from animate_cli.temporary import real_place, remove, temporary_beside


class VideoWriter(FrameWriter):
    """Writes one file through ffmpeg.

    The pictures are encoded as they come. A second, quick run then adds the sound, whose length is only known
    at the end; it reads the pictures through its pipe too, and so ends when we do. Sizes that a codec needs
    even grow by repeating the last row or column.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        fps: Fraction,
        *,
        alpha: bool,
        audio: AudioSource | None,
        crf: int | None,
        codec: str | None,
        fast: bool = False,
    ) -> None:
        super().__init__(path, width, height, fps, alpha=alpha)
        self.container = container_for(path)
        self.codec = codec_for(path, codec, alpha=alpha)
        self.quality = quality_options(path, self.codec, crf) + list(self.codec.fast if fast else ())
        self.sound = find_sound(audio) if audio and self.container.sound else None
        self.padding = (height % 2, width % 2) if self.codec.even else (0, 0)
        self.draft = temporary_beside(path, path.suffix)
        self.whole = temporary_beside(path, path.suffix)
        self.run = self.encode()
        self.feed = Feed(self.run, width + self.padding[1], height + self.padding[0], fps, alpha=alpha)

    def encode(self) -> Ffmpeg:
        """Start the encoding of pictures from the pipe."""
        pixel_format = self.codec.alpha_format if self.alpha else self.codec.pixel_format
        assert pixel_format is not None  # noqa: S101
        form = f"format={pixel_format}"
        filters = [TO_BT709, form, TAG_BT709] if self.codec.yuv else [form]
        return Ffmpeg(
            [
                *INPUT,
                *("-vf", ",".join(filters)),
                *("-c:v", self.codec.encoder, *self.codec.options, *self.quality),
                *KEEP_TIMES,
                *self.output(self.draft),
            ]
        )

    def output(self, path: Path) -> list[str]:
        """Return ffmpeg's options that end with the file to write."""
        return ["-f", self.container.muxer, *self.container.options, f"file:{path}"]

    def add(self, image: Pixels, time: Fraction) -> None:
        """See FrameWriter."""
        if any(self.padding):
            bottom, right = self.padding
            image = np.pad(image, ((0, bottom), (0, right), (0, 0)), mode="edge")
        self.feed.send(image, time)
        if self.run.deaf:
            self.complete_encoding()

    def complete_encoding(self) -> None:
        """Wait for the pictures' file, and raise MediaError where there is none."""
        self.feed.close()
        self.run_to_end()

    def run_to_end(self) -> None:
        """Wait for ffmpeg, and raise MediaError with the output's name where it failed."""
        try:
            self.run.wait()
        except MediaError as error:
            raise MediaError(f"{self.path}: {error}") from error

    def complete(self) -> None:
        """See FrameWriter."""
        self.complete_encoding()
        if self.draft_is_whole():
            self.put_in_place(self.draft)
            return
        self.assemble()
        self.put_in_place(self.whole)
        remove(self.draft)

    def put_in_place(self, complete: Path) -> None:
        """Give the complete file its name."""
        try:
            complete.replace(real_place(self.path))
        except OSError as error:
            raise MediaError(f"{self.path}: cannot be written ({explain(error)})") from error

    def draft_is_whole(self) -> bool:
        """Tell whether the pictures' file needs neither sound nor another length of its last frame."""
        return self.sound is None and not self.holds_last_frame()

    def holds_last_frame(self) -> bool:
        """Tell whether the last frame's time is other than one step of the rate, and can be written."""
        assert self.latest is not None  # noqa: S101
        return bool(self.container.sound) and self.ends - self.latest != 1 / self.fps

    def assemble(self) -> None:
        """Put pictures and sound together; where the sound is damaged, keep the pictures and say so."""
        try:
            self.run_assembly(self.sound)
        except MediaError as error:
            if self.run.was_stopped or self.sound is None:
                raise MediaError(f"{self.path}: {error}") from error
            self.warnings += (
                f"{self.sound.path}: the sound could not be used ({error}); wrote the pictures alone",
            )
            self.run_assembly(None)

    def run_assembly(self, sound: Sound | None) -> None:
        """Copy the pictures into a new file, with the sound where there is one."""
        pictures = ["-i", "pipe:0"]
        source = sound_input(sound, self.container, self.ends) if sound else []
        taken = sound_output(sound, self.container, self.ends) if sound else []
        copied = ["-map", "0:v:0", "-c:v", "copy", *self.last_frame_options()]
        self.run = Ffmpeg([*pictures, *source, *copied, *taken, *self.output(self.whole)])
        self.run.read(self.draft)
        self.run.wait()

    def last_frame_options(self) -> list[str]:
        """Return ffmpeg's options that let the last frame stay as long as it was given."""
        if not self.holds_last_frame():
            return []
        assert self.latest is not None  # noqa: S101
        stay = seconds(self.ends - self.latest)
        return ["-bsf:v", f"setts=duration='if(eq(N,{self.num_frames - 1}),{stay}/TB,DURATION)'"]

    def discard(self) -> None:
        """See FrameWriter."""
        self.run.kill()
        self.feed.close()
        remove(self.draft)
        remove(self.whole)


def quality_options(path: Path, codec: Codec, crf: int | None) -> list[str]:
    """Return ffmpeg's option for a quality, lower is better; the codec's own where crf is None."""
    if codec.crf is None:
        if crf is not None:
            raise MediaError(
                f"{path}: {path.suffix} with this codec has no quality to choose; leave --crf out"
            )
        return []
    if crf is not None and crf > codec.worst_crf:
        raise MediaError(
            f"{path}: --crf {crf} is beyond this codec's worst quality; use 0 to {codec.worst_crf}"
        )
    return ["-crf", str(codec.crf if crf is None else crf)]
