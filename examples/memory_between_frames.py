"""Measure what remembering painted frames brings: ``python examples/memory_between_frames.py``.

Over clips of a family's frozen test split (30 to 59 by default), each made from its first frame: without memory and
with memories of what was painted before, whose changes stand with 95 % intervals (bootstrap over clips). Flicker is
the mean second difference over three frames along the true motion, on the toon where its first frame does not show
it, in levels of 255.
"""

import argparse
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from animate_cli.animator import Animator
from animate_cli.arrays import to_pictures
from animate_cli.data.toon_clips import ClipPlan, ClipTruth, cast_clip, draw_frames, to_truth
from animate_cli.data.toon_tests import plan_test_split
from animate_cli.data.toons.families import FAMILIES, Family
from animate_cli.data.toons.trees import take
from animate_cli.metrics.measure import divide
from animate_cli.metrics.statistics import compare
from animate_cli.metrics.table import MEASURES
from animate_cli.metrics.toon_detectors import ToonLandmarks
from animate_cli.metrics.values import Landmarks, Numbers, Observation, Pair, Picture
from animate_cli.model.grid import sample
from animate_cli.model.motion_model import EncodedSource
from animate_cli.motion import MotionOptions

MEASURED = ("stability", "psnr", "l1", "akd", "sharpness", "mouth", "blink", "gaze")
FLICKER = "flicker"
TIME = "milliseconds of the processor's a frame, finding keypoints included"
BATCH = 4
"""Frames whose motion is found together."""

Parts = dict[str, Numbers]


class Clip(NamedTuple):
    """A clip, the true motion from each inner frame to those beside it, and the places that count for flicker.

    before, after: [T - 2, H, W, 2], (x, y) in [-1, 1]. counted: [T - 2, H, W] bool, on the toon, not visible in the
    first frame, and visible before and after.
    """

    family: str
    truth: ClipTruth
    before: Tensor
    after: Tensor
    counted: Tensor


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="toon-face")
    parser.add_argument("--family", choices=FAMILIES, default="toon-face")
    parser.add_argument("--first", type=int, default=30, help="number of the first clip")
    parser.add_argument("--clips", type=int, default=30)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    torch.set_num_threads(1)
    animator = Animator.from_weights(options.weights, device="cpu", precision=options.precision)
    looker = ToonLandmarks(options.family, torch.device("cpu"))
    rows: dict[str, list[Parts]] = {name: [] for name in MEMORIES}
    of_truth = []
    for plan in plan_test_split(options.family)[options.first :][: options.clips]:
        clip = draw(plan)
        for name, paint in MEMORIES.items():
            start = process_time()
            made = paint(animator, clip.truth.images)
            spent = {TIME: np.array([1000 * (process_time() - start), len(made)])}
            rows[name].append(measure(clip, made, looker) | spent)
        of_truth.append(flicker(to_images(clip.truth.images), clip))
    show(rows)
    print(f"flicker of the true pictures: {mean(np.sum(of_truth, axis=0)):.2f}")


def draw(plan: ClipPlan) -> Clip:
    """Draw a clip with its true motion."""
    family, inner = FAMILIES[plan.family], torch.arange(1, plan.num_frames - 1)
    who, poses = cast_clip(plan)
    truth = to_truth(draw_frames(plan, who, poses))
    follow = partial(true_motion, family, who, poses, plan.size, inner)
    before, seen_before = follow(inner - 1)
    after, seen_after = follow(inner + 1)
    _, seen_first = follow(torch.zeros_like(inner))
    on_toon = torch.from_numpy(truth.masks[1:-1, ..., 0] > 127)
    return Clip(plan.family, truth, before, after, on_toon & seen_before & seen_after & ~seen_first)


def true_motion(
    family: Family[Any, Any],
    who: Any,  # noqa: ANN401 - of any family
    poses: Any,  # noqa: ANN401
    size: int,
    times: Tensor,
    others: Tensor,
) -> tuple[Tensor, Tensor]:
    """Find where every place of frames [N] is in other frames [N], and whether it is visible there."""
    found = [
        family.true_motion(take(who, one), take(poses, one), take(poses, other), size)
        for one, other in zip(torch.split(times, BATCH), torch.split(others, BATCH), strict=True)
    ]
    places, visible = zip(*found, strict=True)
    return torch.cat(places), torch.cat(visible)


def animate(animator: Animator, frames: Picture, steady: float) -> Picture:
    """Make a clip from its first frame as `animate --steady` does, uint8 [T, H, W, 3]."""
    timed = ((motion, Fraction(index)) for index, motion in enumerate(animator.detect(frames)))
    source, options = animator.set_source(frames[0]), MotionOptions(relative=False, steady=steady)
    return np.stack([one.image for one in animator.animate(source, timed, options=options)])


@torch.inference_mode()
def as_source(animator: Animator, frames: Picture, every: int) -> Picture:
    """Make a clip from its first frame, the last of every few results being one more source."""
    model, images = animator.model, to_images(frames)
    source, made = model.encode(images[:1]), []
    memory: list[EncodedSource] = []
    for index in range(len(images)):
        keypoints = model.detect(images[index : index + 1])
        made.append(model.predict(source, keypoints, memory).image)
        if index % every == 0:
            memory = [model.encode(made[-1])._replace(keypoints=keypoints)]
    return to_pictures(torch.cat(made))


MEMORIES: dict[str, Callable[[Animator, Picture], Picture]] = {
    "none": partial(animate, steady=0.0),
    "the last frame as a source": partial(as_source, every=1),
    "every sixth as a source": partial(as_source, every=6),
    "`--steady 0.8`": partial(animate, steady=0.8),
}


def measure(clip: Clip, made: Picture, looker: ToonLandmarks) -> Parts:
    """Score what was made of a clip, by name."""
    truth, result = to_images(clip.truth.images), to_images(made)
    marks = Landmarks(
        clip.truth.points.astype(np.float64), clip.truth.visible, FAMILIES[clip.family].landmarks
    )
    found = looker.find(clip.truth.images)
    masks = torch.from_numpy(clip.truth.masks[..., 0] > 127)
    seen = Observation(
        truth, result, truth[:1], masks, found=Pair(found, looker.find(made)), marks=marks.matched(found)
    )
    measures = ((name, MEASURES[name]()) for name in MEASURED)
    return {name: one.score(one.look(seen)).parts for name, one in measures} | {
        FLICKER: flicker(result, clip)
    }


def flicker(images: Tensor, clip: Clip) -> Numbers:
    """Sum the second differences of images [T, 3, H, W] along the true motion; also count the places."""
    before, after = (
        sample(neighbours, places, align_corners=True)
        for neighbours, places in ((images[:-2], clip.before), (images[2:], clip.after))
    )
    change = 255 * (before - 2 * images[1:-1] + after).abs().mean(1)
    return np.array([float(change[clip.counted].sum()), float(clip.counted.sum())])


def show(rows: dict[str, list[Parts]]) -> None:
    """Print a table: a line for each measure, a column for each memory with its change."""
    print("| measure |", " | ".join(rows), "|\n" + "|---" * (len(rows) + 1) + "|")
    for name in (MEASURED[0], FLICKER, *MEASURED[1:], TIME):
        parts = np.array([[scores[name] for scores in clips] for clips in rows.values()])
        compared = compare(parts, MEASURES[name]().combine if name in MEASURES else mean)
        cells = [f"{compared.figures[0].mean:.3f}"]
        for figure, change in list(zip(compared.figures, compared.changes, strict=True))[1:]:
            cells.append(f"{figure.mean:.3f} ({change.mean:+.1f} % [{change.low:+.1f}, {change.high:+.1f}])")
        print("|", name, "|", " | ".join(cells), "|")


def mean(parts: Numbers) -> Numbers:
    """Turn summed parts [..., 2] into a mean."""
    return divide(parts[..., 0], parts[..., 1])


def to_images(pictures: Picture) -> Tensor:
    """Turn pictures uint8 [T, H, W, 3] into images [T, 3, H, W] in [0, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


if __name__ == "__main__":
    main()
