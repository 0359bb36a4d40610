"""Write the kept files of a family's test split."""

import sys

import numpy as np
from PIL import Image

from animate_cli.data.toon_tests import VERSION, plan_test_split
from tests.data.toons.frozen import COLUMNS, FOLDER, collect_parameters, draw_thumbnail, fingerprint

for family in sys.argv[1:]:
    plans = plan_test_split(family)
    table = np.stack([collect_parameters(plan) for plan in plans]).astype(np.float16)
    np.savez_compressed(FOLDER / f"{family}-{VERSION}.npz", parameters=table)
    pictures = [draw_thumbnail(plan) for plan in plans]
    rows = [np.concatenate(pictures[i : i + COLUMNS], axis=1) for i in range(0, len(pictures), COLUMNS)]
    Image.fromarray(np.concatenate(rows)).save(FOLDER / f"{family}-{VERSION}.png", optimize=True)
    print(family, fingerprint(table))  # noqa: T201
