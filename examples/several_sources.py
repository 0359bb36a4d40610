"""Measure what more pictures of the source bring: ``python examples/several_sources.py --clips 40``.

Over the first clips of a family's frozen test split: PSNR of the frames between, from the clip's first frame alone
and from the first with the last, with 95 % intervals of the gain (bootstrap over clips), overall and on the hard
subsets.
"""

import argparse
from collections import defaultdict
from fractions import Fraction

import numpy as np
import torch

from animate_cli.animator import Animator
from animate_cli.arrays import Picture
from animate_cli.data.toon_clips import draw_clip
from animate_cli.data.toon_tests import find_subsets, plan_test_split
from animate_cli.data.toons.families import FAMILIES
from animate_cli.metrics.statistics import compare
from animate_cli.motion import MotionOptions

STRIDE = 4


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="toon-face")
    parser.add_argument("--family", choices=FAMILIES, default="toon-face")
    parser.add_argument("--clips", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    animator = Animator.from_weights(options.weights, device="cpu", precision="fp32")
    scores: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for plan in plan_test_split(options.family)[: options.clips]:
        frames = draw_clip(plan).images
        pair = psnr(animator, frames, []), psnr(animator, frames, [frames[-1]])
        named = [name for name, belongs in find_subsets(plan)._asdict().items() if belongs]
        for name in ("all", *named):
            scores[name].append(pair)
    print("| clips | number | one source, dB | two, dB | gain |\n|---|---|---|---|---|")
    for name, pairs in scores.items():
        one, two = np.array(pairs).T
        counted = np.stack([two - one, np.ones(len(pairs))], -1)[None]
        gained = compare(counted, lambda sums: sums[..., 0] / sums[..., 1]).figures[0]
        gain = f"{gained.mean:+.2f} [{gained.low:.2f}, {gained.high:.2f}]"
        print(f"| {name} | {len(pairs)} | {one.mean():.2f} | {two.mean():.2f} | {gain} |")


def psnr(animator: Animator, frames: Picture, also: list[Picture]) -> float:
    """Return the mean PSNR of every fourth frame between the first and the last, made from the first."""
    wanted = frames[STRIDE : len(frames) - 1 : STRIDE]
    source = animator.set_source(frames[0], also=[(other, other) for other in also])
    timed = ((motion, Fraction(index)) for index, motion in enumerate(animator.detect(wanted)))
    made = [one.image for one in animator.animate(source, timed, options=MotionOptions(relative=False))]
    errors = ((np.stack(made) / 255.0 - wanted / 255.0) ** 2).mean((1, 2, 3))
    return float((-10 * np.log10(errors)).mean())


if __name__ == "__main__":
    main()
