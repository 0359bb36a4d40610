"""AED in both definitions, by hand."""

import numpy as np

from animate_cli.metrics.identity import Aed, AedPoseEvaluation
from tests.metrics.seen import observe


def test_norm_and_squares() -> None:
    embeddings = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 4.0], [1.0, np.nan]])
    seen = observe(identity=embeddings)
    assert np.nan_to_num(Aed().look(seen), nan=-1).tolist() == [5, -1]
    assert np.nan_to_num(AedPoseEvaluation().look(seen), nan=-1).tolist() == [25, -1]
    assert Aed().score(Aed().look(seen)).left_out == 1
