"""Find misplaced keypoints: what each problem means, and how bad it is; numpy in, numpy out.

Every measure gives an amount [T, K] in units of its own bound: 1 and above is a problem, NaN is not judged.
"""

from animate_cli.diagnosis.bounds import Bounds
from animate_cli.diagnosis.diagnose import PROBLEMS, Observation, diagnose
from animate_cli.diagnosis.health import Diagnosis, KeypointHealth

__all__ = ["PROBLEMS", "Bounds", "Diagnosis", "KeypointHealth", "Observation", "diagnose"]
