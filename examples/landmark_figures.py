"""Compare results driven by a face's 68 landmarks with those driven by the weights' own keypoints.

``python examples/landmark_figures.py --clips 20`` prints Markdown: PSNR over the first clips of toon-face's frozen
test split, whose true landmarks are made into the 68. The reference is each clip's first frame. ``--part follow``
tells instead how far the network's jacobians follow the head's rotation and size, on toons that it was trained on.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.animator import Animator
from animate_cli.arrays import Picture
from animate_cli.data.toon_clips import (
    ClipPlan,
    ClipTruth,
    cast_clip,
    draw_clip,
    draw_frames,
    plan_clips,
    to_truth,
)
from animate_cli.data.toon_tests import FPS, NUM_CLIPS, SIZE, plan_test_split
from animate_cli.data.toons.sixty_eight import to_68
from animate_cli.faces.named_keypoints import fit_head, is_known, name_keypoints, similarity, turn_and_size
from animate_cli.motion import Motion

Matrices = NDArray[np.float64]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="toon-face")
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--skip", type=int, default=0, help="clips left out at the split's beginning")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--part", choices=["psnr", "follow"], default="psnr")
    options = parser.parse_args()
    torch.set_num_threads(1)
    animator = Animator.from_weights(options.weights, device="cpu")
    if options.part == "follow":
        print_following(animator, options.clips, options.frames)
    else:
        print_psnr(animator, options.skip, options.clips, options.frames)


def print_psnr(animator: Animator, skip: int, clips: int, frames: int) -> None:
    """Print the PSNR of results by the network's own keypoints and by landmarks."""
    scores: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for plan in plan_test_split("toon-face")[skip:][:clips]:
        plan = replace(plan, num_frames=frames)
        for driver, truth, driving in cases(plan):
            scores[driver].append(compare(animator, truth, driving))
    print(
        "| driven by | own keypoints, dB | landmarks, dB | difference | worst clip |\n|---|---|---|---|---|"
    )
    for driver, pairs in scores.items():
        own, landmarks = np.mean(pairs, axis=0)
        worst = min(after - before for before, after in pairs)
        print(f"| {driver} | {own:.2f} | {landmarks:.2f} | {landmarks - own:+.2f} | {worst:+.2f} |")


def print_following(animator: Animator, clips: int, frames: int) -> None:
    """Print the share of a head's rotation, and of its size's logarithm, that the network's jacobians follow."""
    changes = []
    for plan in plan_clips(
        "toon-face", identities=clips, clips=1, num_frames=frames, fps=FPS, size=SIZE, seed=3, split="train"
    ):
        clip = draw_clip(plan)
        found = np.stack([motion.jacobian for motion in animator.detect(clip.images)]).astype(float)
        known = [is_known(name) for name in animator.info.keypoint_names or ()]
        network = change(found[:, known])
        head = similarity(*turn_and_size(fit_head(to_68(to_model(clip)))))
        changes.append((change(head[:, None]), network))
    for index, what in enumerate(("rotation", "size's logarithm")):
        pairs = [(head[index], network[index].mean(1, keepdims=True)) for head, network in changes]
        heads, networks = (np.concatenate(some) for some in zip(*pairs, strict=True))
        print(f"{what}: {(heads * networks).sum() / np.square(heads).sum():.2f}")


def change(jacobians: Matrices) -> tuple[Matrices, Matrices]:
    """Return how jacobians [T, K, 2, 2] turn, in radians, and grow since the first frame, both [T, K]."""
    since = jacobians @ np.linalg.inv(jacobians[:1])
    turn = np.arctan2(since[..., 1, 0] - since[..., 0, 1], since[..., 0, 0] + since[..., 1, 1])
    return turn, np.log(np.maximum(np.linalg.det(since), 1e-3)) / 2


def to_model(clip: ClipTruth) -> Matrices:
    """Return a clip's landmarks in the model's coordinates, [T, L, 2]."""
    return clip.points.astype(float) / (clip.images.shape[1] - 1) * 2 - 1


def cases(plan: ClipPlan) -> Iterator[tuple[str, ClipTruth, ClipTruth]]:
    """Yield who drives, the clip, and the driver's clip in the same poses."""
    truth = draw_clip(plan)
    yield "the same toon", truth, truth
    other, _ = cast_clip(replace(plan, identity=(plan.identity + 1) % NUM_CLIPS))
    yield "another toon", truth, to_truth(draw_frames(plan, other, cast_clip(plan)[1]))


def compare(animator: Animator, truth: ClipTruth, driving: ClipTruth) -> tuple[float, float]:
    """Return the PSNR of the result by the network's own keypoints, and by the landmarks."""
    found = list(animator.detect(driving.images))
    named = name_keypoints(to_68(to_model(driving)), found, animator.info.keypoint_names or ())
    own, by_landmarks = (
        psnr(animate(animator, truth.images[0], motions), truth.images) for motions in (found, named)
    )
    return own, by_landmarks


def animate(animator: Animator, source: Picture, motions: Sequence[Motion]) -> Picture:
    """Return the pictures [T, H, W, 3] of a source that follows motions."""
    timed = ((motion, Fraction(index, 10)) for index, motion in enumerate(motions))
    return np.stack([one.image for one in animator.animate(animator.set_source(source), timed, motions[0])])


def psnr(result: Picture, truth: Picture) -> float:
    """Return the mean over the frames after the first, in dB."""
    errors = np.square((result[1:].astype(float) - truth[1:]) / 255).mean((1, 2, 3))
    return float((-10 * np.log10(errors)).mean())


if __name__ == "__main__":
    main()
