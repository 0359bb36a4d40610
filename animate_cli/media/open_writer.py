"""The writer that an output's name asks for."""

from fractions import Fraction
from pathlib import Path

from animate_cli.media.check import check_output, is_folder_output
from animate_cli.media.folder_writer import FolderWriter
from animate_cli.media.gif_writer import GifWriter
from animate_cli.media.values import AudioSource
from animate_cli.media.video_writer import VideoWriter
from animate_cli.media.writer import FrameWriter
from animate_cli.temporary import real_place, remove_stale


def open_writer(
    path: Path | str,
    *,
    width: int,
    height: int,
    fps: Fraction,
    alpha: bool = False,
    audio: AudioSource | None = None,
    crf: int | None = None,
    codec: str | None = None,
    overwrite: bool = False,
    fast: bool = False,
) -> FrameWriter:
    """Open an output by its ending: .mp4, .mov, .mkv, .webm, .gif, .png (animated), or none for a folder.

    Args:
        path: The file or folder; an existing file is replaced when the new one is complete, a link followed.
        width: Pixels of the frames that will come.
        height: Likewise.
        fps: Frames a second; frames with times of their own keep those.
        alpha: Frames are RGBA and transparency is kept (.png, .webm, .mov, .mkv, in GIF on or off).
        audio: The sound to put beside the frames, where the format has sound.
        crf: The codec's quality, lower is better.
        codec: h264, hevc, av1, vp9, prores or ffv1, where the format takes it.
        overwrite: A folder that holds something may be written to.
        fast: Rather a larger file than a slow codec, where there is the choice.

    Raises:
        MediaError: The output cannot be written, known before any work.
    """
    path = Path(path)
    check_output(path, overwrite=overwrite)
    remove_stale(real_place(path).parent)
    if is_folder_output(path):
        return FolderWriter(path, width, height, fps, alpha=alpha)
    if path.suffix.lower() == ".gif":
        return GifWriter(path, width, height, fps, alpha=alpha, audio=audio, crf=crf, codec=codec)
    return VideoWriter(path, width, height, fps, alpha=alpha, audio=audio, crf=crf, codec=codec, fast=fast)
