"""Measure weights on toons that no training run draws, and draw a strip of what they make.

``python examples/toon_figures.py --weights toon-face --pairs 64 --strip strip.png`` prints a Markdown table.
"""

import argparse
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from animate_cli.arrays import to_pictures
from animate_cli.data.pairs import PairBatch
from animate_cli.data.toon_stream import ToonStream
from animate_cli.data.toons.families import FAMILIES
from animate_cli.media import write_image
from animate_cli.presets import load_config
from animate_cli.training.reconstruct import reconstruct
from animate_cli.weights import LoadedModel, load_model

HELD_OUT_SEED = 1_000_003
BATCH = 8
PATHS = {"same character drives": 0.0, "another character drives": 1.0}


def main() -> None:
    """Print the table and write the strip."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default="toon-face")
    parser.add_argument("--family", choices=FAMILIES, default="toon-face")
    parser.add_argument("--pairs", type=int, default=64)
    parser.add_argument("--strip", type=Path)
    options = parser.parse_args()
    loaded = load_model(options.weights)
    print(f"{options.pairs} pairs of new characters, {loaded.model.config.size[0]} px, float32\n")
    print("| | L1 | PSNR (dB) | L1 of copying the source | keypoints off by (px) |\n|---|---|---|---|---|")
    for name, cross in PATHS.items():
        found = measure(loaded, stream(loaded, options.family, cross), options.pairs)
        print(
            f"| {name} | {found['l1']:.4f} | {found['psnr']:.2f} | {found['copy']:.4f} | {found['off']:.1f} |"
        )
    if options.strip:
        batch = stream(loaded, options.family, 1.0).batch(0, loaded.model.config.size)
        write_image(options.strip, draw_strip(loaded, batch))


def stream(loaded: LoadedModel, family: str, cross: float) -> ToonStream:
    """Open held-out toons, their pictures unchanged, with the landmarks that the keypoints follow."""
    names = loaded.info.keypoint_names or ()
    config = replace(
        load_config(family).data, cross_identity=cross, photometric=0.0, keypoint_landmarks=names
    )
    return ToonStream(config, BATCH, HELD_OUT_SEED)


@torch.inference_mode()
def measure(loaded: LoadedModel, toons: ToonStream, pairs: int) -> dict[str, float]:
    """Average L1, PSNR and the keypoints' distance from visible landmarks over pairs."""
    sums: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(pairs // BATCH):
        batch = toons.batch(number, loaded.model.config.size)
        outcome = reconstruct(loaded.model, batch)
        error = outcome.prediction.image - batch.target
        sums["l1"] += each(error.abs()).tolist()
        sums["psnr"] += (-10 * each(error.square()).log10()).tolist()
        sums["copy"] += each((batch.source - batch.target).abs()).tolist()
        sums["off"].append(keypoint_error(outcome.driving.value, batch))
    return {name: float(np.mean(values)) for name, values in sums.items()}


def each(values: Tensor) -> Tensor:
    """Average over all but the batch."""
    return values.flatten(1).mean(1)


def keypoint_error(found: Tensor, batch: PairBatch) -> float:
    """Return the mean distance in pixels between keypoints and visible landmarks of the driving frames."""
    landmarks = batch.truth.driving
    if landmarks is None or not landmarks.value.numel():
        return float("nan")
    pixels = (found - landmarks.value).norm(dim=-1) * batch.driving.shape[-1] / 2
    return float(pixels[landmarks.visibility == 1].mean())


@torch.inference_mode()
def draw_strip(loaded: LoadedModel, batch: PairBatch) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """Draw columns of source, driving, result, truth."""
    result = reconstruct(loaded.model, batch).prediction.image
    columns = (batch.source, batch.driving, result, batch.target)
    rows = torch.cat([torch.cat(list(images), dim=-1) for images in columns], dim=1)
    return to_pictures(rows[None])[0]


if __name__ == "__main__":
    main()
