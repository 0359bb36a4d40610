"""The detectors of an evaluation: those given by path, and those that are found here.

To add a detector that comes with the package, give `open_detectors` a case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from animate_cli.errors import ConfigError
from animate_cli.faces.landmarks import FILES, FaceLandmarks, missing_networks
from animate_cli.faces.weights_files import hub_folder
from animate_cli.metrics.detectors import DetectorFacts, Detectors, LandmarkDetector
from animate_cli.metrics.evaluation.clips import DataSet
from animate_cli.metrics.evaluation.contenders import Contender, ModelContender
from animate_cli.metrics.evaluation.toons import ToonClips
from animate_cli.metrics.measure import Need
from animate_cli.metrics.network_detector import load_detector, open_network
from animate_cli.metrics.network_spec import NetworkSpec
from animate_cli.metrics.values import Landmarks, Picture

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
        return DetectorFacts(self.finder.name, "landmarks", self.finder.sha256)

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
    landmarks: LandmarkDetector | None = chosen.get("landmarks")
    if "landmarks" in needs - chosen.keys() and not isinstance(data_set, ToonClips):
        landmarks = face_landmarks(contenders, device)
    return Detectors(landmarks, chosen.get("identity"), chosen.get("features"))


def inception_path() -> Path:
    """Return where FID's network is looked for: torch's hub cache."""
    return hub_folder() / INCEPTION.network


def face_landmarks(contenders: Sequence[Contender], device: torch.device) -> FaceAlignment | None:
    """Return face-alignment, unless the models are of something else or its networks are not here."""
    domains = {one.animator.info.domain for one in contenders if isinstance(one, ModelContender)}
    if missing_networks() or not domains <= {"face", "any"}:
        return None
    return FaceAlignment(FaceLandmarks(str(device)))


def advise_landmarks(data_set: DataSet) -> str:
    """Say how landmarks can be had for a data set."""
    if isinstance(data_set, ToonClips):
        return "--detector FILE.yaml"
    urls = " and ".join(file.url for file in FILES)
    return f"for faces, {urls} in {hub_folder()}; for others --detector FILE.yaml"
