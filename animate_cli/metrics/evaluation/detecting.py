"""The detectors of an evaluation: those given by path, and those that are found here.

To add a detector that comes with the package, give `open_detectors` a case.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from animate_cli.catalogue import cache_folder
from animate_cli.data.toons.families import FAMILIES
from animate_cli.errors import ConfigError, DataError, MediaError, WeightsError
from animate_cli.faces.landmarks import FILES, FaceLandmarks, missing_networks
from animate_cli.faces.weights_files import WeightsFile, hub_folder
from animate_cli.metrics.detectors import DetectorFacts, Detectors, EmbeddingDetector, LandmarkDetector
from animate_cli.metrics.evaluation.clips import Clip, DataSet
from animate_cli.metrics.evaluation.contenders import Contender, ModelContender
from animate_cli.metrics.lpips import Lpips, missing_backbone
from animate_cli.metrics.measure import Measure, Need
from animate_cli.metrics.network_detector import load_detector, open_network
from animate_cli.metrics.network_spec import NetworkSpec, read_spec
from animate_cli.metrics.toon_detectors import ToonIdentity, ToonLandmarks
from animate_cli.metrics.values import Landmarks, Picture
from animate_cli.toon_networks import NetworkKind
from animate_cli.toon_networks import network_path as shipped_network

INCEPTION = NetworkSpec(
    kind="features",
    network="inception-2015-12-05.pt",
    size=None,
    name="Inception (2015-12-05)",
    range=(0.0, 255.0),
    options={"return_features": True},
)
"""The TorchScript copy of the network that FID is defined by; it resizes pictures itself, as FID wants it."""


@dataclass(frozen=True)
class FaceAlignment:
    """face-alignment as a landmark detector."""

    finder: FaceLandmarks

    @cached_property
    def facts(self) -> DetectorFacts:
        """See LandmarkDetector."""
        return DetectorFacts(self.finder.name, "landmarks", self.finder.sha256, names=self.finder.names)

    def find(self, pictures: Picture) -> Landmarks:
        """See LandmarkDetector."""
        return Landmarks(*self.finder.find(pictures), self.finder.names)


def open_detectors(
    given: Sequence[Path],
    needs: frozenset[Need],
    data_set: DataSet,
    contenders: Sequence[Contender],
    device: torch.device,
) -> Detectors:
    """Load the detectors given by path, and for needs that these do not meet those that are found here.

    Raises:
        ConfigError: a YAML is wrong, or two are of one kind.
        WeightsError: a network cannot be loaded.
    """
    chosen = {}
    for path in given:
        detector = load_detector(path, device)
        if detector.facts.kind in chosen:
            raise ConfigError(f"{path}: --detector was given for {detector.facts.kind} before; one is enough")
        chosen[detector.facts.kind] = detector
    if "features" in needs - chosen.keys() and inception_path().is_file():
        chosen["features"] = open_network(INCEPTION, inception_path(), device)
    wanted, family = needs - chosen.keys(), family_of(data_set)
    landmarks: LandmarkDetector | None = chosen.get("landmarks")
    identity: EmbeddingDetector | None = chosen.get("identity")
    if "landmarks" in wanted:
        landmarks = face_landmarks(contenders, device) if family is None else toon_landmarks(family, device)
    if "identity" in wanted and family in shipped("identity"):
        identity = ToonIdentity(family, device)
    return Detectors(landmarks, identity, chosen.get("features"))


def missing_files(
    measures: Sequence[Measure], given: Sequence[Path], data_set: DataSet, contenders: Sequence[Contender]
) -> list[WeightsFile]:
    """List the published files that measures would look through, and that can be downloaded.

    Raises:
        ConfigError: the YAML of a given detector cannot be read or is wrong.
    """
    files = missing_backbone() if any(isinstance(one, Lpips) for one in measures) else []
    described = any(read_spec(path).kind == "landmarks" for path in given)
    wanted = any("landmarks" in one.needs for one in measures)
    if wanted and not described and family_of(data_set) is None and show_faces(contenders):
        files += missing_networks()
    return files


def family_of(data_set: DataSet) -> str | None:
    """Return the family of toons that clips show, as the names of their true landmarks tell."""
    if "marks" not in data_set.offers:
        return None
    names = next(filter(None, map(names_of_marks, data_set.clips())), ())
    return next((name for name, family in FAMILIES.items() if names == family.landmarks), None)


def names_of_marks(clip: Clip) -> tuple[str, ...]:
    """Return what a clip's true landmarks are called; nothing where it cannot be read."""
    try:
        return next((frame.marks.names for frame in clip.frames() if frame.marks), ())
    except (MediaError, DataError):
        return ()


def shipped(kind: NetworkKind) -> list[str]:
    """List the families whose network of a kind is here."""
    families = []
    for family in FAMILIES:
        with suppress(WeightsError):
            shipped_network(family, kind)
            families.append(family)
    return families


def toon_landmarks(family: str, device: torch.device) -> ToonLandmarks | None:
    """Return the landmark network of a family, if it is here."""
    return ToonLandmarks(family, device) if family in shipped("landmarks") else None


def inception_path() -> Path:
    """Return where FID's network is looked for: torch's hub cache."""
    return hub_folder() / INCEPTION.network


def face_landmarks(contenders: Sequence[Contender], device: torch.device) -> FaceAlignment | None:
    """Return face-alignment, unless the models are of something else or its networks are not here."""
    if missing_networks() or not show_faces(contenders):
        return None
    return FaceAlignment(FaceLandmarks(str(device)))


def show_faces(contenders: Sequence[Contender]) -> bool:
    """Whether all models, if there are any, may be of faces."""
    domains = {one.animator.info.domain for one in contenders if isinstance(one, ModelContender)}
    return domains <= {"face", "any"}


def advise_landmarks(family: str | None) -> str:
    """Say how landmarks can be had where there is no detector, for a family of toons or for anything else."""
    if family is not None:
        return (
            f"{family}-landmarks.safetensors in {cache_folder()}; `python examples/train_toon_networks.py "
            f"{family}` makes it, and the network of identities"
        )
    urls = " and ".join(f"{file.url} ({file.megabytes} MB)" for file in FILES)
    places = " or ".join(str(place.parent) for place in FILES[0].places)
    return f"for faces, {urls} in {places} (--download brings them); for others --detector FILE.yaml"
