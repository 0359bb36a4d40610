"""The detectors that have a name, and the choice among them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from animate_cli.download import Listener
from animate_cli.faces.alignment import WEIGHTS, FaceAlignmentDetector
from animate_cli.faces.detector import Detection, Detector, Picture
from animate_cli.faces.lbp import LbpDetector


def _toon(device: str) -> Detector:
    from animate_cli.faces.toon import ToonDetector  # the others do without torch, which takes long to load

    return ToonDetector(device)


DETECTORS: Mapping[str, Callable[[str], Detector]] = {
    "face-alignment": FaceAlignmentDetector,
    "lbp": lambda device: LbpDetector(),
    "toon": _toon,
}
"""How each is made for a device."""

AUTO = "auto"

SHRUNK = 0.6
"""A face is expected to have at least this share of its side in the picture before."""


def open_detector(name: str, device: str = "cpu") -> Detector:
    """Make a detector ready; ``auto`` takes face-alignment where its weights are, else lbp.

    Raises:
        WeightsError: its weights are not here and cannot be downloaded.
    """
    detector = DETECTORS[choose_detector(name)](device)
    detector.prepare()
    return detector


class DrawnFaces:
    """The toon detector, where it is here; it needs torch and is opened when it is first asked."""

    name = "toon"

    def __init__(self, device: str = "cpu") -> None:
        self._device = device

    @cached_property
    def _detector(self) -> Detector | None:
        from animate_cli.faces.toon import has_toon_network

        return open_detector(self.name, self._device) if has_toon_network() else None

    def prepare(self) -> None:
        """See Detector."""
        _ = self._detector

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector."""
        return [] if self._detector is None else self._detector.detect(picture)


class FirstOf:
    """Detectors that are asked in turn until one finds a face."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self.detectors = detectors
        self.name = " or ".join(detector.name for detector in detectors)

    def prepare(self) -> None:
        """See Detector."""
        for detector in self.detectors:
            detector.prepare()

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector."""
        return next((found for one in self.detectors if (found := one.detect(picture))), [])


class Accustomed:
    """Finds the main faces of a clip's pictures quickly: it expects what it saw in the picture before.

    What found the faces last is asked first, and lbp only for faces that are not much smaller. Where that finds
    none, the picture is searched as if it were the first.
    """

    def __init__(self, detector: Detector) -> None:
        self._detectors = detector.detectors if isinstance(detector, FirstOf) else [detector]
        self.name = detector.name
        self._expecting: Detector | None = None

    def prepare(self) -> None:
        """See Detector."""

    def detect(self, picture: Picture) -> list[Detection]:
        """See Detector."""
        if self._expecting is not None and (found := self._expecting.detect(picture)):
            return found
        self._expecting = None
        for one in self._detectors:
            if found := one.detect(picture):
                self._expecting = _expecting(one, found)
                return found
        return []


def _expecting(detector: Detector, found: Sequence[Detection]) -> Detector:
    if not isinstance(detector, LbpDetector):
        return detector
    return LbpDetector(smallest=SHRUNK * max(one.box.side for one in found))


def open_for_drawings(device: str = "cpu") -> Detector:
    """Make ready what finds faces in photographs and, where it finds none, drawn ones.

    Raises:
        WeightsError: the weights of one are damaged.
    """
    from animate_cli.faces.toon import has_toon_network

    photographs = open_detector(AUTO, device)
    return FirstOf([photographs, open_detector("toon", device)]) if has_toon_network() else photographs


def choose_detector(name: str) -> str:
    """Return what ``auto`` takes, or the name itself."""
    if name != AUTO:
        return name
    return "face-alignment" if WEIGHTS.find() else "lbp"


def fetch_weights(name: str, listener: Listener) -> None:
    """Download what a detector needs, where it is not here.

    Raises:
        WeightsError: it cannot be had.
    """
    if name == FaceAlignmentDetector.name and WEIGHTS.find() is None:
        listener.note(f"downloading {WEIGHTS.name} ({WEIGHTS.megabytes} MB), once")
        WEIGHTS.fetch(listener)


def advise(name: str) -> str | None:
    """Say which detector ``auto`` took and how to get the better one, where there is a better one."""
    if name != AUTO or choose_detector(name) != "lbp":
        return None
    return (
        "finding faces with lbp, which sees frontal faces only; for turned ones, "
        "`animate crop --detector face-alignment` downloads a better detector once"
    )
