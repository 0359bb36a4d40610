"""The faces of drivings: each driving is looked through once, whoever asks."""

from functools import cached_property
from pathlib import Path

from animate_cli.faces.detector import Detector
from animate_cli.faces.detectors import AUTO, open_detector, open_for_drawings
from animate_cli.faces.follow import SEARCHES_A_SECOND
from animate_cli.faces.tracking import Track
from animate_cli.media import FrameReader
from animate_cli.pipeline.early import Early
from animate_cli.pipeline.face_search import FOR_ONE_BOX, find_tracks
from animate_cli.pipeline.job import Listener


class DrivingFaces:
    """Finds and follows faces with the detector that `auto` chooses.

    drawn: faces may be drawings. closely: a face's box is wanted in every frame, rather than one for all of them.
    early: the faces of the first driving asked for, where they are being looked for already.
    """

    def __init__(
        self,
        device: str,
        listener: Listener,
        *,
        drawn: bool,
        closely: bool,
        early: Early[list[Track]] | None = None,
    ) -> None:
        self._device, self._listener, self._drawn = device, listener, drawn
        self._early = early
        self._searches = SEARCHES_A_SECOND if closely else FOR_ONE_BOX
        self._followed: dict[Path, list[Track]] = {}
        if closely:
            self.forgo_early()

    @cached_property
    def detector(self) -> Detector:
        """What finds the faces."""
        return open_for_drawings(self._device) if self._drawn else open_detector(AUTO, self._device)

    def forgo_early(self) -> None:
        """End an early search whose result was not asked for: it takes time, and reads the driving as others do."""
        early, self._early = self._early, None
        if early is not None:
            early.cancel()

    def follow(self, reader: FrameReader, path: Path) -> list[Track]:
        """Return the faces of a driving, the one that is seen largest and longest first.

        Raises:
            MediaError: the driving cannot be read.
        """
        if path not in self._followed:
            self._followed[path] = sorted(self._look_through(reader, path), key=lambda track: -track.presence)
        return self._followed[path]

    def _look_through(self, reader: FrameReader, path: Path) -> list[Track]:
        self._listener.begin(f"Finding the face in {path.name}", reader.info.num_frames)
        early, self._early = self._early, None
        if early is not None:
            return early.result()
        return find_tracks(reader, self.detector, self._searches, self._listener.advance)
