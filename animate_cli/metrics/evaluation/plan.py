"""Which measures can be taken here, and what the others are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from animate_cli.errors import WeightsError
from animate_cli.metrics.detectors import Detectors
from animate_cli.metrics.evaluation.clips import DataSet
from animate_cli.metrics.evaluation.contenders import Contender
from animate_cli.metrics.measure import Measure, Need

NEEDS: dict[Need, str] = {
    "landmarks": "a detector of landmarks",
    "identity": "an identity network: --detector FILE.yaml",
    "features": "a network of features: Inception as inception-2015-12-05.pt (TorchScript) in torch's hub cache, "
    "or --detector FILE.yaml",
    "mask": "the object's masks: NAME.mask.mp4 beside every clip",
    "marks": "true landmarks: NAME.landmarks.npz beside every clip",
    "keypoints": "a model's keypoints, which finished videos do not have",
    "other": "clips that another identity drives: toons",
    "restyled": "a model that can be driven again, not finished videos",
}
"""What each need asks the user for."""


@dataclass(frozen=True)
class Missing:
    """A measure that is not taken, and what it needs."""

    name: str
    needs: str


@dataclass(frozen=True)
class Plan:
    """What is measured, through what, and where."""

    measures: tuple[Measure, ...]
    missing: tuple[Missing, ...]
    detectors: Detectors
    device: torch.device
    batch_size: int

    @property
    def needs(self) -> frozenset[Need]:
        """All that the measures ask for."""
        return frozenset(need for measure in self.measures for need in measure.needs)

    @property
    def setting(self) -> str:
        """All that scores depend on beside clip and contender."""
        names = [measure.title for measure in self.measures]
        return f"{names} {self.detectors.facts()}"


def make_plan(
    measures: Sequence[Measure],
    data_set: DataSet,
    contenders: Sequence[Contender],
    detectors: Detectors,
    device: torch.device,
    batch_size: int,
    landmarks_advice: str = "--detector FILE.yaml",
) -> Plan:
    """Choose the measures whose needs are met; the same for all contenders.

    Args:
        measures: those asked for.
        data_set: whose offers count.
        contenders: likewise; all of them must offer what a measure needs.
        detectors: those at hand.
        device: where pixels are compared.
        batch_size: frames at once.
        landmarks_advice: how a detector of landmarks is had here.
    """
    offered = set(data_set.offers & {"mask", "marks"})
    of_contenders = frozenset.intersection(*(contender.offers for contender in contenders))
    offered |= of_contenders & {"keypoints", "restyled"} | of_contenders & data_set.offers & {"other"}
    offered |= {facts.kind for facts in detectors.facts()}
    chosen, missing = [], []
    for measure in measures:
        lacks = [need for need in NEEDS if need in measure.needs and need not in offered]
        words = [
            f"{NEEDS[need]}: {landmarks_advice}" if need == "landmarks" else NEEDS[need] for need in lacks
        ]
        if not lacks:
            words = _lacking_names(measure, detectors) or _prepare(measure, device)
        if words:
            missing.append(Missing(measure.name, "; ".join(words)))
        else:
            chosen.append(measure)
    return Plan(tuple(chosen), tuple(missing), detectors, device, batch_size)


def _lacking_names(measure: Measure, detectors: Detectors) -> list[str]:
    """Say which landmarks a measure reads that the detector does not call so."""
    known = () if detectors.landmarks is None else detectors.landmarks.facts.names
    lacking = sorted(measure.named.difference(known))
    return [f"a detector whose landmarks are named, {', '.join(lacking)} among them"] if lacking else []


def _prepare(measure: Measure, device: torch.device) -> list[str]:
    try:
        measure.prepare(device)
    except WeightsError as error:
        return [str(error)]
    return []
