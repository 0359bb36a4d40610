"""Measure how faces are framed in the toons that weights are trained on: what a preset's ``framing`` says.

``python examples/measure_framing.py --toons 512`` prints the lines for a preset. Boxes are those of
``animate crop --detector toon`` around the true landmarks; figures are medians.
"""

import argparse

import numpy as np
import torch

from animate_cli.data.toons.pairs import ToonPairs
from animate_cli.data.toons.values import LANDMARK_NAMES
from animate_cli.faces.toon import OUTLINE, face_box

BATCH, SIDE, HELD_OUT_SEED = 16, 64, 3_000_003


def main() -> None:
    """Print the median share and place, and how they vary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toons", type=int, default=512)
    options = parser.parse_args()
    torch.set_num_threads(1)
    framings = np.concatenate([measure(number) for number in range(options.toons // BATCH)])
    share, x, y = np.median(framings, axis=0)
    print(f"framing: {{share: {share:.2f}, x: {x:.2f}, y: {y:.2f}}}")
    low, high = np.quantile(framings, (0.1, 0.9), axis=0)
    for name, least, most in zip(("share", "x", "y"), low, high, strict=True):
        print(f"# {name}: {least:.2f} to {most:.2f} in four of five")


def measure(number: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    """Return share, x and y [B, 3] of the faces of a batch's sources, in fractions of the picture."""
    batch = ToonPairs(SIDE, BATCH, HELD_OUT_SEED).batch(number)
    outline = [LANDMARK_NAMES.index(name) for name in OUTLINE]
    places = (batch.source_landmarks[:, outline].double().numpy() + 1) / 2
    boxes = [face_box(row) for row in places]
    return np.array([(box.side, *box.centre) for box in boxes])


if __name__ == "__main__":
    main()
