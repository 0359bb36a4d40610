"""Find the faces of a driving, if need be while the model is still being loaded."""

from collections.abc import Callable, Iterator
from contextlib import closing

from animate_cli.catalogue import MODELS
from animate_cli.faces.detector import Detector, Picture
from animate_cli.faces.detectors import AUTO, Accustomed, DrawnFaces, FirstOf, choose_detector, open_detector
from animate_cli.faces.follow import follow_faces, glance_at_faces
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameReader
from animate_cli.motion_file import MotionClip
from animate_cli.pipeline.early import Early
from animate_cli.pipeline.job import AnimateJob
from animate_cli.pipeline.stages import ahead

FOR_ONE_BOX = 1
"""Searches a second for the one box of a driving, which needs no more."""

WAITING = 50_000_000
"""Bytes of pictures that are decoded before the detector is ready for them, at most."""

LIGHT_DETECTOR = "lbp"
"""The detector that needs no torch, and lets other threads run while it searches."""


def find_tracks(
    reader: FrameReader,
    detector: Detector,
    searches: float = FOR_ONE_BOX,
    advance: Callable[[], None] = lambda: None,
) -> list[Track]:
    """Find and follow the faces of a driving, looking for them ``searches`` times a second.

    Raises:
        MediaError: it cannot be read.
    """
    fps = reader.info.fps
    step = max(1, round(fps / searches))
    if searches == FOR_ONE_BOX:
        waiting = max(1, WAITING // (3 * reader.info.width * reader.info.height))
        with closing(ahead(_every(step, reader, advance), capacity=waiting)) as pictures:
            return glance_at_faces(pictures, Accustomed(detector), step)
    with closing(ahead(frame.image for frame in reader)) as pictures:
        return follow_faces(pictures, detector, fps, every=step, advance=advance)


def _every(step: int, reader: FrameReader, advance: Callable[[], None]) -> Iterator[Picture]:
    """Yield every n-th picture, from the first; `advance` is called for each."""
    for picture in reader.glimpses(step):
        if picture is not None:
            yield picture
        advance()


def search_early(
    job: AnimateJob, driving: FrameReader | MotionClip, weights: str
) -> Early[list[Track]] | None:
    """Begin to look for the driving's faces where it is certain that they will be asked for.

    That is with named weights for faces, a job that may crop, and the detector that loads fast.
    """
    if job.crop == "off" or isinstance(driving, MotionClip) or choose_detector(AUTO) != LIGHT_DETECTOR:
        return None
    entry = next((one for one in MODELS if one.name == weights and one.domain == "face"), None)
    if entry is None:
        return None
    drawn = entry.style == "toon"
    return Early(lambda stop: find_tracks(driving, _open_light(drawn=drawn), advance=stop.check))


def _open_light(*, drawn: bool) -> Detector:
    """Open what `auto` takes here; the detector of drawings, which needs torch, waits until it is asked."""
    light = open_detector(LIGHT_DETECTOR)
    return FirstOf([light, DrawnFaces()]) if drawn else light
