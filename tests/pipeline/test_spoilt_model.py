"""A model spoilt on purpose: the keypoint whose weights were moved is named, and no other."""

from fractions import Fraction
from pathlib import Path

import pytest
import torch

from animate_cli.animator import Animator
from animate_cli.pipeline.job import Cut
from animate_cli.pipeline.visualize.job import VisualizeJob
from animate_cli.pipeline.visualize.report import name_of
from animate_cli.pipeline.visualize.run import run_job
from animate_cli.weights import load_model

EXAMPLES = Path(__file__).parents[2] / "examples"
SPOILT = "nose_tip"


class Silent:
    def note(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def begin(self, label: str, total: int | None) -> None: ...

    def advance(self) -> None: ...


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.0, -1.0], ids=["blind", "inverted"])
def test_spoilt_keypoint_is_named(factor: float, tmp_path: Path) -> None:
    loaded = load_model("toon-face")
    names = loaded.info.keypoint_names
    assert names is not None
    with torch.no_grad():
        loaded.model.detector.heatmap_head.weight[names.index(SPOILT)] *= factor
    animator = Animator(loaded.model, device="cpu", precision="fp32", info=loaded.info)
    job = VisualizeJob(tmp_path / "worst.png", (EXAMPLES / "driving.mp4",), cut=Cut(fps=Fraction(10)))
    (clip,) = run_job(job, [("spoilt", animator)], Silent())
    (seen,) = clip.seen
    worst = max(seen.diagnosis.keypoints, key=lambda health: health.share)
    assert name_of(seen, worst.index) == SPOILT
    others = [health.share for health in seen.diagnosis.keypoints if health.index != worst.index]
    assert worst.share > 0.1
    assert max(others) < worst.share / 2
