"""Spoil one keypoint of a model on purpose, to see that `animate visualize-keypoints` names it.

``python examples/spoil_keypoint.py nose_tip spoilt.safetensors`` turns the weights of that keypoint's heatmap over;
``--factor 0`` blinds it.
"""

import argparse
from pathlib import Path

import torch

from animate_cli.weights import load_model, save_weights


def main() -> None:
    """Write the spoilt weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keypoint", help="its name, or its number")
    parser.add_argument("output", type=Path)
    parser.add_argument("--weights", default="toon-face")
    parser.add_argument("--factor", type=float, default=-1.0, help="what its weights are multiplied by")
    options = parser.parse_args()
    loaded = load_model(options.weights)
    names = loaded.info.keypoint_names or ()
    index = names.index(options.keypoint) if options.keypoint in names else int(options.keypoint)
    with torch.no_grad():
        loaded.model.detector.heatmap_head.weight[index] *= options.factor
    save_weights(options.output, loaded.model, loaded.info)


if __name__ == "__main__":
    main()
