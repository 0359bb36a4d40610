"""The files that both ways animate, and the part of the driving that is used."""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from animate_cli.bench.settings import BenchSettings
from animate_cli.data.sample_clip import write_sample_clip
from animate_cli.errors import MediaError
from animate_cli.media import FrameReader, open_reader
from animate_cli.motion_file import is_motion_file
from animate_cli.pipeline.checks import check_input
from animate_cli.pipeline.inputs import read_source
from animate_cli.pipeline.job import AnimateJob, Cut, Encoding, Listener


@dataclass(frozen=True)
class BenchClip:
    """A source, a driving, and which part of the driving is used.

    times: of the part's frames, in seconds. end: where the part ends, None at the driving's own end.
    """

    source: Path
    driving: Path
    times: tuple[Fraction, ...]
    end: Fraction | None = None

    @property
    def num_frames(self) -> int:
        """How many frames are animated."""
        return len(self.times)

    def open(self) -> FrameReader:
        """Open the driving's part."""
        return open_reader(self.driving, end=self.end)

    def job(self, out: Path) -> AnimateJob:
        """Return the main job as the plain loop does it: its own keypoints and shape, first frame as reference."""
        return AnimateJob(
            self.source,
            self.driving,
            out,
            reference=0,
            keypoints="model",
            cut=Cut(end=self.end),
            encoding=Encoding(audio=False),
            fit="stretch",
        )

    def first(self, count: int) -> "BenchClip":
        """Return the clip with at most ``count`` frames."""
        if count >= self.num_frames:
            return self
        return replace(self, times=self.times[:count], end=self.times[count])


def prepare_clip(
    settings: BenchSettings, size: tuple[int, int], folder: Path, listener: Listener
) -> BenchClip:
    """Find the files to animate, or draw into ``folder`` what is not given.

    Raises:
        MediaError: a given file cannot be read.
    """
    _check_given(settings)
    source, driving = settings.source, settings.driving
    if source is None or driving is None:
        drawn = write_sample_clip(folder, max(size), settings.frames if driving is None else 1)
        source, driving = source or drawn.source, driving or drawn.driving
    with open_reader(driving) as reader:
        times = tuple(frame.time for frame in islice(reader, settings.frames + 1))
        for warning in reader.warnings:
            listener.warn(warning)
    return BenchClip(source, driving, times).first(settings.frames)


def _check_given(settings: BenchSettings) -> None:
    """Read the source and open the driving, before anything that takes long."""
    if settings.source is not None:
        check_input(settings.source)
        read_source(settings.source)
    if settings.driving is not None:
        check_input(settings.driving)
        if is_motion_file(settings.driving):
            raise MediaError(
                f"{settings.driving}: is a saved motion; a measurement needs pictures, give a video"
            )
        open_reader(settings.driving).close()
