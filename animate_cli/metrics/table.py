"""The measures by name. To add one, write its class and give it a row here."""

from collections.abc import Mapping, Sequence
from typing import Literal

from animate_cli.metrics.expression import Blink, Gaze, Mouth
from animate_cli.metrics.fid import Fid
from animate_cli.metrics.identity import Aed, AedPoseEvaluation
from animate_cli.metrics.keypoints import KeypointsOff, KeypointsSpread
from animate_cli.metrics.landmarks import (
    Akd,
    AkdAboveFloor,
    AkdPoseEvaluation,
    DetectorFloor,
    Mkr,
    MkrPoseEvaluation,
    Stability,
)
from animate_cli.metrics.lpips import Lpips
from animate_cli.metrics.measure import Measure
from animate_cli.metrics.pixel import L1, Leak, ObjectPsnr, OtherPsnr, Psnr, Sharpness, Ssim
from animate_cli.metrics.restyling import Restyled

Protocol = Literal["paper", "pose-evaluation", "both"]

MEASURES: Mapping[str, type[Measure]] = {
    measure.name: measure
    for measure in (
        L1,
        Psnr,
        Ssim,
        Lpips,
        Akd,
        AkdPoseEvaluation,
        Mkr,
        MkrPoseEvaluation,
        Aed,
        AedPoseEvaluation,
        Fid,
        Stability,
        Leak,
        ObjectPsnr,
        Sharpness,
        DetectorFloor,
        AkdAboveFloor,
        Mouth,
        Blink,
        Gaze,
        KeypointsOff,
        KeypointsSpread,
        OtherPsnr,
        Restyled,
    )
}
"""In the order of the reports."""

ALL = "all"
"""Asks for every measure, those too that take long."""

SUFFIX = "_pose_evaluation"
"""Ends the names of what the published scripts compute."""


def choose_measures(names: Sequence[str] | None, protocol: Protocol) -> list[Measure]:
    """Make the measures with these names, or all that are not costly, in the arithmetic asked for.

    A name such as akd stands for its figure in each protocol that is asked for. All names are of the table, or
    the only one is ``all``.
    """
    wanted = [name for name, one in MEASURES.items() if not one.costly] if names is None else list(names)
    if wanted == [ALL]:
        wanted = list(MEASURES)
    chosen = {variant for name in wanted for variant in _variants(name, protocol)}
    return [MEASURES[name]() for name in MEASURES if name in chosen]


def _variants(name: str, protocol: Protocol) -> list[str]:
    """Return the names under which a measure is reported in a protocol."""
    base = name.removesuffix(SUFFIX)
    if base + SUFFIX not in MEASURES:
        return [name]
    return {"paper": [base], "pose-evaluation": [base + SUFFIX], "both": [base, base + SUFFIX]}[protocol]
