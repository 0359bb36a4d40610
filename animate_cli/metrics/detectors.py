"""What measures look through: detectors of landmarks, of identity, and of features, behind one protocol each."""

from dataclasses import dataclass
from typing import Literal, Protocol

from animate_cli.metrics.values import Landmarks, Numbers, Picture

Kind = Literal["landmarks", "identity", "features"]


@dataclass(frozen=True)
class DetectorFacts:
    """What stands beside every figure that a detector made.

    sha256: of the weights, as hexadecimal digits. floor: its own error on true pictures in pixels at 256, where
    it is known. names: of its landmarks, where they have some. note: what else its figures should be read with.
    """

    name: str
    kind: Kind
    sha256: str
    floor: float | None = None
    names: tuple[str, ...] = ()
    note: str = ""


class LandmarkDetector(Protocol):
    """Finds landmarks."""

    @property
    def facts(self) -> DetectorFacts:
        """What stands beside its figures."""

    def find(self, pictures: Picture) -> Landmarks:
        """Find landmarks [N, L] in pictures uint8 [N, H, W, 3] RGB; those not found are not present."""


class EmbeddingDetector(Protocol):
    """Tells identities apart, or gives features of whole pictures."""

    @property
    def facts(self) -> DetectorFacts:
        """What stands beside its figures."""

    def embed(self, pictures: Picture) -> Numbers:
        """Return embeddings [N, D] of pictures uint8 [N, H, W, 3] RGB; a row is NaN where nobody was found."""


@dataclass(frozen=True)
class Detectors:
    """The detectors of a run; None where there is none of a kind."""

    landmarks: LandmarkDetector | None = None
    identity: EmbeddingDetector | None = None
    features: EmbeddingDetector | None = None

    def facts(self) -> list[DetectorFacts]:
        """List what is known of each."""
        chosen = (self.landmarks, self.identity, self.features)
        return [detector.facts for detector in chosen if detector is not None]
