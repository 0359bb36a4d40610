"""Measure the diagnosis of misplaced keypoints on toons, and how fast keypoints are drawn.

``python examples/keypoint_figures.py --clips 24`` prints Markdown. A place counts as off the object when it is
farther from the true mask than the bound; the estimate sees only the pictures. Places that it leaves open count
as not found.
"""

import argparse
import time
from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from animate_cli.arrays import to_pictures
from animate_cli.data.toons.casting import random_identity
from animate_cli.data.toons.clips import random_motion
from animate_cli.data.toons.render import render
from animate_cli.data.toons.trees import tree_map
from animate_cli.diagnosis.object_mask import watch
from animate_cli.diagnosis.off_object import ObjectMask, measure_distance
from animate_cli.overlay import Picture, draw_points, draw_rings, draw_trails

SIDE, SECONDS, RATE = 160, 3, 12
HELD_OUT_SEED = 2_000_003
PLACES = 40
DRAWN_SIDE, DRAWN_KEYPOINTS, TRAIL = 512, 20, 15


class ToonClip(NamedTuple):
    """Pictures [T, H, W, 3], true masks [T, H, W], and whether the camera moves."""

    pictures: Picture
    masks: NDArray[np.bool_]
    camera_moves: bool


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--seed", type=int, default=HELD_OUT_SEED)
    parser.add_argument("--speed", action="store_true", help="only measure the drawing")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    if not options.speed:
        print("| camera | clips | precision | recall | left open |\n|---|---|---|---|---|")
        found: dict[bool, list[tuple[int, int, int, int, int]]] = {False: [], True: []}
        for number in range(options.clips):
            clip = draw_clip(options.seed + number)
            found[clip.camera_moves].append(count_places(clip))
        for moves, counts in found.items():
            print(summarise("moving" if moves else "still", counts))
    print(f"\ndrawing: {frames_a_second():.0f} frames a second of one core's time")


def draw_clip(seed: int) -> ToonClip:
    """Draw a character that no training run draws."""
    generator = torch.Generator().manual_seed(seed)
    who = random_identity(generator, 1)
    poses = random_motion(generator, 1, SECONDS * RATE, RATE)
    pictures, masks = [], []
    with torch.inference_mode():
        for index in range(SECONDS * RATE):
            frame = render(who, tree_map(lambda part, at=index: part[:, at], poses), SIDE)
            pictures.append(to_pictures(frame.image)[0])
            masks.append(frame.mask[0].numpy() > 0.5)
    return ToonClip(np.stack(pictures), np.stack(masks), bool(poses.camera.abs().max() > 0))


def count_places(clip: ToonClip) -> tuple[int, int, int, int, int]:
    """Judge a grid of places in every third frame: hits, false alarms, misses, left open, all."""
    places = np.stack(np.meshgrid(*[np.linspace(-1, 1, PLACES)] * 2), axis=-1).reshape(-1, 2)
    counts = np.zeros(5, dtype=int)
    for index, scene in enumerate(watch(clip.pictures, Fraction(RATE))):
        if index % 3:
            continue
        mask = clip.masks[index]
        truth = measure_distance(places, ObjectMask(mask, np.ones(mask.shape)))[0] >= 1
        amount = measure_distance(places, scene.found)[0]
        off = np.nan_to_num(amount) >= 1
        found = (off & truth, off & ~truth, ~off & truth, np.isnan(amount), np.ones_like(off))
        counts += [part.sum() for part in found]
    hits, false, missed, left_open, total = counts.tolist()
    return hits, false, missed, left_open, total


def summarise(name: str, counts: list[tuple[int, int, int, int, int]]) -> str:
    """Write a row of the table, over the places of all clips."""
    if not counts:
        return f"| {name} | 0 | | | |"
    hits, false, missed, left_open, total = np.sum(counts, axis=0).tolist()
    precision, recall = hits / max(hits + false, 1), hits / max(hits + missed, 1)
    return f"| {name} | {len(counts)} | {precision:.3f} | {recall:.3f} | {left_open / total:.1%} |"


def frames_a_second(frames: int = 200) -> float:
    """Draw the usual layers at 512x512: 20 keypoints with trails, two of them misplaced."""
    generator = np.random.default_rng(0)
    picture = generator.integers(0, 255, (DRAWN_SIDE, DRAWN_SIDE, 3), dtype=np.uint8)
    rest = generator.uniform(100, 400, (1, DRAWN_KEYPOINTS, 2))
    paths = rest + np.cumsum(generator.normal(0, 2, (frames + TRAIL, DRAWN_KEYPOINTS, 2)), axis=0)
    bad = np.arange(DRAWN_KEYPOINTS) < 2
    started = time.process_time()
    for index in range(frames):
        trails = paths[index : index + TRAIL + 1]
        draw_rings(draw_points(draw_trails(picture, trails), trails[-1]), trails[-1], bad)
    return frames / (time.process_time() - started)


if __name__ == "__main__":
    main()
