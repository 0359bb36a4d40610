"""Measure what remembering painted frames brings: ``python examples/memory_between_frames.py --clips 30``.

Over the first clips of a family's frozen test split, each made from its first frame: without memory, and with
memories of what was painted before, whose changes stand with 95 % intervals (bootstrap over clips). Flicker is the
mean second difference over three frames along the true motion, on the toon where its first frame does not show it,
in levels of 255.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
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
from animate_cli.model.grid import Sampling, resize, sample
from animate_cli.model.motion_model import EncodedSource, MovingModel
from animate_cli.model.values import Keypoints

MEASURED = ("stability", "psnr", "sharpness", "mouth", "blink", "gaze")
FLICKER = "flicker"
CARRIED = 0.8
"""Most that is kept of the last frame's paint."""

BATCH = 4
"""Frames that are looked at together."""

Parts = dict[str, Numbers]
Paint = Callable[[MovingModel, EncodedSource, Keypoints], Iterator[Tensor]]


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
    parser.add_argument("--clips", type=int, default=30)
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    torch.set_num_threads(1)
    animator = Animator.from_weights(options.weights, device="cpu", precision=options.precision)
    looker = ToonLandmarks(options.family, torch.device("cpu"))
    rows: dict[str, list[Parts]] = {name: [] for name in MEMORIES}
    of_truth = []
    for plan in plan_test_split(options.family)[: options.clips]:
        clip = draw(plan)
        for name, paint in MEMORIES.items():
            rows[name].append(measure(clip, perform(animator.model, clip, paint), looker))
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
        for one, other in zip(times.split(BATCH), others.split(BATCH), strict=True)
    ]
    places, visible = zip(*found, strict=True)
    return torch.cat(places), torch.cat(visible)


@torch.inference_mode()
def perform(model: MovingModel, clip: Clip, paint: Paint) -> Picture:
    """Make a clip from its first frame, uint8 [T, H, W, 3]."""
    images = to_images(clip.truth.images)
    found = zip(*(model.detect(part) for part in images.split(BATCH)), strict=True)
    keypoints = Keypoints(*map(torch.cat, found))
    return to_pictures(torch.cat(list(paint(model, model.encode(images[:1]), keypoints))))


def as_source(
    model: MovingModel, source: EncodedSource, keypoints: Keypoints, every: int = 1
) -> Iterator[Tensor]:
    """Paint frames [1, 3, H, W], the last of every few of them being one more source; never, where it is 0."""
    memory: list[EncodedSource] = []
    for time, now in enumerate(each(keypoints)):
        image = model.predict(source, now, memory).image
        yield image
        if every and time % every == 0:
            memory = [model.encode(image)._replace(keypoints=now)]


def as_paint(model: MovingModel, source: EncodedSource, keypoints: Keypoints) -> Iterator[Tensor]:
    """Paint frames [1, 3, H, W], mixing what no source shows with the last frame where it shows the place."""
    image, before = source.image, source.keypoints
    for time, now in enumerate(each(keypoints)):
        made = model.predict(source, now)
        motion = model.motion(model.downscale(image), before, now)
        kept, shown = (
            resize(coarse.float(), *image.shape[-2:]).square()
            for coarse in (made.motion.occlusions[0], motion.occlusions[0])
        )
        share = CARRIED * (1 - kept) * shown if time else torch.zeros_like(shown)
        image = torch.lerp(made.image, carry(image, motion.deformation, model.sampling), share)
        before = now
        yield image


MEMORIES: dict[str, Paint] = {
    "none": partial(as_source, every=0),
    "the last frame, as a source": as_source,
    "every sixth frame, as a source": partial(as_source, every=6),
    "the last frame's paint": as_paint,
}


def each(keypoints: Keypoints) -> Iterator[Keypoints]:
    """Split keypoints [T, K] into those of each frame, [1, K]."""
    yield from map(Keypoints, *(part.split(1) for part in keypoints))


def carry(image: Tensor, deformation: Tensor, sampling: Sampling) -> Tensor:
    """Warp an image [1, 3, H, W] by bicubic splines, which blur less than lines when it is done again and again."""
    places = sampling.resize_deformation(deformation, *image.shape[-2:])
    return F.grid_sample(image, places, mode="bicubic", align_corners=sampling.align_corners).clamp(0, 1)


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
    for name in (MEASURED[0], FLICKER, *MEASURED[1:]):
        parts = np.array([[scores[name] for scores in clips] for clips in rows.values()])
        compared = compare(parts, mean if name == FLICKER else MEASURES[name]().combine)
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
