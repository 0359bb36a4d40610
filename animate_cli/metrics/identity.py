"""Measures of identity: how far apart embeddings of truth and result lie, in both published definitions."""

from typing import ClassVar

import numpy as np

from animate_cli.metrics.measure import Measure, Need
from animate_cli.metrics.values import Numbers, Observation


class Aed(Measure):
    """Mean L2 norm of the difference of identity embeddings; frames where nobody is found are left out."""

    name, title = "aed", "AED"
    needs: ClassVar[frozenset[Need]] = frozenset({"identity"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        length: Numbers = np.linalg.norm(difference(seen), axis=1)
        return length


class AedPoseEvaluation(Measure):
    """The published scripts' figure: the sum of the squared differences of the embeddings."""

    name, title = "aed_pose_evaluation", "AED (pose-evaluation)"
    needs: ClassVar[frozenset[Need]] = frozenset({"identity"})

    def look(self, seen: Observation) -> Numbers:
        """See Measure."""
        total: Numbers = np.square(difference(seen)).sum(1)
        return total


def difference(seen: Observation) -> Numbers:
    """Subtract the embeddings [B, D]; a row is NaN where nobody was found in truth or result."""
    assert seen.identity is not None, "a measure that needs embeddings was given none"  # noqa: S101
    truth, result = seen.identity
    return truth - result
